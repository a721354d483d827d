import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyChange, diffRulesets } from '../../src/policy/ruleset-change.ts'
import type { InstanceRuleset, Ruleset } from '../../src/policy/ruleset.ts'
import { instanceRuleset, NO_CHANGE, ruleSetNamed } from '../contract/rulesets.ts'

const address = fc.constantFrom('10.0.0.1', '10.0.0.2', 'fd00::1')
const instance = fc
  .record(
    {
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      vpc: fc.constantFrom('VPC/shop/x', 'VPC/shop/y'),
      addresses: fc.uniqueArray(address),
      ruleSet: fc.constantFrom('x', 'y').map(ruleSetNamed),
      mac: fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02'),
      attachment: fc.record(
        {
          nodeName: fc.constantFrom('host-a', 'host-b'),
          netns: fc.constantFrom('x', 'y'),
          interface: fc.constantFrom('eth0', 'eth1'),
          host: fc.boolean(),
        },
        { requiredKeys: ['nodeName'] },
      ),
    },
    { requiredKeys: ['name', 'vpc', 'addresses', 'ruleSet'] },
  )
  .map(({ name, ...fields }): InstanceRuleset => ({ instance: `Instance/shop/${name}`, ...fields }))

const remotes = fc.dictionary(
  fc.constantFrom('SecurityGroup/shop/a', 'AddressGroup/shop/a'),
  fc.array(address),
)

const ruleset = fc.record({ instances: fc.array(instance), remotes }).map((made): Ruleset => ({
  instances: new Map(made.instances.map((each) => [each.instance, each])),
  remotes: new Map(Object.entries(made.remotes)),
}))

/** What counts for a firewall: addresses in any order, and no `host` for one that is false. */
function canonical({ instances, remotes: prefixes }: Ruleset): unknown {
  const each = [...instances.values()].map(({ addresses, attachment, ruleSet, ...rest }) => ({
    ...rest,
    addresses: [...addresses].sort(),
    attachment: attachment && { ...attachment, host: attachment.host ?? false },
    ruleSet: ruleSet.digest,
  }))
  return { instances: new Map(each.map((item) => [item.instance, item])), remotes: prefixes }
}

describe('the difference of two rulesets', () => {
  test('turns the one into the other', () => {
    fc.assert(
      fc.property(ruleset, ruleset, (a, b) => {
        expect(canonical(applyChange(a, diffRulesets(a, b)))).toEqual(canonical(b))
      }),
    )
  })

  test('is empty for a ruleset and itself, and for one that was stored and read', () => {
    fc.assert(
      fc.property(ruleset, (a) => {
        expect(diffRulesets(a, a)).toEqual(NO_CHANGE)
        expect(diffRulesets(a, structuredClone(a))).toEqual(NO_CHANGE)
      }),
    )
  })

  test('is empty exactly when a firewall cannot tell them apart', () => {
    const pair = ruleset.chain((a) => fc.tuple(fc.constant(a), fc.oneof(ruleset, fc.constant(reordered(a)))))
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const { put, remove, putRemotes, removeRemotes } = diffRulesets(a, b)
        const isEmpty = put.length + remove.length + putRemotes.size + removeRemotes.length === 0
        expect(isEmpty).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)))
      }),
    )
  })

  test('names nothing that is alike in both', () => {
    fc.assert(
      fc.property(ruleset, ruleset, (a, b) => {
        const { put, remove } = diffRulesets(a, b)
        expect(new Set([...put.map((each) => each.instance), ...remove]).size).toBe(
          put.length + remove.length,
        )
        expect(remove.every((key) => a.instances.has(key) && !b.instances.has(key))).toBe(true)
      }),
    )
  })

  test('leaves both rulesets as they were', () => {
    fc.assert(
      fc.property(ruleset, ruleset, (a, b) => {
        const before = structuredClone([a, b])
        applyChange(a, diffRulesets(a, b))
        expect([a, b]).toEqual(before)
      }),
    )
  })
})

function reordered({ instances, remotes: prefixes }: Ruleset): Ruleset {
  const each = [...instances.values()].reverse()
  return {
    instances: new Map(
      each.map((item) => [item.instance, { ...item, addresses: item.addresses.toReversed() }]),
    ),
    remotes: prefixes,
  }
}

/** The canonical form as a list in one order, for comparison as a text. */
function sorted(of: Ruleset): unknown {
  const instances = [...of.instances.values()].map(({ ruleSet, addresses, attachment: a, ...rest }) =>
    JSON.stringify([
      rest.instance,
      rest.vpc,
      rest.mac,
      [...addresses].sort(),
      ruleSet.digest,
      a && [a.nodeName, a.netns, a.interface, a.host ?? false],
    ]),
  )
  return [instances.sort(), [...of.remotes].map((remote) => JSON.stringify(remote)).sort()]
}

const differences: readonly (readonly [what: string, changes: Partial<InstanceRuleset>])[] = [
  ['its rules', { ruleSet: ruleSetNamed('other') }],
  ['its addresses', { addresses: ['10.0.1.10'] }],
  ['its VPC', { vpc: 'VPC/shop/other' }],
  ['its MAC address', { mac: '02:00:00:00:00:02' }],
  ['its node', { attachment: { nodeName: 'host-b', netns: 'shop', interface: 'palweb-1' } }],
  ['its network namespace', { attachment: { nodeName: 'host-a', interface: 'palweb-1' } }],
  ['its interface', { attachment: { nodeName: 'host-a', netns: 'shop', interface: 'palweb-2' } }],
  [
    'being the host',
    { attachment: { nodeName: 'host-a', netns: 'shop', interface: 'palweb-1', host: true } },
  ],
]

test.each(differences)('an instance is put again when only %s differs', (_what, changes) => {
  const [a, b] = [instanceRuleset('web-1'), instanceRuleset('web-1', changes)]
  const of = (each: InstanceRuleset): Ruleset => ({
    instances: new Map([[each.instance, each]]),
    remotes: new Map(),
  })
  expect(diffRulesets(of(a), of(b))).toEqual({ ...NO_CHANGE, put: [b] })
})

test('what a change both removes and puts is there afterwards', () => {
  const put = instanceRuleset('web-1')
  const change = { ...NO_CHANGE, put: [put], remove: [put.instance] }
  expect([...applyChange({ instances: new Map(), remotes: new Map() }, change).instances.values()]).toEqual([
    put,
  ])
})
