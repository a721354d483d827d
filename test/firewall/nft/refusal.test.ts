import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Finished } from '../../../src/firewall/nft/executor.ts'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { memoryFirewall } from '../../../src/firewall/memory.ts'
import { knownTablesInMemory } from '../../../src/firewall/nft/known-tables.ts'
import { nftFirewall } from '../../../src/firewall/nft/nft.ts'
import { diffRulesets } from '../../../src/policy/ruleset-change.ts'
import type { InstanceRuleset, Ruleset } from '../../../src/policy/ruleset.ts'
import { delegate } from './delegate.ts'
import { TestNetwork, whatIsMissing } from './network.ts'
import { allow, EVERYTHING, instanceOn } from './shop.ts'

const missing = whatIsMissing()

const EMPTY: Ruleset = { instances: new Map(), remotes: new Map() }

/** What nft is given, changed on the way, so that the real nft or kernel refuses it. Errors quote what was meant. */
type Spoil = (text: string) => string

describe.skipIf(missing !== undefined)(`what nft refuses is told by its object ${missing ?? ''}`, () => {
  let network: TestNetwork
  let firewall: Firewall
  let spoil: Spoil
  let pretend: ((finished: Finished) => Finished) | undefined
  beforeAll(async () => {
    network = await TestNetwork.open()
    await network.add('shop')
  })
  afterAll(() => network.close())
  beforeEach(() => {
    network.sh('shop', 'nft flush ruleset')
    spoil = (text) => text
    pretend = undefined
    const real = network.executor()
    const executor = delegate(real, {
      run: async (netns, command, input) => {
        if (input === undefined) return real.run(netns, command)
        const finished = await real.run(netns, command, spoil(input))
        return pretend?.(finished) ?? finished
      },
    })
    firewall = nftFirewall({
      record: memoryFirewall(),
      tables: knownTablesInMemory(),
      executor,
      now: () => new Date('2026-01-02T03:04:05Z'),
    })
  })

  const https = allow({ protocol: 'TCP', ports: ['443'], sources: ['web/https'] })
  const fromClients = allow({
    protocol: 'TCP',
    ports: ['80'],
    remote: { securityGroup: 'clients' },
    sources: ['web/clients'],
  })
  const fromOffice = allow({ remote: { addressGroup: 'office' }, sources: ['web/office'] })
  const web = (name: 'a' | 'b'): InstanceRuleset =>
    instanceOn(name, { ingress: [https, fromClients, fromOffice], egress: [EVERYTHING] })
  const WORLD: Ruleset = {
    instances: new Map([web('a'), web('b')].map((one) => [one.instance, one])),
    remotes: new Map([
      ['SecurityGroup/shop/clients', ['10.0.1.10/32', '10.0.1.11/32']],
      ['AddressGroup/shop/office', ['203.0.113.0/24', '198.51.100.0/24']],
    ]),
  }
  const refusal = async (world = WORLD): Promise<string> => {
    try {
      await firewall.apply(diffRulesets(EMPTY, world))
    } catch (error) {
      if (error instanceof Error) return error.message
    }
    return 'nothing was refused'
  }

  test.each<[string, Spoil, RegExp]>([
    [
      'a rule that nft cannot read',
      (text) => text.replaceAll('dport 443', 'dport 70000'),
      /^nft refuses the rules for rule web\/https of Instance shop\/a and 1 more in network namespace shop: .+\(add rule inet palisade i_.+ tcp dport 443 /,
    ],
    [
      'a rule that the kernel refuses, since a chain that it names is not there',
      (text) => text.replaceAll(/(?<=dport 443 counter )goto commit/g, 'goto nowhere'),
      /^nft refuses the rules for rule web\/https of Instance shop\/a and 1 more .*: Could not process rule: No such file/,
    ],
    [
      'the implicit rule',
      (text) => text.replaceAll('goto revoke comment "profile', 'goto nowhere comment "profile'),
      /^nft refuses the rules for rule profile:standard\/implicit of Instance shop\/a and 1 more /,
    ],
    [
      'an address of an instance, of many in one command',
      (text) => text.replaceAll('10.0.1.11 . 02:00:00:00:00:0b', '10.0.1. . 02:00:00:00:00:0b'),
      /^nft refuses the rules for Instance shop\/b in network namespace shop: .*\("palb" \. 10\.0\.1\.11 \. 02:00:00:00:00:0b\)$/,
    ],
    [
      "the way to an instance's rules",
      (text) => text.replaceAll(/("palb" : jump )i_/g, '$1nowhere_'),
      /^nft refuses the rules for Instance shop\/b in network namespace shop: Could not process rule: No such file/,
    ],
    [
      'a member of a group',
      (text) => text.replaceAll(/(?<=m4_\w+ \{ 10\.0\.1\.10, )10\.0\.1\.11/g, 'fd00::1'),
      /^nft refuses the rules for SecurityGroup shop\/clients in network namespace shop: .*\(10\.0\.1\.11\)$/,
    ],
    [
      'a prefix within another',
      (text) => text.replaceAll(/(?<=p4_\w+ \{.*)203\.0\.113\.0\/24/g, '198.51.100.0/25'),
      /^nft refuses the rules for AddressGroup shop\/office in network namespace shop: conflicting intervals specified \(198\.51\.100\.0\/24\)$/,
    ],
    [
      'a set',
      (text) => text.replaceAll(/(add set inet palisade m4_\w+ \{ type )ipv4_addr/g, '$1nonsense'),
      /^nft refuses the rules for SecurityGroup shop\/clients in network namespace shop: /,
    ],
  ])('%s', async (_what, change, sentence) => {
    // The closed skeleton comes first, and is not what is refused here.
    await firewall.apply(diffRulesets(EMPTY, { ...EMPTY, instances: new Map() }))
    spoil = change
    expect(await refusal()).toMatch(sentence)
  })

  test('an element of a set of packed rules is told by the instances whose rules they are', async () => {
    const rules = Array.from({ length: 64 }, (_, index) =>
      allow({ protocol: 'TCP', ports: [String(1000 + index)], remote: { cidr: '203.0.113.0/24' } }),
    )
    spoil = (text) => text.replaceAll('203.0.113.0/24 . 1007 . 6', '203.0.113.0/25 . 1006-1008 . 6')
    const instances = new Map([['Instance/shop/a', instanceOn('a', { ingress: rules })]])
    expect(await refusal({ ...EMPTY, instances })).toMatch(
      /^nft refuses the rules for Instance shop\/a in network namespace shop: .*\(203\S+ \. 100[78] \. 6/,
    )
  })

  test.each([
    ['that says nothing', { status: 1, stdout: '', stderr: '' }, 'it gives no reason'],
    ['that is short of memory', { status: 1, stdout: '', stderr: 'Error: Out of memory\n' }, 'Out of memory'],
    [
      'that is killed',
      { status: null, stdout: '', stderr: '' },
      'it was killed, for the time that it took or by somebody',
    ],
  ])('nft %s is told with the instances that it was about', async (_what, finished, reason) => {
    pretend = () => finished
    expect(await refusal()).toBe(
      `nft refuses the rules for Instance shop/a and 1 more in network namespace shop: ${reason}`,
    )
  })

  test('a refused change leaves the rules that there were, and the next one is taken', async () => {
    await firewall.apply(diffRulesets(EMPTY, WORLD))
    const rules = (): string =>
      network.sh('shop', 'nft -n list table inet palisade').replaceAll(/0x[0-9a-f]{8}/g, 'mark')
    const before = rules()
    spoil = (text) => text.replaceAll('dport 444', 'dport 70000')
    const change = { ...https, ports: ['444'] }
    const next = new Map(WORLD.instances).set(
      'Instance/shop/a',
      instanceOn('a', { ingress: [change], egress: [EVERYTHING] }),
    )
    await expect(firewall.apply(diffRulesets(WORLD, { ...WORLD, instances: next }))).rejects.toThrow(
      /rule web\/https of Instance shop\/a in/,
    )
    expect(rules()).toBe(before)
    spoil = (text) => text
    await firewall.apply(diffRulesets(WORLD, { ...WORLD, instances: next }))
    expect(rules()).toContain('dport 444')
  })
})
