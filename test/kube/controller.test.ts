import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { isRecord } from '../../src/core/record.ts'
import { ClusterWriter } from '../../src/kube/cluster-writer.ts'
import { group, instance, vpc } from '../reference/objects.ts'
import { startControllerWith, type RunningController } from './controller-in-process.ts'
import { kstatus } from './kstatus.ts'
import { apply, connect, createNamespace } from './place.ts'
import { kubectl, writeKubeconfig, type CommandResult, ADMIN_TOKEN } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { startFront } from './server/front.ts'
import { describeWithCluster } from './shared.ts'

const QUICKSTART = path.join(import.meta.dirname, '../../manifests/quickstart')

const WITHIN = { timeout: 30_000, interval: 50 }

describeWithCluster('a controller', (cluster) => {
  let namespace: string
  const running: RunningController[] = []
  beforeAll(async () => {
    await installCrds(cluster)
  })
  beforeEach(async () => {
    namespace = await createNamespace(cluster)
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop()))
  })

  function start(
    kubeconfig = cluster.kubeconfig,
    options: Parameters<typeof startControllerWith>[0] = {},
  ): RunningController {
    const controller = startControllerWith(options, kubeconfig, namespace)
    running.push(controller)
    return controller
  }

  const k = (...words: readonly string[]): Promise<CommandResult> =>
    kubectl(cluster, ['-n', namespace, ...words])

  /** kubectl that has to succeed; gives what it prints. */
  async function ok(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await k(...words)
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
    return stdout
  }

  const wait = (condition: string, ...objects: readonly string[]): Promise<string> =>
    ok('wait', `--for=${condition}`, '--timeout=30s', ...objects)

  async function object(name: string): Promise<Readonly<Record<string, unknown>>> {
    const value: unknown = JSON.parse(await ok('get', name, '-o', 'json'))
    if (!isRecord(value)) throw new Error(`${name} is no object`)
    return value
  }

  const field = (name: string, jsonPath: string): Promise<string> =>
    ok('get', name, '-o', `jsonpath={${jsonPath}}`)

  const logged = (
    controller: RunningController,
    message: string,
  ): Readonly<Record<string, unknown>> | undefined => controller.log().find(({ msg }) => msg === message)

  const leading = (controller: RunningController): Promise<void> =>
    vi.waitFor(() => {
      expect(logged(controller, 'leading')).toBeDefined()
    }, WITHIN)

  test('makes what is applied ready, and shows it in the columns of kubectl', async () => {
    start()
    await ok('apply', '-f', QUICKSTART)
    await wait('condition=Ready', 'vpcs,securitygroups,addressgroups', '--all')
    const groups = await ok('get', 'sg')
    expect(groups.split('\n')[0]?.split(/ +/)).toEqual(['NAME', 'VPC', 'RULES', 'INSTANCES', 'READY', 'AGE'])
    const all = await ok('get', 'palisade')
    expect(all).toContain('vpc.palisade.dev/shop')
    expect(all).toContain('instance.palisade.dev/web-1')
  })

  test('keeps a group that is needed from going, and lets it go when it is not', async () => {
    start()
    await apply(cluster, namespace, vpc('shop'), group('web', 'shop'), instance('web-1', 'shop', ['web']))
    await wait('condition=Ready', 'sg/web', 'instance/web-1')
    expect(kstatus(await object('sg/web'))).toBe('Current')
    await ok('delete', 'sg/web', '--wait=false')
    await wait('condition=DeletionBlocked', 'sg/web')
    expect(kstatus(await object('sg/web'))).toBe('Terminating')
    const events = await vi.waitFor(async () => {
      const text = await ok('get', 'events', '--field-selector', 'involvedObject.name=web', '-o', 'wide')
      expect(text).toContain('InUse')
      return text
    }, WITHIN)
    expect(events).toContain('was deleted and stays in force')
    await ok('delete', 'instance/web-1')
    await wait('delete', 'sg/web')
  })

  test('keeps the last accepted version in force, says so, and tells of it once', async () => {
    start()
    await apply(cluster, namespace, vpc('shop'), group('web', 'shop', { description: 'first' }))
    await wait('condition=Ready', 'sg/web')
    const refused = group('web', 'shop', {
      ingress: [{ action: 'Drop', remote: { addressGroupRef: { name: 'no' } } }],
    })
    await apply(cluster, namespace, refused)
    await wait('condition=Ready=False', 'sg/web')
    expect(kstatus(await object('sg/web'))).toBe('Failed')
    expect(await field('sg/web', '.status.enforced.object')).toContain('"description":"first"')
    await apply(cluster, namespace, group('web', 'shop', { description: 'second' }))
    await wait('condition=Ready', 'sg/web')
    await vi.waitFor(async () => {
      const reasons = await ok(
        'get',
        'events',
        '-o',
        'jsonpath={range .items[*]}{.type} {.reason}{"\\n"}{end}',
      )
      expect(reasons.trim().split('\n').sort()).toEqual(['Normal Ready', 'Warning RefNotFound'])
    }, WITHIN)
  })

  test('takes what it remembers from the statuses: a restart writes nothing, and forgets nothing', async () => {
    const first = start()
    await ok('apply', '-f', QUICKSTART)
    await wait('condition=Ready', 'vpcs,securitygroups', '--all')
    await apply(cluster, namespace, { ...vpc('shop'), spec: {} })
    await vi.waitFor(async () => {
      expect(await field('pvpc/shop', '.status.observedGeneration')).toBe(
        await field('pvpc/shop', '.metadata.generation'),
      )
    }, WITHIN)
    expect(await first.stop()).toBe(0)
    const versions = (): Promise<string> =>
      ok(
        'get',
        'palisade',
        '-o',
        'jsonpath={range .items[?(@.metadata.namespace)]}{.kind}{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}',
      )
    const before = await versions()
    const second = start()
    await leading(second)
    await vi.waitFor(() => {
      expect(second.log().some(({ msg }) => msg === 'reconciled')).toBe(true)
    }, WITHIN)
    await sleep(1_000)
    expect(await versions()).toBe(before)
  })

  test('makes the default group of a VPC, which its VPC owns, and makes it again when it is deleted', async () => {
    start()
    await apply(cluster, namespace, vpc('net', { profileRef: { name: 'nhn' } }))
    await vi.waitFor(async () => {
      expect((await k('get', 'sg/net-default')).status).toBe(0)
    }, WITHIN)
    await wait('condition=Ready', 'sg/net-default')
    expect(kstatus(await object('sg/net-default'))).toBe('Current')
    expect(await field('sg/net-default', '.metadata.ownerReferences[0].kind')).toBe('VPC')
    expect(await field('sg/net-default', '.metadata.labels.palisade\\.dev/generated')).toBe('true')
    const uid = await field('sg/net-default', '.metadata.uid')
    await ok('delete', 'sg/net-default')
    await vi.waitFor(async () => {
      expect(await field('sg/net-default', '.metadata.uid')).not.toBe(uid)
    }, WITHIN)
    await ok('delete', 'pvpc/net', '--wait=false')
    await wait('delete', 'pvpc/net')
    await wait('delete', 'sg/net-default')
  })

  test('takes a default group that somebody has edited for declared', async () => {
    start()
    await apply(cluster, namespace, vpc('net', { profileRef: { name: 'nhn' } }))
    await vi.waitFor(async () => {
      expect((await k('get', 'sg/net-default')).status).toBe(0)
    }, WITHIN)
    await wait('condition=Ready', 'sg/net-default')
    await ok('patch', 'sg/net-default', '--type=merge', '-p', '{"spec":{"ingress":[]}}')
    await vi.waitFor(async () => {
      expect(await field('sg/net-default', '.status.rules.ingress')).toBe('0')
      expect(await field('sg/net-default', '.status.enforced.generation')).toBe('2')
    }, WITHIN)
  })

  test('has the built-in profiles in the cluster, each ready', async () => {
    start()
    await vi.waitFor(async () => {
      expect((await ok('get', 'cprof', '-o', 'name')).trim().split('\n').length).toBeGreaterThanOrEqual(4)
    }, WITHIN)
    await wait('condition=Ready', 'cprof/jdcloud', 'cprof/alibaba', 'cprof/nhn', 'cprof/standard')
  })

  test('waits for the agent of an instance, whose condition it leaves alone', async () => {
    start()
    const attached = instance('web-1', 'shop', ['web'], { attachment: { nodeName: 'n1', host: true } })
    await apply(cluster, namespace, vpc('shop'), group('web', 'shop'), attached)
    await wait('condition=Reconciling', 'instance/web-1')
    expect(kstatus(await object('instance/web-1'))).toBe('InProgress')
    const connection = await connect(cluster, cluster.url)
    const agent = new ClusterWriter(connection)
    const report = async (): Promise<void> => {
      const digest = await field('instance/web-1', '.status.effectiveRules.digest')
      const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, '')
      const condition = {
        type: 'Programmed',
        status: 'True',
        reason: 'Programmed',
        message: 'done',
        lastTransitionTime,
      }
      const programmed = { nodeName: 'n1', generation: 1, digest }
      const key = `Instance/${namespace}/web-1`
      await agent.applyStatus(key, { conditions: [condition], programmed }, 'palisade-agent')
    }
    await report()
    await wait('condition=Ready', 'instance/web-1')
    expect(kstatus(await object('instance/web-1'))).toBe('Current')
    await apply(cluster, namespace, group('web', 'shop', { ingress: [{ protocol: 'TCP', ports: [80] }] }))
    await wait('condition=Ready=False', 'instance/web-1')
    expect(await field('instance/web-1', '.status.programmed.nodeName')).toBe('n1')
    await report()
    await wait('condition=Ready', 'instance/web-1')
    await connection.close()
  })

  test('puts a status right that somebody else has changed', async () => {
    start()
    await apply(cluster, namespace, vpc('shop'))
    await wait('condition=Ready', 'pvpc/shop')
    await ok(
      'patch',
      'pvpc/shop',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"profile":"wrong"}}',
    )
    await vi.waitFor(async () => {
      expect(await field('pvpc/shop', '.status.profile')).toBe('standard')
    }, WITHIN)
  })

  test('of two leads one, and the other follows within seconds of a SIGTERM', async () => {
    const first = start()
    await leading(first)
    const second = start()
    await apply(cluster, namespace, vpc('shop'))
    await wait('condition=Ready', 'pvpc/shop')
    expect(logged(second, 'leading')).toBeUndefined()
    const stopped = Date.now()
    expect(await first.stop()).toBe(0)
    await leading(second)
    expect(Date.now() - stopped).toBeLessThan(6_000)
    await apply(cluster, namespace, group('web', 'shop'))
    await wait('condition=Ready', 'sg/web')
  })

  test('answers probes: well at once, ready when everything has been seen', async () => {
    const controller = start()
    await leading(controller)
    const address = String(logged(controller, 'watching')?.['health'])
    await vi.waitFor(async () => {
      const answers = await Promise.all(
        ['healthz', 'readyz', 'other'].map(async (name) => {
          const answer = await fetch(`http://${address}/${name}`)
          return `${String(answer.status)} ${(await answer.text()).trim()}`
        }),
      )
      expect(answers).toEqual(['200 ok', '200 ok', '404 not found'])
    }, WITHIN)
  })

  test('is not ready while it cannot have its Lease, and says why', async () => {
    const controller = start(cluster.kubeconfig, { words: ['--lease-namespace', 'not-there'] })
    await vi.waitFor(async () => {
      expect(logged(controller, 'the lease cannot be had')?.['reason']).toContain('not-there')
      const answer = await fetch(`http://${String(logged(controller, 'watching')?.['health'])}/readyz`)
      expect(`${String(answer.status)} ${await answer.text()}`).toMatch(/^503 nobody leads: .*not-there/)
    }, WITHIN)
  })

  test('asks for nothing while nothing happens but for its Lease, and writes as many statuses as change', async () => {
    const front = await startFront(cluster.url)
    const controller = start(writeKubeconfig(cluster.folder, `front-${namespace}`, front.url, ADMIN_TOKEN))
    await leading(controller)
    const open = group('open', 'shop', { ingress: [{ remote: { securityGroupRef: { name: 'web' } } }] })
    const members = Array.from({ length: 40 }, (_, index) =>
      instance(`i${String(index)}`, 'shop', ['open', 'web'], { addresses: [`10.0.0.${String(index + 1)}`] }),
    )
    await apply(cluster, namespace, vpc('shop'), open, group('web', 'shop'), ...members)
    await wait('condition=Ready', 'instances', '--all')
    await sleep(1_000)
    const others = (): readonly string[] =>
      front.requests.filter((request) => request.includes(`/${namespace}/`) && !request.includes('/leases'))
    front.requests.length = 0
    await sleep(4_000)
    expect(others()).toEqual([])
    await apply(cluster, namespace, instance('more', 'shop', ['web'], { addresses: ['10.0.1.1'] }))
    await wait('condition=Ready', 'instance/more')
    await sleep(1_000)
    expect(
      others()
        .map((request) => request.replace(/\?.*/, '').replace(/.*\/namespaces\/[^/]+/, ''))
        .sort(),
    ).toEqual(['/instances/more/status', '/securitygroups/web/status'])
    await controller.stop()
    await front.close()
  })

  test('tries ever more seldom what the server refuses, and goes on once it does not', async () => {
    const front = await startFront(cluster.url)
    start(writeKubeconfig(cluster.folder, `refusing-${namespace}`, front.url, ADMIN_TOKEN))
    await apply(cluster, namespace, vpc('shop'))
    await wait('condition=Ready', 'pvpc/shop')
    const isWrite = (request: string): boolean =>
      request.startsWith('PATCH ') && request.includes(`/namespaces/${namespace}/`)
    front.intercept = (method, url) =>
      isWrite(`${method} ${url}`) ? { status: 503, body: 'out of order' } : undefined
    front.requests.length = 0
    await apply(cluster, namespace, group('web', 'shop'))
    await sleep(15_000)
    const writes = front.requests.filter(isWrite).length
    expect(writes).toBeGreaterThan(1)
    // It looks again after 1, 2, 4 and 8 s, and what is put off is asked for four times: with VPC and group 5 x 2 x 4.
    expect(writes).toBeLessThanOrEqual(40)
    front.intercept = () => undefined
    await wait('condition=Ready', 'sg/web')
    await front.close()
  })

  test('keeps closed what had expired when a controller with a clock that went back takes over', async () => {
    const anHourAgo = (): Date => new Date(Date.now() - 3_600_000)
    const expires = new Date(Date.now() + 3_000).toISOString().replace(/\.\d+/, '')
    const rule = { protocol: 'TCP', ports: [22], expires, remote: { cidr: '192.0.2.0/24' } }
    const open = (): Promise<string> => field('instance/web-1', '.status.effectiveRules.ingress[*].ports')
    const becomes = (ports: string): Promise<void> =>
      vi.waitFor(async () => {
        expect(await open()).toBe(ports)
      }, WITHIN)
    // The conditions are of a time that is long past: of when it was, the Lease alone tells.
    const first = start(cluster.kubeconfig, { now: anHourAgo })
    await apply(cluster, namespace, vpc('shop'), group('web', 'shop', { ingress: [rule] }))
    await apply(cluster, namespace, instance('web-1', 'shop', ['web']))
    await becomes('["22"]')
    await first.stop()
    await sleep(3_000)
    const second = start()
    await becomes('')
    await second.stop()
    await apply(cluster, namespace, instance('web-2', 'shop', ['web']))
    const third = start(cluster.kubeconfig, { now: anHourAgo })
    await wait('condition=Ready', 'instance/web-2')
    expect(await open()).toBe('')
    await third.stop()
    const trusting = start(cluster.kubeconfig, { now: anHourAgo, words: ['--trust-clock'] })
    await becomes('["22"]')
    await trusting.stop()
    start(cluster.kubeconfig, { now: anHourAgo })
    await ok('delete', 'instance/web-2')
    await wait('delete', 'instance/web-2')
    expect(await open()).toBe('["22"]')
  })

  test('ends with what a hundred writers who contradict each other leave, and rests', async () => {
    const front = await startFront(cluster.url)
    start(writeKubeconfig(cluster.folder, `writers-${namespace}`, front.url, ADMIN_TOKEN))
    await apply(cluster, namespace, vpc('shop'), group('web', 'shop'), instance('web-1', 'shop', ['web']))
    await wait('condition=Ready', 'instance/web-1')
    const connection = await connect(cluster, cluster.url)
    const writers = new ClusterWriter(connection)
    front.requests.length = 0
    const contradict = async (port: number): Promise<void> => {
      const { spec } = group('web', 'shop', { ingress: [{ protocol: 'TCP', ports: [port] }] })
      await writers.apply(`SecurityGroup/${namespace}/web`, { spec: { ...spec } }, `writer-${String(port)}`)
    }
    await Promise.all(Array.from({ length: 100 }, (_, index) => contradict(1000 + index)))
    const port = await field('sg/web', '.spec.ingress[0].ports[0]')
    await vi.waitFor(async () => {
      const generation = await field('sg/web', '.metadata.generation')
      expect(await field('sg/web', '.status.observedGeneration')).toBe(generation)
      expect(await field('instance/web-1', '.status.effectiveRules.ingress[0].ports[0]')).toBe(port)
    }, WITHIN)
    await sleep(1_000)
    const statuses = front.requests.filter((request) =>
      request.includes(`/${namespace}/securitygroups/web/status`),
    )
    // One for each version at most.
    expect(statuses.length).toBeLessThanOrEqual(100)
    front.requests.length = 0
    await sleep(2_000)
    expect(
      front.requests.filter((request) => request.includes(`/${namespace}/`) && !request.includes('/leases')),
    ).toEqual([])
    await connection.close()
    await front.close()
  })
})
