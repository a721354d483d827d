import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ClusterWriter } from '../../src/kube/cluster-writer.ts'
import type { Connection } from '../../src/kube/connection.ts'
import { addressGroup, apply, connect, createNamespace } from './place.ts'
import { kubectl } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { startFront, type Front } from './server/front.ts'
import { describeWithCluster } from './shared.ts'

describeWithCluster('a cluster writer', (cluster) => {
  let front: Front
  let connection: Connection
  let writer: ClusterWriter
  let namespace: string
  let key: string

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
    namespace = await createNamespace(cluster)
    key = `AddressGroup/${namespace}/office`
    front.intercept = () => undefined
    await apply(cluster, namespace, addressGroup('office'))
  })

  const condition = (type: string, message: string): object => ({
    type,
    status: 'True',
    reason: 'Accepted',
    message,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })

  test('writes a status, and again without another version where nothing changed', async () => {
    const status = { observedGeneration: 1, conditions: [condition('Accepted', 'in force')] }
    const first = await writer.applyStatus(key, status, 'palisade-controller')
    const second = await writer.applyStatus(key, status, 'palisade-controller')

    expect(first.status).toEqual(status)
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    expect(second.metadata.generation).toBe(1)
  })

  test('leaves what another manager wrote beside it', async () => {
    await writer.applyStatus(key, { conditions: [condition('Accepted', 'a')] }, 'one')
    await writer.applyStatus(key, { conditions: [condition('Ready', 'b')] }, 'two')
    const last = await writer.applyStatus(key, {}, 'one')

    expect(last.status['conditions']).toEqual([condition('Ready', 'b')])
  })

  test('sets a finalizer and takes it away, and does not make again what has gone', async () => {
    const put = await writer.apply(key, { metadata: { finalizers: ['palisade.dev/in-use'] } }, 'finalizer')
    const { uid } = put.metadata
    expect(put.metadata.finalizers).toEqual(['palisade.dev/in-use'])

    await writer.delete(key, uid)
    const freed = await writer.apply(key, { metadata: { uid } }, 'finalizer')
    expect(freed.metadata.deletionTimestamp).toBeDefined()
    expect(freed.metadata.finalizers).toEqual([])

    await expect(writer.apply(key, { metadata: { uid } }, 'finalizer')).rejects.toMatchObject({ code: 409 })
    const listed = await kubectl(cluster, ['-n', namespace, 'get', 'addressgroups', '-o', 'name'])
    expect(listed.stdout).toBe('')
  })

  test('says what has gone', async () => {
    const missing = `AddressGroup/${namespace}/none`
    await expect(writer.applyStatus(missing, {}, 'one')).rejects.toMatchObject({
      code: 404,
      message:
        `cannot patch the status of AddressGroup ${namespace}/none: the API server answered 404: ` +
        'addressgroups.palisade.dev "none" not found',
    })
  })

  test('tries again what the server put off, as late as it asks', async () => {
    let left = 2
    front.intercept = () => {
      left -= 1
      return left < 0 ? undefined : { status: 429, headers: { 'retry-after': '1' } }
    }
    const started = performance.now()
    await writer.applyStatus(key, {}, 'one')
    expect(performance.now() - started).toBeGreaterThanOrEqual(1_900)
  })

  test('says which right is missing', async () => {
    const account = `system:serviceaccount:${namespace}:nobody`
    await kubectl(cluster, ['-n', namespace, 'create', 'serviceaccount', 'nobody'])
    const { stdout } = await kubectl(cluster, ['-n', namespace, 'create', 'token', 'nobody'])
    const weak = await connect(cluster, cluster.url, stdout.trim())
    await expect(new ClusterWriter(weak).applyStatus(key, {}, 'one')).rejects.toMatchObject({
      code: 403,
      message:
        `cannot patch the status of AddressGroup ${namespace}/office: forbidden; grant the verb patch on ` +
        'addressgroups/status of API group "palisade.dev" (addressgroups.palisade.dev "office" is ' +
        `forbidden: User "${account}" cannot patch resource "addressgroups/status" in API group ` +
        `"palisade.dev" in the namespace "${namespace}")`,
    })
    await weak.close()
  })
})
