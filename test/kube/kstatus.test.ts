import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { KINDS, keyOf, type Kind, type PalisadeObject } from '../../src/api/objects.ts'
import { parseKey } from '../../src/core/key.ts'
import { isList, isRecord, type UnknownRecord } from '../../src/core/record.ts'
import { addressGroup, group, instance, profile, vpc } from '../reference/objects.ts'
import { startController, type RunningController } from './controller-in-process.ts'
import { kstatus } from './kstatus.ts'
import { kubectl, startCluster, type Cluster } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { describeWithCluster } from './shared.ts'

const WITHIN = { timeout: 30_000, interval: 50 }

const OPEN = { protocol: 'TCP', ports: [443], remote: { addressGroupRef: { name: 'office' } } } as const

const ALLOWING = {
  rules: { actions: ['Allow'] },
  groupTypes: [
    { name: 'Basic', implicit: { ingress: 'Drop', egress: 'Drop' }, remotes: ['CIDR', 'AddressGroup'] },
  ],
  instanceWithoutGroups: 'DenyAll',
} as const

/** One object of each kind, all of which need each other. */
const WORLD: Readonly<Record<Kind, PalisadeObject>> = {
  CloudProfile: profile('own', ALLOWING),
  VPC: vpc('shop', { profileRef: { name: 'own' } }),
  AddressGroup: addressGroup('office', ['192.0.2.0/24']),
  SecurityGroup: group('web', 'shop', { ingress: [OPEN] }),
  Instance: instance('web-1', 'shop', ['web'], { addresses: ['10.0.0.1'] }),
  ReachabilityCheck: promise('Denied'),
}

/** Versions that pass the schema and are refused. Nothing but the schema refuses an address group. */
const REFUSED: readonly PalisadeObject[] = [
  profile('own', {
    ...ALLOWING,
    initialRules: { ingress: [{ name: 'no', action: 'Drop', protocol: 'All' }] },
  }),
  vpc('shop', { profileRef: { name: 'nobodys' } }),
  group('web', 'shop', { ingress: [{ ...OPEN, action: 'Drop' }] }),
  instance('web-1', 'shop', ['nobodys'], { addresses: ['10.0.0.1'] }),
  promise('Allowed'),
]

function promise(expected: 'Allowed' | 'Denied'): PalisadeObject {
  const { apiVersion } = vpc('shop')
  return {
    apiVersion,
    kind: 'ReachabilityCheck',
    metadata: { name: 'closed' },
    spec: {
      vpcRef: { name: 'shop' },
      from: { cidrs: ['203.0.113.0/24'] },
      to: { instances: ['web-1'] },
      protocol: 'TCP',
      ports: [443],
      expect: expected,
    },
  }
}

describeWithCluster('what Flux and Argo CD read (kstatus)', ({ binaries }) => {
  let cluster: Cluster
  let controller: RunningController
  beforeAll(async () => {
    cluster = await startCluster(binaries)
    await installCrds(cluster)
  })
  afterAll(async () => {
    await controller.stop()
    await cluster.stop()
  })

  function start(): void {
    controller = startController(cluster.kubeconfig)
  }

  async function ok(words: readonly string[], ...objects: readonly PalisadeObject[]): Promise<string> {
    const input = objects.map((object) => JSON.stringify(object)).join('\n---\n')
    const { status, stdout, stderr } = await kubectl(cluster, words, input)
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
    return stdout
  }
  const apply = (...objects: readonly PalisadeObject[]): Promise<string> =>
    ok(['apply', '--server-side', '-f', '-'], ...objects)

  /** What is read of the object of each kind; nothing of those that are gone. */
  async function read(): Promise<Readonly<Partial<Record<Kind, string>>>> {
    const list: unknown = JSON.parse(await ok(['get', 'palisade', '-o', 'json']))
    const items = isRecord(list) && isList(list['items']) ? list['items'].filter(isRecord) : []
    return Object.fromEntries(
      KINDS.flatMap((kind) => {
        const found = items.find((item) => isCalled(item, kind, parseKey(keyOf(WORLD[kind])).name))
        return found === undefined ? [] : [[kind, kstatus(found)]]
      }),
    )
  }
  const all = (status: string): Readonly<Record<string, string>> =>
    Object.fromEntries(KINDS.map((kind) => [kind, status]))
  const comes = (expected: Readonly<Record<string, string>>): Promise<void> =>
    vi.waitFor(async () => {
      expect(await read()).toEqual(expected)
    }, WITHIN)

  test('InProgress until a controller has looked', async () => {
    await apply(...Object.values(WORLD))
    expect(await read()).toEqual(all('InProgress'))
  })

  test('Current when it is in force', async () => {
    start()
    await comes(all('Current'))
  })

  test('InProgress again once it is another version', async () => {
    expect(await controller.stop()).toBe(0)
    await apply(...REFUSED, addressGroup('office', ['198.51.100.0/24']))
    expect(await read()).toEqual(all('InProgress'))
  })

  test('Failed when somebody has to change it, and Current when they have', async () => {
    start()
    await comes({ ...all('Failed'), AddressGroup: 'Current' })
    await apply(...Object.values(WORLD))
    await comes(all('Current'))
  })

  test('Terminating from the deletion on, for as long as it is kept', async () => {
    // What nothing needs has no finalizer of palisade's, but may have others'.
    const held = '{"metadata":{"finalizers":["example.com/hold"]}}'
    const own = ['instance/web-1', 'reachabilitycheck/closed']
    for (const one of own) await ok(['patch', one, '--type=merge', '-p', held])
    const others = ['sg/web', 'addressgroup/office', 'pvpc/shop', 'cloudprofile/own']
    await ok(['delete', '--wait=false', ...others])
    await comes({ ...all('Terminating'), Instance: 'Current', ReachabilityCheck: 'Current' })
    await ok(['delete', '--wait=false', ...own])
    await comes({ Instance: 'Terminating', ReachabilityCheck: 'Terminating' })
    for (const one of own) await ok(['patch', one, '--type=merge', '-p', '{"metadata":{"finalizers":null}}'])
    await comes({})
  })
})

function isCalled({ kind, metadata }: UnknownRecord, sought: Kind, name: string): boolean {
  return kind === sought && isRecord(metadata) && metadata['name'] === name
}
