import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Connection } from '../../src/kube/connection.ts'
import { EventRecorder, type ObjectEvent } from '../../src/kube/event-recorder.ts'
import { systemTimers } from '../../src/source/timers.ts'
import { addressGroup, apply, connect, createNamespace } from './place.ts'
import { kubectl } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { startFront, type Front } from './server/front.ts'
import { describeWithCluster } from './shared.ts'

describeWithCluster('an event recorder', (cluster) => {
  let front: Front
  let connection: Connection
  let namespace: string
  let recorder: EventRecorder
  let failures: string[]
  let now: number

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
    failures = []
    now = Date.now()
    front.requests.length = 0
    recorder = new EventRecorder({
      connection,
      component: 'controller',
      instance: 'host-a',
      timers: { ...systemTimers, now: () => now },
      onFailure: (sentence) => failures.push(sentence),
    })
  })

  const eventOf = (changed: Partial<ObjectEvent> = {}): ObjectEvent => ({
    key: `AddressGroup/${namespace}/office.north`,
    uid: '7a4b7d52-7f0a-4c39-9d0a-0c3b3ad9e6a1',
    type: 'Warning',
    reason: 'QuotaExceeded',
    action: 'Accept',
    note: 'one more would be too many',
    ...changed,
  })

  test('writes what kubectl shows', async () => {
    await apply(cluster, namespace, addressGroup('office.north'))
    const uid = await kubectl(cluster, [
      ...['-n', namespace, 'get', 'addressgroup', 'office.north', '-o', 'jsonpath={.metadata.uid}'],
    ])
    recorder.record(eventOf({ uid: uid.stdout }))
    await recorder.flush()

    expect(failures).toEqual([])
    const listed = await kubectl(cluster, ['-n', namespace, 'get', 'events'])
    expect(listed.stdout).toMatch(/Warning +QuotaExceeded +addressgroup\/office\.north +one more would be/)
    const described = await kubectl(cluster, ['-n', namespace, 'describe', 'addressgroup', 'office.north'])
    expect(described.stdout).toMatch(/Warning +QuotaExceeded .+ palisade\.dev\/controller/)
  })

  test('says the same once in ten minutes', async () => {
    recorder.record(eventOf())
    recorder.record(eventOf())
    now += 599_000
    recorder.record(eventOf())
    recorder.record(eventOf({ note: 'another' }))
    await recorder.flush()
    expect(front.requests).toHaveLength(2)

    now += 1_000
    recorder.record(eventOf())
    await recorder.flush()
    expect(front.requests).toHaveLength(3)
    expect(failures).toEqual([])
  })

  test('writes of what has no namespace in the default one', async () => {
    recorder.record(eventOf({ key: `CloudProfile//${namespace}` }))
    await recorder.flush()
    expect(failures).toEqual([])
    const { stdout } = await kubectl(cluster, ['get', 'events', '-o', 'name'])
    expect(stdout).toContain(namespace)
  })

  test.each(['x', 'é', '漢', '😀'])('shortens a note of many %s to what the API takes', async (letter) => {
    recorder.record(eventOf({ note: letter.repeat(2_000) }))
    await recorder.flush()
    expect(failures).toEqual([])
    const listed = await kubectl(cluster, ['-n', namespace, 'get', 'events', '-o', 'jsonpath={..message}'])
    expect(listed.stdout).toMatch(new RegExp(`^${letter}+…$`, 'u'))
  })

  test('tells why it could not write, and goes on', async () => {
    recorder.record(eventOf({ key: 'AddressGroup/nowhere/office', uid: 'a' }))
    recorder.record(eventOf())
    await recorder.flush()
    expect(failures).toEqual([
      'cannot create Event in namespace nowhere: the API server answered 404: namespaces "nowhere" not found',
    ])
    expect(front.requests).toHaveLength(2)
  })
})
