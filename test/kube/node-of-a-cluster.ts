import { mkdtempSync } from 'node:fs'
import path from 'node:path'
import { expect, vi } from 'vitest'
import { API_VERSION, namespaceOf, type PalisadeObject } from '../../src/api/objects.ts'
import { keyOf } from '../../src/api/objects.ts'
import { runCli } from '../../src/cli/program.ts'
import { declarationDigest } from '../../src/controller/declared.ts'
import { recordedFirewall } from '../../src/firewall/recorded.ts'
import { ClusterWriter } from '../../src/kube/cluster-writer.ts'
import type { Connection } from '../../src/kube/connection.ts'
import type { InstanceRuleset, Ruleset } from '../../src/policy/ruleset.ts'
import { encodeEnforced } from '../../src/api/enforced-object.ts'
import { capturedIo, type CapturedIo } from '../cli/captured-io.ts'
import { apply } from './place.ts'
import type { SharedCluster } from './setup.ts'

export const NODE = 'host-a'

/** One VPC, a group that lets the web in and one that lets the group in, and an instance of each on a node. */
export function shop(
  namespace: string,
): Readonly<Record<'vpc' | 'web' | 'app' | 'front' | 'back', PalisadeObject>> {
  const metadata = (name: string) => ({ name, namespace })
  const vpcRef = { name: 'shop' }
  return {
    vpc: {
      apiVersion: API_VERSION,
      kind: 'VPC',
      metadata: metadata('shop'),
      spec: { region: 'north', networkType: 'VPC', cidrs: ['10.0.0.0/16'] },
    },
    web: group(namespace, 'web', { name: 'https', ports: [443], remote: { cidr: '0.0.0.0/0' } }),
    app: group(namespace, 'app', {
      name: 'web',
      ports: [8080],
      remote: { securityGroupRef: { name: 'web' } },
    }),
    front: {
      apiVersion: API_VERSION,
      kind: 'Instance',
      metadata: metadata('front'),
      spec: {
        vpcRef,
        addresses: ['10.0.1.1'],
        securityGroupRefs: [{ name: 'web' }],
        attachment: { nodeName: 'host-b', host: true },
      },
    },
    back: instance(namespace, 'back', ['app']),
  }
}

export function instance(namespace: string, name: string, groups: readonly string[]): PalisadeObject {
  return {
    apiVersion: API_VERSION,
    kind: 'Instance',
    metadata: { name, namespace },
    spec: {
      vpcRef: { name: 'shop' },
      addresses: ['10.0.2.1'],
      securityGroupRefs: groups.map((group) => ({ name: group })),
      attachment: { nodeName: NODE, netns: 'shop', interface: 'eth0' },
    },
  }
}

interface ShownRule {
  readonly name: string
  readonly ports: number[]
  readonly action?: 'Allow' | 'Drop'
  readonly expires?: string
  readonly remote: { readonly cidr: string } | { readonly securityGroupRef: { readonly name: string } }
}

export function group(namespace: string, name: string, rule: ShownRule): PalisadeObject {
  return {
    apiVersion: API_VERSION,
    kind: 'SecurityGroup',
    metadata: { name, namespace },
    spec: { vpcRef: { name: 'shop' }, ingress: [{ action: 'Allow', protocol: 'TCP', ...rule }], egress: [] },
  }
}

/** Declares objects as a user does, and accepts them as the controller does. */
export async function accept(
  cluster: SharedCluster,
  connection: Connection,
  ...objects: readonly PalisadeObject[]
): Promise<void> {
  const [first] = objects
  if (first !== undefined) await apply(cluster, namespaceOf(first), ...objects)
  const writer = new ClusterWriter(connection)
  for (const object of objects) {
    const enforced = { generation: 1, digest: declarationDigest(object), object: encodeEnforced(object) }
    await writer.applyStatus(keyOf(object), { enforced }, 'palisade-controller')
  }
}

export interface RunningAgent {
  readonly io: CapturedIo
  readonly state: string
  stop(): Promise<number>
}

export async function startAgent(
  { folder }: Pick<SharedCluster, 'folder'>,
  kubeconfig: string,
  options: {
    readonly state?: string
    readonly now?: () => Date
    readonly words?: readonly string[]
  } = {},
): Promise<RunningAgent> {
  const state = options.state ?? mkdtempSync(path.join(folder, 'agent-'))
  const io = capturedIo({ now: options.now ?? (() => new Date()) })
  const words = [
    'agent',
    '--node',
    NODE,
    '--kubeconfig',
    kubeconfig,
    '--state',
    state,
    ...(options.words ?? []),
  ]
  const ended = runCli([...words, '--health-address', '127.0.0.1:0', '--log-level', 'debug'], io)
  await until(() => {
    expect(io.err()).toContain('"msg":"watching"')
  })
  return {
    io,
    state,
    stop: () => {
      io.stop()
      return ended
    },
  }
}

/** What the agent has programmed, by the key of the instance. */
export async function programmedBy({
  state,
}: Pick<RunningAgent, 'state'>): Promise<ReadonlyMap<string, InstanceRuleset>> {
  return (await recordedIn(state)).instances
}

/** All that is on record in a state folder. */
export const recordedIn = (state: string): Promise<Ruleset> =>
  recordedFirewall(state, { mode: 'read', palisade: '0.0.0', warn: () => undefined }).read()

export const until = (assertion: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(assertion, { timeout: 20_000, interval: 20 })
