import path from 'node:path'
import { expect } from 'vitest'
import { kubectl, type Cluster } from './cluster.ts'

const CRDS = path.join(import.meta.dirname, '../../../crds')

type Reached = Pick<Cluster, 'kubectlCommand' | 'kubeconfig' | 'folder'>

/** Puts the CRDs into the cluster and waits until it serves them. */
export async function installCrds(cluster: Reached): Promise<void> {
  const applied = await kubectl(cluster, ['apply', '--server-side', '-f', CRDS])
  expect(applied).toMatchObject({ status: 0, stderr: '' })
  const wait = ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']
  expect((await kubectl(cluster, wait)).status).toBe(0)
}

/** What is applied while its deletion goes on is deleted as well. */
export async function untilCrdsAreGone(cluster: Reached): Promise<void> {
  const gone = await kubectl(cluster, ['wait', '--for=delete', '-f', CRDS, '--timeout=30s'])
  expect(gone).toMatchObject({ status: 0 })
}

export async function removeCrds(cluster: Reached): Promise<void> {
  expect(await kubectl(cluster, ['delete', '-f', CRDS, '--wait=false'])).toMatchObject({ status: 0 })
}
