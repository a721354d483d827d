import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { API_VERSION } from '../../src/api/objects.ts'
import type { ReachabilityCheck, Rule } from '../../src/api/types.gen.ts'
import { group, instance, vpc } from '../reference/objects.ts'
import { startController, type RunningController } from './controller-in-process.ts'
import { apply, createNamespace } from './place.ts'
import { kubectl } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { describeWithCluster } from './shared.ts'

const WITHIN = { timeout: 30_000, interval: 50 }

const OFFICE: Rule = { name: 'office', protocol: 'TCP', ports: [5432], remote: { cidr: '203.0.113.0/24' } }
const OPEN: Rule = { name: 'open', protocol: 'TCP', ports: [5432], remote: { cidr: '0.0.0.0/0' } }
const CHECK: ReachabilityCheck = {
  apiVersion: API_VERSION,
  kind: 'ReachabilityCheck',
  metadata: { name: 'db-is-private' },
  spec: {
    vpcRef: { name: 'shop' },
    from: { internet: true, except: ['203.0.113.0/24'] },
    to: { securityGroupRef: { name: 'db' } },
    expect: 'Denied',
  },
}

describeWithCluster('a change that a check keeps out of a cluster', (cluster) => {
  let shop: string
  let other: string
  let controller: RunningController | undefined

  const start = (): void => {
    controller = startController(cluster.kubeconfig, shop, other)
  }
  beforeAll(async () => {
    await installCrds(cluster)
    shop = await createNamespace(cluster)
    other = await createNamespace(cluster)
    start()
  })
  afterAll(async () => {
    await controller?.stop()
  })

  const read = async (namespace: string, object: string, path: string): Promise<string> =>
    (await kubectl(cluster, ['-n', namespace, 'get', object, '-o', `jsonpath=${path}`])).stdout
  const ready = (namespace: string, object: string): Promise<string> => {
    const condition = '{.status.conditions[?(@.type=="Ready")]'
    return read(namespace, object, `${condition}.status} ${condition}.reason}`)
  }
  const becomes = async (namespace: string, object: string, said: string): Promise<void> => {
    await vi.waitFor(async () => {
      expect(await ready(namespace, object)).toBe(said)
    }, WITHIN)
  }

  test('waits with its reason in its status, and stays in force as it was', async () => {
    await apply(
      cluster,
      shop,
      vpc('shop', { cidrs: ['10.0.0.0/16'] }),
      group('db', 'shop', { ingress: [OFFICE] }),
      instance('db-1', 'shop', ['db'], { addresses: ['10.0.0.1'] }),
      CHECK,
    )
    await becomes(shop, 'reachabilitychecks/db-is-private', 'True Ready')
    await apply(cluster, shop, group('db', 'shop', { ingress: [OFFICE, OPEN] }))
    await becomes(shop, 'sg/db', 'False ChangeBlocked')
    expect(await read(shop, 'instance/db-1', '{.status.effectiveRules.ingress[*].sources}')).toBe(
      '["db/office"] ["profile:standard/implicit"]',
    )
    expect(await ready(shop, 'reachabilitychecks/db-is-private')).toBe('True Ready')
    const { stdout } = await kubectl(cluster, ['-n', shop, 'describe', 'sg/db'])
    expect(stdout).toMatch(/Warning +ChangeBlocked .*0\.0\.0\.0 can reach db-1 \(10\.0\.0\.1\) on TCP 5432/)
  })

  test('holds nothing of another namespace', async () => {
    await apply(cluster, other, vpc('shop'), group('web', 'shop'))
    await becomes(other, 'sg/web', 'True Ready')
    expect(await ready(shop, 'sg/db')).toBe('False ChangeBlocked')
  })

  test('waits through a restart of the controller, which writes nothing that it knows', async () => {
    const before = await read(shop, 'sg/db', '{.metadata.resourceVersion}')
    await controller?.stop()
    start()
    await apply(cluster, other, group('late', 'shop'))
    await becomes(other, 'sg/late', 'True Ready')
    expect(await read(shop, 'sg/db', '{.metadata.resourceVersion}')).toBe(before)
  })

  test('is let go of once it is mended', async () => {
    await apply(cluster, shop, group('db', 'shop', { ingress: [OFFICE] }))
    await becomes(shop, 'sg/db', 'True Ready')
  })
})
