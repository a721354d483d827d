import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test, vi } from 'vitest'
import { group, instance, vpc } from '../reference/objects.ts'
import { startController, type RunningController } from './controller-in-process.ts'
import { apply, createNamespace } from './place.ts'
import { ADMIN_TOKEN, kubectl, writeKubeconfig } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { startFront } from './server/front.ts'
import { describeWithCluster } from './shared.ts'

const WITHIN = { timeout: 30_000, interval: 50 }

describeWithCluster('the controller that leads next', (cluster) => {
  beforeAll(() => installCrds(cluster))

  const leading = (controller: RunningController): Promise<void> =>
    vi.waitFor(() => {
      expect(controller.log().some(({ msg }) => msg === 'leading')).toBe(true)
    }, WITHIN)

  test('puts no older version back into force, however far behind its watches are', async () => {
    const namespace = await createNamespace(cluster)
    const enforced = async (): Promise<string> => {
      const words = ['get', 'sg/web', '-o', 'jsonpath={.status.enforced.generation}']
      return (await kubectl(cluster, ['-n', namespace, ...words])).stdout
    }
    const untilEnforced = (generation: string): Promise<void> =>
      vi.waitFor(async () => {
        expect(await enforced()).toBe(generation)
      }, WITHIN)
    const front = await startFront(cluster.url)
    const behind = writeKubeconfig(cluster.folder, `behind-${namespace}`, front.url, ADMIN_TOKEN)
    const first = startController(cluster.kubeconfig, namespace)
    await leading(first)
    const second = startController(behind, namespace)
    await apply(cluster, namespace, vpc('shop'), group('web', 'shop', { description: 'open' }))
    await untilEnforced('1')
    await sleep(500)
    front.intercept = (method, url) =>
      method === 'GET' && url.includes('/securitygroups?') ? { status: 503 } : undefined
    front.cut()
    await apply(cluster, namespace, group('web', 'shop', { description: 'closed' }))
    await untilEnforced('2')

    await first.stop()
    await leading(second)
    // One member more is said in the status of the group.
    await apply(cluster, namespace, instance('web-1', 'shop', ['web']))
    await sleep(2_000)
    expect(await enforced()).toBe('2')

    front.intercept = () => undefined
    await apply(cluster, namespace, group('web', 'shop', { description: 'third' }))
    await untilEnforced('3')
    await second.stop()
    await front.close()
  })
})
