import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { group, vpc } from '../reference/objects.ts'
import { startController, type RunningController } from './controller-in-process.ts'
import { apply, createNamespace } from './place.ts'
import { ADMIN_TOKEN, kubectl, writeKubeconfig } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { startFront, type Front } from './server/front.ts'
import { describeWithCluster } from './shared.ts'

const WITHIN = { timeout: 30_000, interval: 50 }

describeWithCluster('two controllers, each for a namespace of its own', (cluster) => {
  let front: Front
  let namespaces: readonly string[]
  let controllers: readonly RunningController[] = []
  beforeAll(async () => {
    await installCrds(cluster)
    front = await startFront(cluster.url)
    const kubeconfig = writeKubeconfig(cluster.folder, 'two-controllers', front.url, ADMIN_TOKEN)
    namespaces = await Promise.all([1, 2, 3].map(() => createNamespace(cluster)))
    controllers = namespaces.slice(0, 2).map((namespace) => startController(kubeconfig, namespace))
  })
  afterAll(async () => {
    await Promise.all(controllers.map((controller) => controller.stop()))
    await front.close()
  })

  const ready = async (namespace: string): Promise<string> => {
    const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
    return (await kubectl(cluster, ['-n', namespace, 'get', 'sg/web', '-o', path])).stdout
  }

  test('lead both, and leave alone what is in no namespace of theirs', async () => {
    for (const namespace of namespaces) await apply(cluster, namespace, vpc('shop'), group('web', 'shop'))
    await vi.waitFor(async () => {
      expect(await Promise.all(namespaces.map(ready))).toEqual(['True', 'True', ''])
    }, WITHIN)
  })

  test('do not write over each other what both of them say of a profile', async () => {
    await sleep(1_000)
    front.requests.length = 0
    await sleep(5_000)
    const { stdout } = await kubectl(cluster, ['get', 'cloudprofiles', '-o', 'name'])
    const writes = front.requests.filter((request) => /^PATCH .*\/cloudprofiles\//.test(request))
    // Each puts each profile right once in 30 seconds at most.
    expect(writes.length).toBeLessThanOrEqual(2 * stdout.trim().split('\n').length)
    expect(front.requests.filter((request) => /^PATCH .*\/namespaces\//.test(request))).toEqual([])
  })
})
