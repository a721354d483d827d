import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NetnsClaims } from '../../../src/cli/netns-claims.ts'
import { program } from '../../../src/controller/programming.ts'
import { FirewallError, type Faults, type Firewall } from '../../../src/firewall/firewall.ts'
import { memoryFirewall } from '../../../src/firewall/memory.ts'
import type { Finished } from '../../../src/firewall/nft/executor.ts'
import { knownTablesInMemory } from '../../../src/firewall/nft/known-tables.ts'
import { isRevoked } from '../../../src/firewall/nft/mark.ts'
import { nftFirewall, type NftOptions } from '../../../src/firewall/nft/nft.ts'
import { delegate } from './delegate.ts'
import { whatIsMissing } from './network.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, Shop, TCP_80 } from './shop.ts'

const missing = whatIsMissing()

const BEFORE = [instanceOn('a', { egress: [EVERYTHING] }), instanceOn('b', { ingress: [TCP_80] })]
const GROUP = allow({ protocol: 'TCP', ports: ['443'], remote: { securityGroup: 'clients' } })
const AFTER = [instanceOn('a', { egress: [TCP_80] }), instanceOn('b', { ingress: [GROUP] })]
const NO_CHANGE = { put: [], remove: [], putRemotes: new Map(), removeRemotes: [] }
const MEMBERS = new Map([['SecurityGroup/shop/clients', [`${MACHINES.a.four}/32`]]])

describe.skipIf(missing !== undefined)(`faults while rules are programmed ${missing ?? ''}`, () => {
  let shop: Shop
  /** What is done in place of the next transactions, in order; undefined: what is asked for. */
  let instead: ((real: () => Promise<Finished>) => Promise<Finished>)[]
  let texts: string[]
  let now: Date
  beforeEach(async () => {
    shop = await Shop.open()
    instead = []
    texts = []
    now = new Date('2026-01-02T03:04:05Z')
  }, 60_000)
  afterEach(() => shop.close())

  function firewallWith(changes: Partial<NftOptions> = {}): Firewall {
    const real = shop.network.executor()
    const executor = delegate(real, {
      run: (netns, command, input) => {
        const run = (): Promise<Finished> => real.run(netns, command, input)
        if (input === undefined || command[0] !== 'nft') return run()
        texts.push(input)
        return instead.shift()?.(run) ?? run()
      },
    })
    return nftFirewall({
      record: shop.record,
      tables: knownTablesInMemory(),
      executor,
      now: () => now,
      warn: (sentence) => {
        throw new Error(sentence)
      },
      ...changes,
    })
  }

  const plain = (): string =>
    shop
      .table()
      .replaceAll(/packets \d+ bytes \d+/g, '')
      .replaceAll(/0x[0-9a-f]{8}/g, 'mark')

  /** What the table is like when nothing goes wrong. */
  async function due(): Promise<string> {
    const firewall = firewallWith()
    await shop.program(firewall, BEFORE)
    await shop.program(firewall, AFTER, MEMBERS)
    const table = plain()
    await shop.program(firewall, BEFORE)
    return table
  }

  const fails = (): Promise<Finished> =>
    Promise.resolve({ status: 1, stdout: '', stderr: 'Error: Could not process rule: Out of memory' })

  test('after two failures the whole table is replaced, in one transaction', async () => {
    const wanted = await due()
    const firewall = firewallWith()
    await firewall.read()
    texts = []
    instead = [fails, fails]
    await shop.program(firewall, AFTER, MEMBERS)
    expect(texts).toHaveLength(3)
    expect(texts[2]?.split('\n').slice(0, 3)).toEqual(
      ['add', 'delete', 'add'].map((verb) => `${verb} table inet palisade`),
    )
    const sorted = (table: string): readonly string[] => table.split('\n').toSorted()
    expect(sorted(plain())).toEqual(sorted(wanted))
  })

  test('after three failures the rules before are in force, and a later turn brings the new ones', async () => {
    const wanted = await due()
    const before = plain()
    const firewall = firewallWith()
    await firewall.read()
    instead = [fails, fails, fails]
    await expect(shop.program(firewall, AFTER, MEMBERS)).rejects.toThrow(/refuses the rules.*Out of memory/)
    expect(plain()).toBe(before)
    expect(await firewall.repair()).toEqual([])
    expect(plain()).toBe(wanted)
    expect([...(await shop.record.read()).instances.values()]).toEqual(AFTER)
  })

  test('what a later turn brings is looked for in open connections, as what comes at once', async () => {
    const firewall = firewallWith()
    await shop.program(firewall, BEFORE)
    const marks = (): string[] => {
      const lines = shop.network.sh('shop', 'conntrack -L 2>/dev/null').split('\n')
      return lines.flatMap((line) =>
        line.includes('dport=999 ') ? (/mark=(\d+)/.exec(line)?.[1] ?? []) : [],
      )
    }
    const [from, to] = [MACHINES.a.four, MACHINES.b.four]
    const ends = `-s ${from} -d ${to} -r ${to} -q ${from} --sport 5 --dport 999 --reply-port-src 999`
    shop.network.sh('shop', `conntrack -A -p udp ${ends} --reply-port-dst 5 -t 100 -m 256 2>/dev/null`)
    instead = [fails, fails, fails]
    await expect(shop.program(firewall, AFTER, MEMBERS)).rejects.toThrow('Out of memory')
    expect(marks()).toEqual(['256'])
    await firewall.repair()
    expect(marks().map((mark) => isRevoked(Number(mark)))).toEqual([true])
  })

  test('nft that is killed before it is done leaves the rules before', async () => {
    const wanted = await due()
    const before = plain()
    // It stands still with its text before it, until the time that it is given is over.
    const hasty = shop.network.executor({ timeoutMs: 200 })
    const real = shop.network.executor()
    const firewall = firewallWith({
      executor: delegate(real, {
        run: (netns, command, input) =>
          input === undefined
            ? real.run(netns, command)
            : hasty.run(netns, ['sh', '-c', 'kill -STOP $$; exec "$@"', 'sh', ...command], input),
      }),
    })
    await expect(shop.program(firewall, AFTER, MEMBERS)).rejects.toThrow('nft refuses the rules')
    expect(plain()).toBe(before)
    await shop.program(firewallWith(), AFTER, MEMBERS)
    expect(plain()).toBe(wanted)
  })

  test.each([
    ['deletes the table', 'nft delete table inet palisade'],
    ['deletes all tables', 'nft flush ruleset'],
    ['flushes the table', 'nft flush table inet palisade'],
    ['flushes a set', 'nft flush set inet palisade source4'],
  ])('another program that %s during an apply does not keep the new rules out', async (_what, command) => {
    const wanted = await due()
    const firewall = firewallWith()
    await firewall.read()
    const stop = await shop.listen(firewall)
    instead = [
      (real) => {
        shop.network.sh('shop', command)
        return real()
      },
    ]
    await shop.program(firewall, AFTER, MEMBERS)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const drift = await firewall.repair()
    stop()
    const sorted = (table: string): readonly string[] => table.split('\n').toSorted()
    expect(sorted(plain())).toEqual(sorted(wanted))
    expect(drift.length).toBeLessThanOrEqual(1)
    expect(await firewall.repair()).toEqual([])
  })

  test('where the table went together with a rule, the new one judges every open connection again', async () => {
    const generation = (): string | undefined =>
      /set judged \{[^}]*elements = \{ (0x[0-9a-f]{8}) \}/.exec(shop.table())?.[1]
    const real = shop.network.executor()
    let isThere = true
    const firewall = firewallWith({
      executor: delegate(real, { has: (netns) => isThere && real.has(netns) }),
    })
    await shop.program(firewall, BEFORE)
    const before = generation()
    shop.network.sh('shop', 'nft delete table inet palisade')
    isThere = false
    await expect(shop.program(firewall, AFTER, MEMBERS)).rejects.toThrow('there is no network namespace shop')
    isThere = true
    await firewall.repair()
    expect(before).toBeDefined()
    expect(generation()).toBeDefined()
    expect(generation()).not.toBe(before)
  })

  const flush = (): string => shop.network.sh('shop', 'nft flush ruleset')

  /** Who is not held after an attempt that fails, and why. */
  async function faultsOf(attempt: Promise<unknown>): Promise<Faults | undefined> {
    const error: unknown = await attempt.catch((reason: unknown) => reason)
    return error instanceof FirewallError ? error.faults : undefined
  }

  const EVERYBODY = ['Instance/shop/a', 'Instance/shop/b']

  test('nobody counts as held from a repair that fails until one succeeds', async () => {
    const firewall = firewallWith()
    await shop.program(firewall, BEFORE)
    const before = plain()
    const stop = await shop.listen(firewall)
    flush()
    await new Promise((resolve) => setTimeout(resolve, 300))
    for (const _turn of ['the first', 'the next']) {
      instead = [fails, fails, fails]
      const { refusal, faults } = await program(firewall, NO_CHANGE)
      expect(refusal).toMatch(/^nft refuses the rules .*Out of memory/)
      expect(faults).toEqual(new Map(EVERYBODY.map((key) => [key, refusal])))
    }
    instead = []
    expect(await program(firewall, NO_CHANGE)).toMatchObject({ drift: [{ instances: EVERYBODY }] })
    stop()
    expect(plain()).toBe(before)
  })

  test('nobody counts as held while a table that somebody changed cannot be listed', async () => {
    const real = shop.network.executor()
    let isListed = true
    const firewall = firewallWith({
      executor: delegate(real, {
        run: (netns, command, input) =>
          isListed || !command.includes('list') ? real.run(netns, command, input) : fails(),
      }),
    })
    await shop.program(firewall, BEFORE)
    const before = plain()
    const stop = await shop.listen(firewall)
    flush()
    await new Promise((resolve) => setTimeout(resolve, 300))
    isListed = false
    for (const _turn of ['the first', 'the next']) {
      expect([...((await faultsOf(firewall.repair())) ?? []).keys()]).toEqual(EVERYBODY)
      // That there is nothing else to change puts nothing right.
      expect([...((await faultsOf(firewall.apply(NO_CHANGE))) ?? []).keys()]).toEqual(EVERYBODY)
    }
    isListed = true
    expect(await firewall.repair()).toMatchObject([{ instances: EVERYBODY }])
    stop()
    expect(plain()).toBe(before)
  })

  test('a change that fails leaves nobody held where the table went meanwhile', async () => {
    const firewall = firewallWith()
    await shop.program(firewall, BEFORE)
    flush()
    instead = [fails, fails, fails]
    const faults = await faultsOf(shop.program(firewall, [...BEFORE.slice(0, 1), ...AFTER.slice(1)]))
    expect([...(faults ?? []).keys()].toSorted()).toEqual(EVERYBODY)
  })

  test('a change that fails concerns nobody else, also before what it listens to was compared', async () => {
    const firewall = firewallWith()
    await shop.program(firewall, BEFORE)
    const stop = firewall.watch(() => undefined)
    instead = [fails, fails, fails]
    const faults = await faultsOf(shop.program(firewall, [...BEFORE.slice(0, 1), ...AFTER.slice(1)], MEMBERS))
    stop()
    expect([...(faults ?? []).keys()]).toEqual(['Instance/shop/b'])
  })

  test('two palisades do not undo what the other one programs: the second waits for the first to end', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'palisade-claims-'))
    const claiming = (): Partial<NftOptions> => {
      const claims = new NetnsClaims(folder, () => now)
      return {
        record: memoryFirewall(),
        claim: (netns, identity) => {
          claims.claim(netns, identity)
        },
      }
    }
    const first = firewallWith(claiming())
    await shop.program(first, BEFORE)
    const before = plain()
    const second = firewallWith(claiming())
    const change = { put: AFTER, remove: [], putRemotes: MEMBERS, removeRemotes: [] }
    await expect(second.apply(change)).rejects.toThrow(
      /^network namespace shop is programmed by ".*" \(pid \d+ on .*\): stop one of them, or attach its instances elsewhere$/,
    )
    await expect(second.repair()).rejects.toThrow('network namespace shop is programmed by')
    expect(plain()).toBe(before)
    expect(await first.repair()).toEqual([])
    // A process that has ended counts as none, as test/store/lock.test.ts shows.
    await rm(folder, { recursive: true })
    await second.repair()
    expect(plain()).not.toBe(before)
    await rm(folder, { recursive: true })
  })

  test('a claim goes with its network namespace, whose number the next one may get', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'palisade-claims-'))
    const claims = new NetnsClaims(folder, () => now)
    let claimed = ''
    const firewall = firewallWith({
      claim: (netns, identity) => {
        claims.claim(netns, identity)
        claimed = identity
      },
      release: (netns) => {
        claims.release(netns)
      },
    })
    await shop.program(firewall, BEFORE)
    const other = new NetnsClaims(folder, () => now)
    const claim = (): void => {
      other.claim('other', claimed)
    }
    expect(claim).toThrow('network namespace other is programmed by')
    shop.network.alias('kept', 'shop')
    shop.network.unname('shop')
    await expect(firewall.repair()).rejects.toThrow('there is no network namespace shop')
    expect(claim).not.toThrow()
    shop.network.alias('shop', 'kept')
    await expect(firewall.repair()).rejects.toThrow('network namespace shop is programmed by')
    await rm(folder, { recursive: true })
  })

  test.each([
    ['back', '2020-01-01T00:00:00Z'],
    ['ahead', '2040-01-01T00:00:00Z'],
  ])('a clock that jumps %s does not stop the comparison of tables', async (_way, to) => {
    const real = shop.network.executor()
    // Nothing is told of changes.
    const deaf = delegate(real, { follow: () => ({ stop: () => undefined }) })
    const firewall = firewallWith({ executor: deaf })
    await shop.program(firewall, BEFORE)
    firewall.watch(() => undefined)
    await firewall.repair()
    const tampered = async (): Promise<boolean> => {
      shop.network.sh('shop', 'nft flush chain inet palisade forward')
      const drift = await firewall.repair()
      return drift.length > 0
    }
    expect(await tampered()).toBe(false)
    now = new Date(to)
    expect((await firewall.repair()).length).toBe(1)
    now = new Date(now.getTime() + 299_000)
    expect(await tampered()).toBe(false)
    now = new Date(now.getTime() + 1000)
    expect((await firewall.repair()).length).toBe(1)
    await shop.program(firewall, AFTER, MEMBERS)
    expect(shop.table()).toContain('tcp dport 443')
  })
})
