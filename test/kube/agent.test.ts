import { rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { fetch } from 'undici'
import type { Connection } from '../../src/kube/connection.ts'
import { connect, createNamespace } from './place.ts'
import {
  accept,
  group,
  instance,
  NODE,
  programmedBy,
  shop,
  startAgent,
  until,
  type RunningAgent,
} from './node-of-a-cluster.ts'
import { ADMIN_TOKEN, kubectl, writeKubeconfig } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { startFront, type Front } from './server/front.ts'
import { describeWithCluster } from './shared.ts'

describeWithCluster('palisade agent', (cluster) => {
  let front: Front
  let connection: Connection
  let kubeconfig: string
  let namespace: string
  let back: string
  const agents: RunningAgent[] = []

  beforeAll(async () => {
    await installCrds(cluster)
    connection = await connect(cluster, cluster.url)
  })
  afterAll(() => connection.close())
  beforeEach(async () => {
    front = await startFront(cluster.url)
    kubeconfig = writeKubeconfig(cluster.folder, `agent-${String(Date.now())}`, front.url, ADMIN_TOKEN)
    namespace = await createNamespace(cluster)
    back = `Instance/${namespace}/back`
    await accept(cluster, connection, ...Object.values(shop(namespace)))
  })
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.stop()))
    await front.close()
    await kubectl(cluster, ['delete', 'namespace', namespace, '--wait=false'])
    await kubectl(cluster, ['-n', namespace, 'delete', 'instances', '--all'])
  })

  const running = async (options: Parameters<typeof startAgent>[2] = {}): Promise<RunningAgent> => {
    const agent = await startAgent(cluster, kubeconfig, options)
    agents.push(agent)
    return agent
  }
  const stopped = async (agent: RunningAgent): Promise<void> => {
    agents.splice(agents.indexOf(agent), 1)
    expect(await agent.stop()).toBe(0)
  }
  const portsOf = async (agent: RunningAgent): Promise<readonly string[]> =>
    ((await programmedBy(agent)).get(back)?.ruleSet.ingress ?? []).flatMap(({ ports }) => ports ?? [])
  const untilPorts = (agent: RunningAgent, ...ports: string[]): Promise<void> =>
    until(async () => {
      expect(await portsOf(agent)).toEqual(ports)
    })
  const statusOf = async (name: string): Promise<string> => {
    const words = ['-n', namespace, 'get', 'instance', name, '-o']
    const { stdout } = await kubectl(cluster, [
      ...words,
      'jsonpath={.status.programmed} {range .status.conditions[*]}{.type}={.status}/{.reason}{end}',
    ])
    return stdout
  }
  const edited = (port: number) =>
    group(namespace, 'app', { name: 'web', ports: [port], remote: { securityGroupRef: { name: 'web' } } })

  test("enforces its own node's instances, and says so in their statuses alone", async () => {
    const agent = await running()
    await untilPorts(agent, '8080')
    const programmed = await programmedBy(agent)
    expect([...programmed.keys()]).toEqual([back])

    await until(async () => {
      const digest = programmed.get(back)?.ruleSet.digest ?? 'none'
      expect(await statusOf('back')).toBe(
        `{"digest":"${digest}","generation":1,"nodeName":"${NODE}"} Programmed=True/Programmed`,
      )
    })
    expect(await statusOf('front')).toBe(' ')
  })

  test('follows what is accepted, never what is only declared', async () => {
    const agent = await running()
    await untilPorts(agent, '8080')
    const declared = JSON.stringify(edited(1))
    await kubectl(cluster, ['apply', '--server-side', '--force-conflicts', '-f', '-'], declared)
    await sleep(300)
    expect(await portsOf(agent)).toEqual(['8080'])

    await accept(cluster, connection, edited(9090))
    await untilPorts(agent, '9090')
  })

  test('asks nothing while nothing happens', async () => {
    const agent = await running()
    await until(async () => {
      expect(await statusOf('back')).toContain('Programmed=True')
    })
    await sleep(300)
    front.requests.length = 0
    await sleep(2_000)
    expect(front.requests).toEqual([])
    expect(agent.io.err()).not.toContain('trying again')
  })

  test('goes on without the API server, starts without it, and follows it again', async () => {
    const first = await running()
    await untilPorts(first, '8080')
    front.intercept = () => ({ status: 503, body: 'away' })
    front.cut()
    await until(() => {
      expect(first.io.err()).toContain('the cluster is not seen, what is in force stays')
    })
    expect(await portsOf(first)).toEqual(['8080'])
    await stopped(first)
    // What remains is what is remembered: the rules themselves are gone, as a kernel's are after a start.
    rmSync(path.join(first.state, 'recorded.ndjson'))

    const second = await running({ state: first.state })
    await untilPorts(second, '8080')

    await accept(cluster, connection, edited(9090))
    front.intercept = () => undefined
    await untilPorts(second, '9090')
  })

  test('closes a rule at its end without the API server, also after its own restart', async () => {
    const end = Date.now() + 4_000
    const expires = `${new Date(end).toISOString().slice(0, 19)}Z`
    const rule = { name: 'web', ports: [8080], expires, remote: { cidr: '0.0.0.0/0' } }
    await accept(cluster, connection, group(namespace, 'app', rule))
    const first = await running()
    await until(async () => {
      expect((await programmedBy(first)).has(back)).toBe(true)
    })
    front.intercept = () => ({ status: 503 })
    front.cut()
    await stopped(first)
    const second = await running({ state: first.state })
    await untilPorts(second)
    expect(Date.now()).toBeGreaterThanOrEqual(end - 1_000)
    expect((await programmedBy(second)).has(back)).toBe(true)
  })

  test('keeps closed what had expired when its clock has gone back, until somebody says that it is right', async () => {
    const end = Date.now() + 3_600_000
    const expires = `${new Date(end).toISOString().slice(0, 19)}Z`
    const rule = { name: 'web', ports: [8080], expires, remote: { cidr: '0.0.0.0/0' } }
    await accept(cluster, connection, group(namespace, 'app', rule))
    const later = await running({ now: () => new Date(end + 1_000) })
    await until(async () => {
      expect((await programmedBy(later)).has(back)).toBe(true)
    })
    expect(await portsOf(later)).toEqual([])
    await stopped(later)
    const earlier = await running({ state: later.state })
    await until(async () => {
      expect(await statusOf('back')).toContain('Programmed=True')
    })
    expect(await portsOf(earlier)).toEqual([])
    await stopped(earlier)
    const trusting = await running({ state: later.state, words: ['--trust-clock'] })
    await untilPorts(trusting, '8080')
  })

  test('lets go of an instance that was deleted, and keeps it while its type is being removed', async () => {
    const agent = await running()
    await untilPorts(agent, '8080')
    const leaving = { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }
    front.intercept = (_, url) =>
      url.includes('customresourcedefinitions') ? { status: 200, body: JSON.stringify(leaving) } : undefined
    await kubectl(cluster, ['-n', namespace, 'delete', 'instance', 'back'])
    await until(() => {
      expect(agent.io.err()).toContain('the CRD instances.palisade.dev is being removed')
    })
    expect(await portsOf(agent)).toEqual(['8080'])

    front.intercept = () => undefined
    await until(async () => {
      expect([...(await programmedBy(agent)).keys()]).toEqual([])
    })
  })

  test('keeps an instance whose new groups have not been seen yet as it is', async () => {
    const agent = await running()
    await untilPorts(agent, '8080')
    await accept(cluster, connection, instance(namespace, 'back', ['app', 'late']))
    await until(() => {
      expect(agent.io.err()).toContain(
        `SecurityGroup ${namespace}/late, which Instance ${namespace}/back needs`,
      )
    })
    expect(await portsOf(agent)).toEqual(['8080'])
    const late = { name: 'ssh', ports: [22], remote: { cidr: '198.51.100.0/24' } }
    await accept(cluster, connection, group(namespace, 'late', late))
    await untilPorts(agent, '22', '8080')
  })

  test('reports an instance however often the report of another is refused', async () => {
    const message = 'admission webhook "policy.example.com" denied the request: no'
    front.intercept = (method, url) =>
      method === 'PATCH' && url.includes('/instances/back/status')
        ? { status: 403, body: JSON.stringify({ kind: 'Status', code: 403, message }) }
        : undefined
    const agent = await running()
    await until(() => {
      expect(agent.io.err()).toContain('denied the request')
    })
    const last = instance(namespace, 'last', ['app'])
    const attachment = { nodeName: NODE, netns: 'shop', interface: 'eth1' }
    if (last.kind !== 'Instance') throw new Error('no instance')
    const spec = { ...last.spec, addresses: ['10.0.2.2'], attachment }
    await accept(cluster, connection, { ...last, spec })
    await until(async () => {
      expect(await statusOf('last')).toContain('Programmed=True')
    })
    front.intercept = () => undefined
    await until(async () => {
      expect(await statusOf('back')).toContain('Programmed=True')
    })
  })

  test('answers probes', async () => {
    const agent = await running()
    const address = /"health":"([^"]+)"/.exec(agent.io.err())?.[1] ?? ''
    await until(async () => {
      expect((await fetch(`http://${address}/readyz`)).status).toBe(200)
    })
    expect(await (await fetch(`http://${address}/healthz`)).text()).toBe('ok\n')
  })
})
