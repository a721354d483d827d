import { afterAll, beforeAll, expect, vi } from 'vitest'
import type { PalisadeObject } from '../../src/api/objects.ts'
import { ClusterObjects } from '../../src/kube/cluster-objects.ts'
import { ClusterWriter } from '../../src/kube/cluster-writer.ts'
import type { Connection } from '../../src/kube/connection.ts'
import { KubeSource } from '../../src/kube/source.ts'
import { KubeStore } from '../../src/kube/store.ts'
import { systemTimers } from '../../src/source/timers.ts'
import { describeObjects } from '../contract/sources.ts'
import { describeStatuses } from '../contract/statuses.ts'
import { connect, createNamespace } from './place.ts'
import { installCrds } from './server/crds.ts'
import { describeWithCluster } from './shared.ts'

/** Without what belongs to no namespace, since other tests use the same cluster. */
class NamespacedObjects extends ClusterObjects {
  override *entries(kind?: string): ReturnType<ClusterObjects['entries']> {
    for (const entry of super.entries(kind)) if (entry[1].metadata.namespace !== '') yield entry
  }

  override get(key: string): ReturnType<ClusterObjects['get']> {
    const object = super.get(key)
    return object?.metadata.namespace === '' ? undefined : object
  }
}

const WITHIN = { timeout: 10_000, interval: 5 }

describeWithCluster('a cluster', (cluster) => {
  let connection: Connection
  beforeAll(async () => {
    await installCrds(cluster)
    connection = await connect(cluster, cluster.url)
  })
  afterAll(() => connection.close())

  const watched = (namespace: string): ClusterObjects => {
    const options = { connection, timers: systemTimers, random: Math.random }
    const objects = new NamespacedObjects({ ...options, namespaces: [namespace] })
    objects.start()
    return objects
  }

  /** What a user does in a namespace, who waits until a process that watches it has seen it. */
  class Place {
    readonly namespace: string
    objects: ClusterObjects

    constructor(namespace: string) {
      this.namespace = namespace
      this.objects = watched(namespace)
    }

    async reopen(): Promise<void> {
      await this.objects.close()
      this.objects = watched(this.namespace)
      await this.objects.whenSynced()
    }

    async declare(key: string, fields: object): Promise<string> {
      const { metadata } = await writer().apply(key, fields, 'user')
      await vi.waitFor(() => {
        const seen = this.objects.get(key)?.metadata.resourceVersion
        expect(BigInt(seen ?? '0') >= BigInt(metadata.resourceVersion)).toBe(true)
      }, WITHIN)
      return metadata.uid
    }

    async remove(key: string): Promise<void> {
      await writer().delete(key)
      await vi.waitFor(() => {
        expect(this.objects.get(key)).toBeUndefined()
      }, WITHIN)
    }
  }
  const writer = (): ClusterWriter => new ClusterWriter(connection)

  describeObjects('a cluster', async () => {
    const place = new Place(await createNamespace(cluster))
    const keyOf = (name: string): string => `AddressGroup/${place.namespace}/${name}`
    return {
      source: new KubeSource(place.objects, systemTimers),
      pathOf: (name) => `kubernetes:${keyOf(name)}`,
      declare: async (name, text) => {
        const cidrs = [text === 'one' ? '192.0.2.1/32' : '192.0.2.2/32']
        await place.declare(keyOf(name), { spec: { cidrs } })
      },
      remove: (name) => place.remove(keyOf(name)),
      close: () => place.objects.close(),
    }
  })

  describeStatuses('a cluster', async () => {
    const place = new Place(await createNamespace(cluster))
    const { namespace } = place
    return {
      open: async () => {
        await place.reopen()
        const remembered = { builtInOrigin: () => undefined, read: (object: PalisadeObject) => object }
        return new KubeStore({
          cluster: place.objects,
          writer: writer(),
          now: () => Date.now(),
          ...remembered,
        })
      },
      declare: async ({ metadata, spec, ...object }) => {
        const uid = await place.declare(`Instance/${namespace}/${metadata.name}`, { spec })
        return { ...object, metadata: { name: metadata.name, namespace, uid }, spec }
      },
      withdraw: (key) => place.remove(key),
      remove: () => place.objects.close(),
    }
  })
})
