import path from 'node:path'
import { expect, vi } from 'vitest'
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

/**
 * What is applied while its deletion goes on is deleted as well. It takes seconds; a server that was paused and killed
 * before has been seen not to go on with it at all until it was started anew, and what it does is not what is tested.
 */
export async function untilCrdsAreGone(
  cluster: Reached & Pick<Cluster, 'killServer' | 'startServer'>,
): Promise<void> {
  try {
    await vi.waitFor(() => assertNoCrds(cluster), { timeout: 45_000, interval: 200 })
  } catch {
    await cluster.killServer()
    await cluster.startServer()
    await vi.waitFor(() => assertNoCrds(cluster), { timeout: 100_000, interval: 200 })
  }
}

async function assertNoCrds(cluster: Reached): Promise<void> {
  const left = await kubectl(cluster, ['get', '-f', CRDS, '--ignore-not-found', '-o', 'name'])
  expect(left).toEqual({ status: 0, stdout: '', stderr: '' })
}

export async function removeCrds(cluster: Reached): Promise<void> {
  expect(await kubectl(cluster, ['delete', '-f', CRDS, '--wait=false'])).toMatchObject({ status: 0 })
}
