import { randomBytes } from 'node:crypto'
import { Connection } from '../../src/kube/connection.ts'
import { systemTimers } from '../../src/source/timers.ts'
import { ADMIN_TOKEN, kubectl, writeKubeconfig } from './server/cluster.ts'
import type { SharedCluster } from './setup.ts'

type Reached = Pick<SharedCluster, 'kubectlCommand' | 'kubeconfig' | 'folder'>

/** A namespace of a test's own in the cluster. */
export async function createNamespace(cluster: Reached): Promise<string> {
  const name = `test-${randomBytes(4).toString('hex')}`
  await kubectl(cluster, ['create', 'namespace', name])
  return name
}

/** Applies manifests as a user does. */
export async function apply(
  cluster: Reached,
  namespace: string,
  ...objects: readonly object[]
): Promise<void> {
  const input = objects.map((object) => JSON.stringify(object)).join('\n---\n')
  const done = await kubectl(cluster, ['-n', namespace, 'apply', '--server-side', '-f', '-'], input)
  if (done.status !== 0) throw new Error(done.stderr)
}

/** A connection of the cluster's administrator, or of who has the token, to the server or what stands before it. */
export function connect(
  { folder }: Pick<SharedCluster, 'folder'>,
  url: string,
  token = ADMIN_TOKEN,
): Promise<Connection> {
  const name = `test-${randomBytes(4).toString('hex')}`
  return Connection.open({ kubeconfig: writeKubeconfig(folder, name, url, token), timers: systemTimers })
}

export const addressGroup = (name: string, ...cidrs: readonly string[]): object => ({
  apiVersion: 'palisade.dev/v1alpha1',
  kind: 'AddressGroup',
  metadata: { name },
  spec: { cidrs: cidrs.length === 0 ? ['192.0.2.0/24'] : cidrs },
})
