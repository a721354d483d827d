import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { fetch } from 'undici'
import type { Connection } from '../../src/kube/connection.ts'
import { ClusterWriter } from '../../src/kube/cluster-writer.ts'
import { KubeError } from '../../src/kube/kube-error.ts'
import { Reflector } from '../../src/kube/reflector.ts'
import { resourceOf } from '../../src/kube/resource.ts'
import { systemTimers } from '../../src/source/timers.ts'
import { addressGroup, apply, connect, createNamespace } from './place.ts'
import { kubectl, startCluster, type Cluster } from './server/cluster.ts'
import { installCrds, removeCrds, untilCrdsAreGone } from './server/crds.ts'
import { describeWithCluster } from './shared.ts'

const WITHIN = { timeout: 60_000, interval: 50 }

/** In place of 75 s: a server whose bookmarks come once a minute would not be paused so long in a test. */
const INACTIVITY_MS = 3_000

describeWithCluster('what watches a cluster, when', ({ binaries }) => {
  let cluster: Cluster
  let connection: Connection
  let namespace: string
  let reflector: Reflector

  beforeAll(async () => {
    cluster = await startCluster(binaries)
    connection = await connect(cluster, cluster.url)
    namespace = await createNamespace(cluster)
  })
  afterAll(async () => {
    await connection.close()
    await cluster.stop()
  })
  beforeEach(() => {
    reflector = new Reflector({
      connection,
      resource: resourceOf('AddressGroup'),
      namespace,
      timers: systemTimers,
      random: () => 0.5,
      inactivityMs: INACTIVITY_MS,
    })
  })
  afterEach(() => reflector.close())

  const names = (): string[] => [...reflector.objects.keys()].map((key) => key.split('/')[2] ?? '').sort()
  const untilNames = (...expected: string[]): Promise<void> =>
    vi.waitFor(() => {
      expect(names()).toEqual(expected)
    }, WITHIN)
  const untilFailed = (sentence: RegExp): Promise<void> =>
    vi.waitFor(() => {
      expect(reflector.health.failure).toMatch(sentence)
    }, WITHIN)
  const remove = (name: string): Promise<unknown> =>
    kubectl(cluster, ['-n', namespace, 'delete', 'addressgroup', name])

  test('the CRDs are not there yet, says what to run, and sees the objects once they are', async () => {
    reflector.start()
    await untilFailed(
      /^cannot watch addressgroups\.palisade\.dev in namespace .+: the cluster does not serve/,
    )
    expect(reflector.health.failure).toContain('run: palisade crds | kubectl apply --server-side -f -')
    expect(reflector.health.disconnectedSince).toBeDefined()
    expect(reflector.isSynced).toBe(false)

    await installCrds(cluster)
    await apply(cluster, namespace, addressGroup('a'), addressGroup('b'))

    await untilNames('a', 'b')
    expect(reflector.health.disconnectedSince).toBeUndefined()
  })

  test('the server is killed, keeps what it saw, and reads all again when it is back', async () => {
    reflector.start()
    await untilNames('a', 'b')
    const before = reflector.objects.get(`AddressGroup/${namespace}/a`)

    await cluster.killServer()
    await untilFailed(/ECONNREFUSED|closed the connection/)
    expect(names()).toEqual(['a', 'b'])
    expect(reflector.health.disconnectedSince).toBeLessThanOrEqual(Date.now())
    await expect(writeStatus()).rejects.toBeInstanceOf(KubeError)

    await cluster.startServer()
    await remove('b')
    await apply(cluster, namespace, addressGroup('c'))
    await untilNames('a', 'c')
    expect(reflector.objects.get(`AddressGroup/${namespace}/a`)).toBe(before)
    expect(reflector.health.disconnectedSince).toBeUndefined()
  })

  test('its version was compacted away while it was cut off, reads all again', async () => {
    reflector.start()
    await untilNames('a', 'c')
    await cluster.killServer()
    await cluster.startServer()
    await remove('c')
    await compact()
    await untilNames('a')
    await apply(cluster, namespace, addressGroup('d'))
    await untilNames('a', 'd')
  })

  test('the server falls silent, notices, and is back with it', async () => {
    reflector.start()
    await untilNames('a', 'd')
    cluster.pauseServer()
    try {
      await untilFailed(/has fallen silent/)
      expect(names()).toEqual(['a', 'd'])
      await sleep(1_000)
    } finally {
      cluster.resumeServer()
    }
    await remove('d')
    await untilNames('a')
  })

  test('one verb is missing, says which, and goes on once it is granted', async () => {
    await kubectl(cluster, ['-n', namespace, 'create', 'serviceaccount', 'watcher'])
    const { stdout } = await kubectl(cluster, ['-n', namespace, 'create', 'token', 'watcher'])
    const weak = await connect(cluster, cluster.url, stdout.trim())
    const limited = new Reflector({
      connection: weak,
      resource: resourceOf('AddressGroup'),
      namespace,
      timers: systemTimers,
      random: () => 0.5,
    })
    limited.start()
    await vi.waitFor(() => {
      expect(limited.health.failure).toContain(
        'forbidden; grant the verb watch on addressgroups of API group "palisade.dev"',
      )
    }, WITHIN)
    const words = ['--verb=watch', '--resource=addressgroups.palisade.dev']
    await kubectl(cluster, ['-n', namespace, 'create', 'role', 'watcher', ...words])
    const bound = ['--role=watcher', `--serviceaccount=${namespace}:watcher`]
    await kubectl(cluster, ['-n', namespace, 'create', 'rolebinding', 'watcher', ...bound])
    await vi.waitFor(() => {
      expect(limited.isSynced).toBe(true)
    }, WITHIN)
    await limited.close()
    await weak.close()
  })

  test('the CRDs are removed under it, says so, and sees the objects of those that come after', async () => {
    reflector.start()
    await untilNames('a')
    await removeCrds(cluster)
    await untilFailed(/the cluster does not serve addressgroups/)
    await untilCrdsAreGone(cluster)
    await installCrds(cluster)
    await apply(cluster, namespace, addressGroup('e'))
    await untilNames('e')
  }, 300_000)

  const writeStatus = (): Promise<unknown> =>
    new ClusterWriter(connection).applyStatus(`AddressGroup/${namespace}/a`, {}, 'one')

  /** Makes etcd forget every version but the present. */
  async function compact(): Promise<void> {
    const range = await fetch(`${cluster.etcdUrl}/v3/kv/range`, { method: 'POST', body: '{"key":"AA=="}' })
    const revision = /"revision":"(\d+)"/.exec(await range.text())?.[1]
    const body = JSON.stringify({ revision, physical: true })
    const done = await fetch(`${cluster.etcdUrl}/v3/kv/compaction`, { method: 'POST', body })
    expect(done.status).toBe(200)
  }
})
