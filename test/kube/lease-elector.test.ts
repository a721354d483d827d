import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Connection } from '../../src/kube/connection.ts'
import { LeaseElector, LEASE_TIMES } from '../../src/kube/lease-elector.ts'
import { systemTimers, type Timers } from '../../src/source/timers.ts'
import { connect, createNamespace } from './place.ts'
import { kubectl } from './server/cluster.ts'
import { startFront, type Front } from './server/front.ts'
import { describeWithCluster } from './shared.ts'

/** As short as the whole seconds of the API let it be. */
const TIMES = { durationMs: 2_000, renewDeadlineMs: 1_400, retryMs: 300 }

const WITHIN = { timeout: 15_000, interval: 20 }

test('a leader stops before another may start, and has two attempts until then', () => {
  expect(LEASE_TIMES.renewDeadlineMs).toBeLessThan(LEASE_TIMES.durationMs)
  expect(LEASE_TIMES.renewDeadlineMs).toBeGreaterThan(2 * LEASE_TIMES.retryMs)
})

describeWithCluster('electors', (cluster) => {
  let front: Front
  let connection: Connection
  let namespace: string
  const electors: LeaseElector[] = []

  beforeAll(async () => {
    front = await startFront(cluster.url)
    connection = await connect(cluster, front.url)
  })
  afterAll(async () => {
    await connection.close()
    await front.close()
  })
  beforeEach(async () => {
    namespace = await createNamespace(cluster)
    front.intercept = () => undefined
    front.requests.length = 0
  })
  afterEach(async () => {
    front.intercept = () => undefined
    await Promise.all(electors.splice(0).map((elector) => elector.release()))
  })

  const elect = (identity: string, timers: Timers = systemTimers): LeaseElector => {
    const elector = new LeaseElector({
      connection,
      namespace,
      name: 'palisade-controller',
      identity,
      timers,
      times: TIMES,
      onChange: (isLeader) => changes.push(`${identity}: ${String(isLeader)}`),
    })
    electors.push(elector)
    elector.start()
    return elector
  }
  let changes: string[] = []
  beforeEach(() => {
    changes = []
  })
  const until = (condition: () => boolean): Promise<void> =>
    vi.waitFor(() => {
      expect(condition()).toBe(true)
    }, WITHIN)

  test('let one lead of many that start at once', async () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((identity) => elect(identity))
    await until(() => all.some(({ isLeader }) => isLeader))
    await until(() => new Set(all.map(({ holder }) => holder)).size === 1)
    await sleep(1_000)
    expect(all.filter(({ isLeader }) => isLeader)).toHaveLength(1)
    expect(changes).toHaveLength(1)
  })

  test('hand over at once when the leader gives the lease back', async () => {
    const first = elect('first')
    await until(() => first.isLeader)
    const second = elect('second')
    await until(() => second.holder === 'first')

    await first.release()
    const released = performance.now()
    await until(() => second.isLeader)

    expect(performance.now() - released).toBeLessThan(TIMES.durationMs)
    expect(changes).toEqual(['first: true', 'first: false', 'second: true'])
    const { stdout } = await kubectl(cluster, ['-n', namespace, 'get', 'lease', '-o', 'json'])
    expect(stdout).toContain('"leaseTransitions": 1')
  })

  test('end the lead before another begins, when the server does not answer the leader', async () => {
    const first = elect('first')
    await until(() => first.isLeader)
    const seconds = await connect(cluster, cluster.url)
    front.intercept = () => ({ status: 500, body: 'out of order' })
    const options = { connection: seconds, namespace, name: 'palisade-controller', timers: systemTimers }
    const second = new LeaseElector({
      ...options,
      identity: 'second',
      times: TIMES,
      onChange: (isLeader) => changes.push(`second: ${String(isLeader)}`),
    })
    second.start()

    await until(() => second.isLeader)

    expect(first.isLeader).toBe(false)
    expect(changes).toEqual(['first: true', 'first: false', 'second: true'])
    expect(first.failure).toContain('the API server answered 500: out of order')
    await second.release()
    await seconds.close()
  })

  test('do not believe the clocks of others: an hour ahead, or an hour behind', async () => {
    const skewed = (by: number): Timers => ({ ...systemTimers, now: () => systemTimers.now() + by })
    const first = elect('ahead', skewed(3_600_000))
    await until(() => first.isLeader)
    const second = elect('behind', skewed(-3_600_000))
    await sleep(2 * TIMES.durationMs)
    expect([first.isLeader, second.isLeader]).toEqual([true, false])
    expect(changes).toEqual(['ahead: true'])
  })

  test('hand on the latest time that any of them has shown, also where its clock went back since', async () => {
    let now = systemTimers.now()
    const set: Timers = { now: () => now, after: (ms, run) => systemTimers.after(ms, run) }
    const first = elect('first', set)
    await until(() => first.isLeader)
    expect(first.latestTime).toBeUndefined()
    const noted = async (): Promise<string> => {
      const path = 'jsonpath={.items[0].metadata.annotations.palisade\\.dev/latest-time}'
      return (await kubectl(cluster, ['-n', namespace, 'get', 'lease', '-o', path])).stdout
    }
    const start = now
    const latest = start + 86_400_000
    now = latest
    await vi.waitFor(async () => {
      expect(Date.parse(await noted())).toBe(latest)
    }, WITHIN)
    now = start + 5_000
    await sleep(3 * TIMES.retryMs)
    expect(Date.parse(await noted())).toBe(latest)
    await first.release()
    const second = elect('second')
    await until(() => second.isLeader)
    expect(second.latestTime).toBe(latest)
  })

  test('take no time for shown that no clock shows', async () => {
    const first = elect('first')
    await until(() => first.isLeader)
    await first.release()
    const annotations = { 'palisade.dev/latest-time': '+275760-09-13T00:00:00.000Z' }
    const patch = ['--type=merge', '-p', JSON.stringify({ metadata: { annotations } })]
    await kubectl(cluster, ['-n', namespace, 'patch', 'lease', 'palisade-controller', ...patch])
    const second = elect('second')
    await until(() => second.isLeader)
    expect(second.latestTime).toBeUndefined()
  })

  test('know that they have lost the lead after a pause, before any timer has run', async () => {
    let now = systemTimers.now()
    const frozen: Timers = { now: () => now, after: (ms, run) => systemTimers.after(ms, run) }
    const elector = elect('paused', frozen)
    await until(() => elector.isLeader)
    now += TIMES.renewDeadlineMs
    expect(elector.isLeader).toBe(false)
  })

  test('say which right is missing', async () => {
    await kubectl(cluster, ['-n', namespace, 'create', 'serviceaccount', 'nobody'])
    const { stdout } = await kubectl(cluster, ['-n', namespace, 'create', 'token', 'nobody'])
    const weak = await connect(cluster, cluster.url, stdout.trim())
    const told: string[] = []
    const elector = new LeaseElector({
      connection: weak,
      namespace,
      name: 'palisade-controller',
      identity: 'weak',
      timers: systemTimers,
      times: TIMES,
      onChange: () => undefined,
      onFailure: (sentence) => told.push(sentence),
    })
    elector.start()
    await until(() => elector.failure !== undefined)
    await sleep(3 * TIMES.retryMs)
    expect(told).toEqual([elector.failure])
    expect(elector.obstacle).toBe(elector.failure)
    expect(elector.failure).toContain('grant the verb get on leases of API group "coordination.k8s.io"')
    await elector.release()
    await weak.close()
  })
})
