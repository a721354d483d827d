import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { knownTablesIn } from '../../../src/firewall/nft/known-tables.ts'
import { nftFirewall } from '../../../src/firewall/nft/nft.ts'
import { recordedFirewall, type RecordedOptions } from '../../../src/firewall/recorded.ts'
import { diffRulesets } from '../../../src/policy/ruleset-change.ts'
import type { InstanceRuleset, Ruleset } from '../../../src/policy/ruleset.ts'
import { buildProgram, type BuiltProgram } from '../../lab/prober-program.ts'
import { isRevoked } from '../../../src/firewall/nft/mark.ts'
import { whatIsMissing } from './network.ts'
import { Peer } from './peer.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, Shop, TCP_80 } from './shop.ts'

const missing = whatIsMissing()

const GROUP = allow({ protocol: 'TCP', ports: ['443'], remote: { securityGroup: 'clients' } })
const MEMBERS = new Map([['SecurityGroup/shop/clients', [`${MACHINES.a.four}/32`]]])
const NOTHING = rulesetOf([])
const FIRST = rulesetOf([instanceOn('a', { egress: [EVERYTHING] }), instanceOn('b', { ingress: [TCP_80] })])
const SECOND = rulesetOf([instanceOn('b', { ingress: [GROUP] })], MEMBERS)

function rulesetOf(instances: readonly InstanceRuleset[], remotes: Ruleset['remotes'] = new Map()): Ruleset {
  return { instances: new Map(instances.map((one) => [one.instance, one])), remotes }
}

describe.skipIf(missing !== undefined)(`killed at any step of an apply ${missing ?? ''}`, () => {
  let shop: Shop
  let applier: BuiltProgram
  let folder: string
  let states = 0
  beforeAll(async () => {
    ;[shop, applier, folder] = await Promise.all([
      Shop.open(),
      buildProgram('test/firewall/nft/programs/applier.ts'),
      mkdtemp(path.join(tmpdir(), 'palisade-crash-')),
    ])
  }, 60_000)
  afterAll(async () => {
    await Promise.all([shop.close(), applier.remove(), rm(folder, { recursive: true })])
  })

  /** A folder for a state of its own, with this on record if anything. */
  async function stateWith(ruleset: Ruleset): Promise<string> {
    const state = await mkdtemp(path.join(folder, `${String(++states)}-`))
    await recordedFirewall(state, OPTIONS).apply(diffRulesets(NOTHING, ruleset))
    return state
  }

  const firewallOf = (state: string): Firewall =>
    nftFirewall({
      record: recordedFirewall(state, OPTIONS),
      tables: knownTablesIn(state, OPTIONS),
      executor: shop.network.executor(),
      now: () => new Date(),
    })

  /** A palisade that is started, and makes one turn. */
  async function restart(state: string, desired: Ruleset): Promise<void> {
    const firewall = firewallOf(state)
    await firewall.apply(diffRulesets(await firewall.read(), desired))
    await firewall.repair()
  }

  async function applyKilled(state: string, desired: string, killAt: number | 'commit 2'): Promise<boolean> {
    const words = [applier.program, state, desired, String(killAt), ...shop.network.enter('shop')]
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] })
    await once(child, 'exit')
    if (child.signalCode === null) expect(child.exitCode).toBe(0)
    return child.signalCode === 'SIGKILL'
  }

  /** What a table lets through, in words that do not change with time; undefined: there is none. */
  function table(): string | undefined {
    const { status, stdout } = shop.network.try('shop', 'nft -n list table inet palisade')
    if (status !== 0) return undefined
    return stdout
      .replaceAll(/packets \d+ bytes \d+/g, '')
      .replaceAll(/0x[0-9a-f]{8}/g, 'mark')
      .replaceAll(/([ei]r?)_[0-9a-f]{12}(_\d+)?/g, '$1_rules')
  }

  const isClosed = (text: string | undefined): boolean =>
    text !== undefined && !/(jump|goto) [ei]_/.test(text) && text.includes('"pala"')

  async function reset(ruleset: Ruleset): Promise<string> {
    shop.network.try('shop', 'nft delete table inet palisade')
    const state = await stateWith(NOTHING)
    await restart(state, ruleset)
    return state
  }

  test('the first of a namespace: with its instances undeclared, the next start closes their ports', async () => {
    const desired = await stateWith(FIRST)
    const seen = { none: 0, closed: 0, open: 0 }
    for (let step = 1; ; step++) {
      const state = await reset(NOTHING)
      if (!(await applyKilled(state, desired, step))) break
      const left = table()
      seen[left === undefined ? 'none' : isClosed(left) ? 'closed' : 'open'] += 1
      await restart(state, NOTHING)
      if (left === undefined) expect(table()).toBeUndefined()
      else expect(isClosed(table())).toBe(true)
    }
    // A kill before and after each transaction, and while it runs.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
  }, 120_000)

  test('a later one: the old or the new rules are in force, and the next start brings the new ones', async () => {
    const desired = await stateWith(SECOND)
    await reset(FIRST)
    const before = table()
    const state = await reset(FIRST)
    await restart(state, SECOND)
    const after = table()
    const seen = { before: 0, after: 0 }
    for (let step = 1; ; step++) {
      const killed = await reset(FIRST)
      if (!(await applyKilled(killed, desired, step))) break
      const left = table()
      expect([before, after]).toContain(left)
      seen[left === before ? 'before' : 'after'] += 1
      await restart(killed, SECOND)
      expect(table()).toBe(after)
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
  }, 120_000)

  test('and the next start cuts what the new rules do not allow, also where its opener has fallen silent', async () => {
    const [a, b] = await Promise.all([Peer.start(shop.network, 'a'), Peer.start(shop.network, 'b')])
    await b.ask('tcp-serve', 80)
    const desired = await stateWith(SECOND)
    const isCut = (): boolean => {
      const line = shop.network.sh('shop', 'conntrack -L -p tcp --dport 80 2>/dev/null')
      expect(line).toContain('ESTABLISHED')
      return isRevoked(Number(/ mark=(\d+)/.exec(line)?.[1]))
    }
    const seen = { open: 0, cut: 0 }
    for (let step = 1; ; step++) {
      shop.network.sh('shop', 'conntrack -F 2>/dev/null')
      const state = await reset(FIRST)
      expect(await a.ask('tcp-open', String(step), MACHINES.b.four, 80)).toBe('open')
      if (!(await applyKilled(state, desired, step))) break
      seen[isCut() ? 'cut' : 'open'] += 1
      await restart(state, SECOND)
      expect(isCut()).toBe(true)
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
    await Promise.all([a.stop(), b.stop()])
  }, 120_000)

  test('a commit that is under way ends with palisade', async () => {
    // A transaction that takes nft seconds.
    const many = Array.from({ length: 20_000 }, (_, port) =>
      allow({ protocol: 'TCP', ports: [String(port + 1)] }),
    )
    const desired = await stateWith(rulesetOf([instanceOn('a', { ingress: many })]))
    // The first commit brings the skeleton, the second one the rules.
    expect(await applyKilled(await reset(NOTHING), desired, 'commit 2')).toBe(true)
    const left = table()
    expect(isClosed(left)).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(table()).toBe(left)
  }, 120_000)
})

const OPTIONS: RecordedOptions = {
  mode: 'exclusive',
  palisade: '0.1.0',
  warn: (sentence) => {
    throw new Error(sentence)
  },
}
