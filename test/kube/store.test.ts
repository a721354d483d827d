import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import { ClusterObjects } from '../../src/kube/cluster-objects.ts'
import { ClusterWriter } from '../../src/kube/cluster-writer.ts'
import type { Connection } from '../../src/kube/connection.ts'
import { KubeStore, type KubeStoreOptions } from '../../src/kube/store.ts'
import { systemTimers } from '../../src/source/timers.ts'
import { addressGroup } from '../reference/objects.ts'
import { connect, createNamespace } from './place.ts'
import { kubectl } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { startFront, type Front } from './server/front.ts'
import { describeWithCluster } from './shared.ts'

const WITHIN = { timeout: 10_000, interval: 20 }

const REPAIR_MS = 30_000

describeWithCluster('the store of a cluster', (cluster) => {
  let front: Front
  let connection: Connection
  let objects: ClusterObjects
  let writer: ClusterWriter
  let key: string
  let declared: PalisadeObject
  beforeAll(async () => {
    await installCrds(cluster)
    front = await startFront(cluster.url)
    connection = await connect(cluster, front.url)
    writer = new ClusterWriter(connection)
  })
  afterAll(async () => {
    await connection.close()
    await front.close()
  })
  beforeEach(async () => {
    const namespace = await createNamespace(cluster)
    objects = new ClusterObjects({
      ...{ connection, namespaces: [namespace], timers: systemTimers },
      random: Math.random,
    })
    objects.start()
    await objects.whenSynced()
    key = `AddressGroup/${namespace}/office`
    const { spec, ...office } = addressGroup('office', ['192.0.2.0/24'])
    const { metadata } = await writer.apply(key, { spec: { ...spec } }, 'user')
    const { uid } = metadata
    declared = {
      ...office,
      metadata: { name: 'office', namespace, uid },
      spec,
      status: { observedGeneration: 1 },
    }
    await vi.waitFor(() => {
      expect(objects.get(key)).toBeDefined()
    }, WITHIN)
  })
  afterEach(() => objects.close())

  const storeWith = (options: Partial<KubeStoreOptions>): KubeStore =>
    new KubeStore({
      ...{ cluster: objects, writer, now: () => Date.now(), builtInOrigin: () => undefined },
      read: (object) => object,
      ...options,
    })

  /** Another group of which a version comes into force. */
  async function acceptedYard(): Promise<PalisadeObject> {
    const { spec, ...yard } = addressGroup('yard', ['198.51.100.0/24'])
    const { namespace = '' } = declared.metadata
    const { metadata } = await writer.apply(`AddressGroup/${namespace}/yard`, { spec: { ...spec } }, 'user')
    const enforced = { generation: 1, digest: 'sha256:1', object: '{}' }
    const accepted: PalisadeObject = {
      ...yard,
      metadata: { name: 'yard', namespace, uid: metadata.uid },
      spec,
      status: { observedGeneration: 1, enforced },
    }
    await vi.waitFor(() => {
      expect(objects.get(keyOf(accepted))).toBeDefined()
    }, WITHIN)
    return accepted
  }

  test('has written what comes into force before it writes what merely says more', async () => {
    const store = storeWith({})
    await store.writeStatus([declared], [])
    const accepted = await acceptedYard()
    const order: string[] = []
    const applyStatus = writer.applyStatus.bind(writer)
    vi.spyOn(writer, 'applyStatus').mockImplementation(async (...words) => {
      order.push(`begin ${words[0]}`)
      const written = await applyStatus(...words)
      order.push(`end ${words[0]}`)
      return written
    })
    onTestFinished(() => void vi.restoreAllMocks())
    await store.writeStatus([{ ...declared, status: { observedGeneration: 2 } }, accepted], [])
    expect(order).toEqual([keyOf(accepted), key].flatMap((one) => [`begin ${one}`, `end ${one}`]))
  })

  /** What the server says of one object, and what it may say of all. */
  const answers = {
    tooLarge: [500, 'etcdserver: request is too large'],
    terminating: [
      403,
      'addressgroups.palisade.dev "yard" is forbidden: unable to create new content in namespace a because it is being terminated',
    ],
    webhook: [500, 'failed calling webhook "policy.example.com"'],
    outOfOrder: [500, 'etcdserver: no leader'],
    noRights: [
      403,
      'addressgroups.palisade.dev "yard" is forbidden: User "system:serviceaccount:a:b" cannot patch resource "addressgroups/status"',
    ],
  } as const
  const refuse = (part: string, answer: keyof typeof answers): void => {
    const [status, message] = answers[answer]
    front.requests.length = 0
    front.intercept = (method, url) =>
      method === 'PATCH' && url.includes(part)
        ? { status, body: JSON.stringify({ kind: 'Status', code: status, message }) }
        : undefined
  }
  afterEach(() => {
    front.intercept = () => undefined
  })
  const observed = async (): Promise<string> => {
    const words = ['-n', declared.metadata.namespace ?? '', 'get', 'addressgroup/office', '-o']
    return (await kubectl(cluster, [...words, 'jsonpath={.status.observedGeneration}'])).stdout
  }
  const saysMore = (): PalisadeObject => ({ ...declared, status: { observedGeneration: 2 } })

  test.each(['tooLarge', 'terminating', 'webhook', 'outOfOrder', 'noRights'] as const)(
    'writes the others where one is answered with: %s',
    async (answer) => {
      const store = storeWith({})
      const accepted = await acceptedYard()
      refuse('/yard/status', answer)
      await expect(store.writeStatus([saysMore(), accepted], [])).rejects.toThrow(answers[answer][1])
      expect(await observed()).toBe('2')
    },
  )

  /** Many groups of which nothing is written yet. */
  async function manyGroups(): Promise<readonly PalisadeObject[]> {
    const { namespace = '' } = declared.metadata
    const names = Array.from({ length: 40 }, (_, index) => `many-${String(index)}`)
    return Promise.all(
      names.map(async (name) => {
        const { spec, ...many } = addressGroup(name, ['203.0.113.0/24'])
        const { metadata } = await writer.apply(
          `AddressGroup/${namespace}/${name}`,
          { spec: { ...spec } },
          'u',
        )
        const object = { ...many, metadata: { name, namespace, uid: metadata.uid }, spec }
        await vi.waitFor(() => {
          expect(objects.get(keyOf(object))).toBeDefined()
        }, WITHIN)
        return { ...object, status: { observedGeneration: 1 } }
      }),
    )
  }
  const isStatus = (request: string): boolean => request.includes('/status')

  test('asks for nothing more where so many have failed alike, and tries others before them the next time', async () => {
    const store = storeWith({})
    const many = await manyGroups()
    refuse('/many-', 'outOfOrder')
    await expect(store.writeStatus([...many, saysMore()], [])).rejects.toThrow('no leader')
    expect(await observed()).toBe('-1')
    await expect(store.writeStatus([...many, saysMore()], [])).rejects.toThrow('no leader')
    expect(await observed()).toBe('2')
    refuse('nothing', 'outOfOrder')
    await store.writeStatus([...many, saysMore()], [])
    expect(front.requests.filter(isStatus)).toHaveLength(many.length)
  })

  test('writes what there is to write where a finalizer cannot be taken away', async () => {
    const store = storeWith({})
    const many = await manyGroups()
    await store.writeStatus(many, [])
    await Promise.all(many.map((one) => writer.delete(keyOf(one))))
    await vi.waitFor(() => {
      for (const one of many) expect(objects.get(keyOf(one))?.metadata.deletionTimestamp).toBeDefined()
    }, WITHIN)
    refuse('/many-', 'outOfOrder')
    await expect(store.writeStatus([saysMore()], many.map(keyOf))).rejects.toThrow('no leader')
    expect(await observed()).toBe('2')
    refuse('nothing', 'outOfOrder')
    await store.writeStatus([], many.map(keyOf))
  })

  test('writes nothing once another process may lead', async () => {
    let isLeader = true
    const store = storeWith({ mayWrite: () => isLeader })
    await store.writeStatus([declared], [])
    isLeader = false
    front.requests.length = 0
    const next = { ...declared, status: { observedGeneration: 2 } }
    await expect(store.writeStatus([next], [])).rejects.toThrow('this controller does not lead')
    await expect(store.writeStatus([], [key])).rejects.toThrow('this controller does not lead')
    expect(front.requests).toEqual([])
  })

  test('puts right what somebody else writes, and again after half a minute at the earliest', async () => {
    let now = Date.now()
    const store = storeWith({ now: () => now })
    await store.writeStatus([declared], [])
    const spoil = async (observedGeneration: number): Promise<void> => {
      await writer.applyStatus(key, { observedGeneration }, 'somebody')
      await vi.waitFor(() => {
        expect(objects.get(key)?.status['observedGeneration']).toBe(observedGeneration)
      }, WITHIN)
    }
    expect(store.lost()).toEqual([])
    await spoil(7)
    expect(store.lost()).toEqual([key])
    await store.writeStatus([declared], [])
    await spoil(8)
    now += REPAIR_MS - 1
    expect(store.lost()).toEqual([])
    now += 1
    expect(store.lost()).toEqual([key])
  })

  test('puts its finalizer back where somebody has taken it away', async () => {
    const store = storeWith({})
    await store.writeStatus([declared], [])
    await writer.apply(key, { metadata: {} }, 'palisade-finalizer')
    await vi.waitFor(() => {
      expect(objects.get(key)?.metadata.finalizers).toEqual([])
    }, WITHIN)
    expect(store.lost()).toEqual([key])
    await store.writeStatus([declared], [])
    await vi.waitFor(() => {
      expect(objects.get(key)?.metadata.finalizers).toEqual(['palisade.dev/in-use'])
    }, WITHIN)
    expect(store.lost()).toEqual([])
  })

  test('says of what was let go that it is not in force, while a finalizer of somebody else keeps it', async () => {
    const store = storeWith({})
    const enforced = { generation: 1, digest: 'sha256:1', object: '{}' }
    const finalizers = ['example.com/hold']
    await writer.apply(key, { metadata: { finalizers } }, 'somebody')
    await store.writeStatus([{ ...declared, status: { observedGeneration: 1, enforced } }], [])
    await writer.delete(key)
    await vi.waitFor(() => {
      expect(objects.get(key)?.metadata.deletionTimestamp).toBeDefined()
    }, WITHIN)
    await store.writeStatus([], [key])
    await vi.waitFor(() => {
      expect(objects.get(key)?.metadata.finalizers).toEqual(finalizers)
      expect(objects.get(key)?.status).not.toHaveProperty('enforced')
    }, WITHIN)
    const said = { status: 'False', reason: 'Deleted', message: expect.stringContaining('example.com/hold') }
    expect(objects.get(key)?.status['conditions']).toEqual([
      expect.objectContaining({ type: 'Accepted', ...said }),
      expect.objectContaining({ type: 'Ready', ...said }),
    ])
    front.requests.length = 0
    await store.writeStatus([], [key])
    expect(front.requests).toEqual([])
    await writer.apply(key, { metadata: {} }, 'somebody')
  })

  test('says in the conditions at least that an object is too large, and keeps in force what is', async () => {
    const store = storeWith({})
    const enforced = { generation: 1, digest: 'sha256:1', object: '{}' }
    await store.writeStatus([{ ...declared, status: { observedGeneration: 1, enforced } }], [])
    const large = { generation: 2, digest: 'sha256:2', object: JSON.stringify('x'.repeat(2_000_000)) }
    const wanted = { ...declared, status: { observedGeneration: 2, enforced: large } }
    await expect(store.writeStatus([wanted], [])).rejects.toThrow('Too long')
    await vi.waitFor(() => {
      expect(objects.get(key)?.status).toMatchObject({ observedGeneration: 2, enforced })
    }, WITHIN)
    const said = { reason: 'Invalid', message: expect.stringContaining('is too large') }
    expect(objects.get(key)?.status['conditions']).toEqual([
      expect.objectContaining({ type: 'Accepted', status: 'False', ...said }),
      expect.objectContaining({ type: 'Ready', status: 'False', ...said }),
      expect.objectContaining({ type: 'Stalled', status: 'True', ...said }),
    ])
    front.requests.length = 0
    await expect(store.writeStatus([wanted], [])).rejects.toThrow('Too long')
    expect(front.requests).toHaveLength(1)
    await store.writeStatus([{ ...wanted, status: { observedGeneration: 2, enforced } }], [])
  })
})
