import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Connection } from '../../src/kube/connection.ts'
import { Reflector, type ReflectorOptions } from '../../src/kube/reflector.ts'
import { resourceOf } from '../../src/kube/resource.ts'
import { systemTimers } from '../../src/source/timers.ts'
import { addressGroup, apply, connect, createNamespace } from './place.ts'
import { kubectl } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { startFront, type Front } from './server/front.ts'
import { describeWithCluster } from './shared.ts'

const GROUPS = resourceOf('AddressGroup')

const WITHIN = { timeout: 20_000, interval: 20 }

describeWithCluster('a reflector', (cluster) => {
  let front: Front
  let connection: Connection
  let namespace: string
  let reflector: Reflector

  beforeAll(async () => {
    await installCrds(cluster)
    front = await startFront(cluster.url)
    connection = await connect(cluster, front.url)
  })
  afterAll(async () => {
    await connection.close()
    await front.close()
  })
  beforeEach(async () => {
    namespace = await createNamespace(cluster)
    front.requests.length = 0
    front.intercept = () => undefined
  })
  afterEach(() => reflector.close())

  const reflect = (options: Partial<ReflectorOptions> = {}): Reflector => {
    reflector = new Reflector({
      connection,
      resource: GROUPS,
      namespace,
      timers: systemTimers,
      random: () => 0.5,
      ...options,
    })
    reflector.start()
    return reflector
  }
  const names = (): string[] => [...reflector.objects.keys()].map((key) => key.split('/')[2] ?? '').sort()
  const untilSynced = (): Promise<void> =>
    vi.waitFor(() => {
      expect(reflector.isSynced).toBe(true)
    }, WITHIN)
  const untilNames = (...expected: string[]): Promise<void> =>
    vi.waitFor(() => {
      expect(names()).toEqual(expected)
    }, WITHIN)

  test('knows nothing before it has seen everything, and then all of it', async () => {
    await apply(cluster, namespace, addressGroup('a'), addressGroup('b'))
    reflect()
    expect(reflector.isSynced).toBe(false)
    expect(reflector.objects.size).toBe(0)

    await untilSynced()

    expect(names()).toEqual(['a', 'b'])
    const [object] = reflector.objects.values()
    expect(object).toMatchObject({ kind: 'AddressGroup', metadata: { generation: 1, finalizers: [] } })
    expect(object?.metadata).not.toHaveProperty('managedFields')
  })

  test('follows what is created, changed and deleted, by one request in all', async () => {
    reflect()
    await untilSynced()
    let rings = 0
    const stop = reflector.onChange(() => {
      rings += 1
    })

    await apply(cluster, namespace, addressGroup('a'))
    await untilNames('a')
    await apply(cluster, namespace, addressGroup('a', '198.51.100.0/24'))
    await vi.waitFor(() => {
      expect([...reflector.objects.values()][0]?.spec).toEqual({ cidrs: ['198.51.100.0/24'] })
    }, WITHIN)
    await kubectl(cluster, ['-n', namespace, 'delete', 'addressgroups', 'a'])
    await untilNames()

    stop()
    expect(rings).toBeGreaterThanOrEqual(3)
    expect(front.requests).toHaveLength(1)
  })

  test('resumes where a connection was cut, without reading all again, and misses nothing', async () => {
    await apply(cluster, namespace, addressGroup('a'))
    reflect()
    await untilSynced()
    const before = reflector.objects.get(`AddressGroup/${namespace}/a`)

    front.cut()
    await apply(cluster, namespace, addressGroup('b'))

    await untilNames('a', 'b')
    expect(reflector.objects.get(`AddressGroup/${namespace}/a`)).toBe(before)
    // And one object is asked for, to see that the server is where it was.
    expect(front.requests.slice(1).every((request) => /resourceVersion=|limit=1$/.test(request))).toBe(true)
    expect(reflector.health.disconnectedSince).toBeUndefined()
    expect(reflector.health.failure).toContain('cannot watch addressgroups.palisade.dev')
  })

  test('reads all again when its version is too old, and knows what was deleted meanwhile', async () => {
    await apply(cluster, namespace, addressGroup('a'), addressGroup('b'))
    reflect()
    await untilSynced()
    const before = reflector.objects.get(`AddressGroup/${namespace}/a`)
    const gone = { kind: 'Status', message: 'too old resource version', reason: 'Expired', code: 410 }
    front.intercept = (_, path) =>
      path.includes('&resourceVersion=')
        ? { status: 200, body: `${JSON.stringify({ type: 'ERROR', object: gone })}\n` }
        : undefined
    await kubectl(cluster, ['-n', namespace, 'delete', 'addressgroups', 'b'])
    await untilNames('a')

    front.cut()
    await vi.waitFor(() => {
      expect(front.requests.filter((request) => request.includes('sendInitialEvents'))).toHaveLength(2)
    }, WITHIN)
    await untilSynced()

    expect(reflector.objects.get(`AddressGroup/${namespace}/a`)).toBe(before)
  })

  test.each([
    ['429 with a time to wait', { status: 429, headers: { 'retry-after': '1' }, body: 'too many' }],
    ['500', { status: 500, body: 'etcdserver: leader changed' }],
    ['504', { status: 504 }],
    ['a watch that ends at once', { status: 200, body: '' }],
    ['a watch of rubbish', { status: 200, body: '<html>\n' }],
    ['an error in the stream', { status: 200, body: '{"type":"ERROR","object":{"code":500}}\n' }],
  ])('asks seldom while it gets %s, and recovers by itself', async (_, answer) => {
    reflect()
    await untilSynced()
    front.requests.length = 0
    front.intercept = () => answer
    front.cut()
    await sleep(1_000)
    // Waits of 0.19, 0.38 and 0.75 s: no more than three requests in a second, and one to find out.
    expect(front.requests.length).toBeGreaterThan(0)
    expect(front.requests.length).toBeLessThanOrEqual(4)

    front.intercept = () => undefined
    await apply(cluster, namespace, addressGroup('later'))

    await untilNames('later')
  })

  test('reads all again where the server has gone back to an older state, and forgets what that never had', async () => {
    await apply(cluster, namespace, addressGroup('a'))
    reflect()
    await untilSynced()
    await apply(cluster, namespace, addressGroup('b'))
    await untilNames('a', 'b')
    front.intercept = () => ({ status: 503 })
    front.cut()
    await vi.waitFor(() => {
      expect(reflector.health.disconnectedSince).toBeDefined()
    }, WITHIN)
    await kubectl(cluster, ['-n', namespace, 'delete', 'addressgroups', 'b'])
    const older = JSON.stringify({ kind: 'List', metadata: { resourceVersion: '1' }, items: [] })
    front.requests.length = 0
    front.intercept = (_, path) => (path.includes('limit=1') ? { status: 200, body: older } : undefined)
    const reads = (): number =>
      front.requests.filter((request) => request.includes('sendInitialEvents')).length
    await vi.waitFor(() => {
      expect(reads()).toBe(1)
    }, WITHIN)
    await untilNames('a')
    expect(reflector.health.disconnectedSince).toBeUndefined()
  })

  test('asks seldom while the very version is refused that it has just read', async () => {
    const gone = { kind: 'Status', message: 'too old resource version', reason: 'Expired', code: 410 }
    front.intercept = (_, path) => {
      if (path.includes('sendInitialEvents')) return { status: 422, body: '{}' }
      return path.includes('watch=') ? { status: 410, body: JSON.stringify(gone) } : undefined
    }
    reflect()
    await untilSynced()
    await sleep(1_000)
    expect(front.requests.length).toBeGreaterThan(1)
    // Each time that it waits, ever longer, it reads everything and is refused.
    expect(front.requests.length).toBeLessThanOrEqual(10)
  })

  test('has seen all that was there when it was asked to read again, however far behind it was', async () => {
    await apply(cluster, namespace, addressGroup('a'))
    reflect()
    await untilSynced()
    const before = reflector.objects.get(`AddressGroup/${namespace}/a`)
    front.intercept = () => ({ status: 503 })
    front.cut()
    await apply(cluster, namespace, addressGroup('b'))

    const hasCome = reflector.readAgain()
    await sleep(500)
    expect(hasCome()).toBe(false)
    front.intercept = () => undefined
    await vi.waitFor(() => {
      expect(hasCome()).toBe(true)
      expect(names()).toEqual(['a', 'b'])
    }, WITHIN)
    expect(reflector.objects.get(`AddressGroup/${namespace}/a`)).toBe(before)
  })

  test('reads again without a word of failure while its watch is well', async () => {
    reflect()
    await untilSynced()
    const hasCome = reflector.readAgain()
    await vi.waitFor(() => {
      expect(hasCome()).toBe(true)
    }, WITHIN)
    expect(reflector.health.failure).toBeUndefined()
    await apply(cluster, namespace, addressGroup('a'))
    await untilNames('a')
    expect(front.requests).toHaveLength(2)
  })

  test('lists where the server does not send what there is as events', async () => {
    await apply(cluster, namespace, addressGroup('a'), addressGroup('b'))
    const refused = 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'
    front.intercept = (_, path) =>
      path.includes('sendInitialEvents')
        ? { status: 422, body: JSON.stringify({ kind: 'Status', message: refused, code: 422 }) }
        : undefined
    reflect()
    await untilSynced()
    await apply(cluster, namespace, addressGroup('c'))

    await untilNames('a', 'b', 'c')
    expect(front.requests.filter((request) => request.includes('limit='))).toHaveLength(1)
  })

  test('with a field selector sees an object come and go as the field changes', async () => {
    const instance = (node: string): object => ({
      apiVersion: 'palisade.dev/v1alpha1',
      kind: 'Instance',
      metadata: { name: 'web' },
      spec: {
        vpcRef: { name: 'shop' },
        addresses: ['10.0.1.10'],
        attachment: { nodeName: node, host: true },
      },
    })
    await apply(cluster, namespace, instance('host-b'))
    reflect({ resource: resourceOf('Instance'), fieldSelector: 'spec.attachment.nodeName=host-a' })
    await untilSynced()
    expect(names()).toEqual([])

    await apply(cluster, namespace, instance('host-a'))
    await untilNames('web')
    await apply(cluster, namespace, instance('host-b'))
    await untilNames()
  })

  test('closes while it waits for a server that does not answer', async () => {
    front.intercept = () => ({ status: 503, headers: { 'retry-after': '60' } })
    reflect()
    await vi.waitFor(() => {
      expect(reflector.health.failure).toBeDefined()
    }, WITHIN)
    await reflector.close()
  })
})
