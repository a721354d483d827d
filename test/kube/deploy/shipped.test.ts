import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePorts, kubectl, startCluster, type Cluster, type CommandResult } from '../server/cluster.ts'
import { startFront, type Front } from '../server/front.ts'
import { describeWithCluster } from '../shared.ts'
import { grantedRights, usedRight } from './rights.ts'
import { DEPLOY } from './shipped.ts'
import { PROGRAM, startShipped, SYSTEM, tokenKubeconfig, type Shipped } from './shipped-process.ts'

const MANIFESTS = path.join(DEPLOY, '..')
const WITHIN = { timeout: 60_000, interval: 100 }

describeWithCluster('the controller as it ships', ({ binaries }) => {
  let cluster: Cluster
  let front: Front
  let controller: Shipped

  /** kubectl that has to succeed; gives what it prints. */
  async function ok(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await kubectl(cluster, words)
    expect({ words, status, stderr: status === 0 ? '' : stderr }).toEqual({ words, status: 0, stderr: '' })
    return stdout
  }
  const k = (...words: readonly string[]): Promise<CommandResult> => kubectl(cluster, words)

  beforeAll(async () => {
    cluster = await startCluster(binaries)
    front = await startFront(cluster.url)
    // As servers before 1.34 do, so that the right to list is needed, too.
    front.intercept = (_method, url) =>
      url.includes('sendInitialEvents') ? { status: 422, body: '{}' } : undefined
    await ok('apply', '--server-side', '-k', DEPLOY)
    const [health = 0, webhook = 0] = await freePorts(2)
    // Nothing routes to a Service here, so the API server is told the address itself.
    const url = `https://127.0.0.1:${String(webhook)}/validate`
    const config = [{ op: 'replace', path: '/webhooks/0/clientConfig', value: { url } }]
    await ok(
      'patch',
      'validatingwebhookconfiguration',
      'palisade',
      '--type=json',
      '-p',
      JSON.stringify(config),
    )
    controller = startShipped(
      'controller.yaml',
      await tokenKubeconfig(cluster, 'palisade-controller', front.url),
      {
        ...PROGRAM,
        '--health-address': `127.0.0.1:${String(health)}`,
        '--webhook': `127.0.0.1:${String(webhook)}`,
      },
      ['--webhook-names=127.0.0.1'],
    )
    await vi.waitFor(async () => {
      const answer = await fetch(`http://127.0.0.1:${String(health)}/readyz`).catch(() => undefined)
      expect({ status: answer?.status, log: controller.log() }).toMatchObject({ status: 200 })
      expect(controller.log()).toContain('the webhook listens')
    }, WITHIN)
  })
  afterAll(async () => {
    await controller.kill('SIGKILL')
    await front.close()
    await cluster.stop()
  })

  test('makes a folder ready whatever the order of its files', async () => {
    const applied = await k('apply', '-f', path.join(MANIFESTS, 'quickstart'))
    expect(applied.status).toBe(0)
    // app.yaml comes before vpc.yaml: what waits is taken, and is said to wait.
    expect(applied.stderr).toMatch(/^Warning: SecurityGroup default\/app: .*there is no VPC shop/)
    await ok('wait', '--for=condition=Ready', '--timeout=30s', 'vpcs,securitygroups,addressgroups', '--all')
  })

  test('makes the default group that comes with a VPC, and promises kept', async () => {
    await ok('create', 'namespace', 'nhn')
    await ok('-n', 'nhn', 'apply', '-f', path.join(MANIFESTS, 'nhn'))
    const check = {
      apiVersion: 'palisade.dev/v1alpha1',
      kind: 'ReachabilityCheck',
      metadata: { name: 'closed', namespace: 'nhn' },
      spec: {
        vpcRef: { name: 'main' },
        from: { cidrs: ['203.0.113.0/24'] },
        to: { instanceSelector: {} },
        protocol: 'TCP',
        ports: [3306],
        expect: 'Denied',
      },
    }
    expect(await kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(check))).toMatchObject({
      status: 0,
      stderr: '',
    })
    await ok('-n', 'nhn', 'wait', '--for=condition=Ready', '--timeout=30s', 'vpcs,securitygroups', '--all')
    const groups = await ok('-n', 'nhn', 'get', 'securitygroups', '-l', 'palisade.dev/default', '-o', 'name')
    expect(groups).toMatch(/-default$/m)
    await ok(
      '-n',
      'nhn',
      'wait',
      '--for=jsonpath={.status.conditions}',
      '--timeout=30s',
      'reachabilitycheck/closed',
    )
    await ok(
      '-n',
      'nhn',
      'delete',
      'instances,securitygroups,vpcs,reachabilitychecks',
      '--all',
      '--timeout=30s',
    )
  })

  test('has the 51st group of JD Cloud refused on the spot, in the words of the seed, out of one folder', async () => {
    await ok('create', 'namespace', 'jd')
    const folder = path.join(MANIFESTS, 'invalid/51st-group-in-jdcloud.yaml')
    const { status, stderr } = await k('-n', 'jd', 'apply', '--server-side', '-f', folder)
    expect(status).toBe(1)
    expect(stderr).toContain(
      '"The number of security groups under selected virtual private cloud resource has reached 50"',
    )
    expect(stderr.match(/denied the request/g)).toHaveLength(1)
  })

  test('keeps a group that is used, and lets it go with its last user', async () => {
    const used = await k('delete', 'securitygroup', 'db')
    expect(used).toMatchObject({ status: 1 })
    expect(used.stderr).toContain('SecurityGroup default/db cannot be deleted, since Instance default/db-1')
    // The groups name each other: they go together.
    await ok('delete', 'instances,securitygroups,addressgroups,vpcs', '--all', '--timeout=30s')
    expect(await ok('get', 'palisade', '-o', 'name')).not.toContain('securitygroup')
  })

  test('ends in order when it is told to', async () => {
    expect(await controller.kill('SIGTERM')).toBe(0)
    const holder = await ok('-n', SYSTEM, 'get', 'lease', 'palisade-controller', '-o', 'jsonpath={.spec}')
    expect(holder).toContain('"holderIdentity":""')
  })

  test('has used every right that its roles give, and no other', () => {
    const granted = grantedRights('controller-rbac.yaml', 'webhook-rbac.yaml')
    const created = front.created.map((request) => usedRight(request).replace(/^patch/, 'create'))
    const used = new Set([...front.requests.map(usedRight), ...created])
    expect([...used].sort()).toEqual([...granted].sort())
  })
})
