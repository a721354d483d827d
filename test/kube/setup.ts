import type { TestProject } from 'vitest/node'
import { clusterBinaries, missingServer, type Binaries } from './server/binary.ts'
import { startCluster } from './server/cluster.ts'

/** How tests reach the API server that they share. */
export interface SharedCluster {
  readonly url: string
  readonly kubeconfig: string
  readonly folder: string
  readonly kubectlCommand: readonly string[]
  /** To start another one, for tests that stop it. */
  readonly binaries: Binaries
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where there is none. */
    cluster: SharedCluster | null
  }
}

/** One API server for all tests of this folder; without Go they are skipped, and why is said. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const missing = missingServer()
  if (missing !== undefined) {
    process.stderr.write(`test/kube is skipped: it ${missing}\n`)
    project.provide('cluster', null)
    return undefined
  }
  const binaries = await clusterBinaries((line) => process.stderr.write(`${line}\n`))
  const cluster = await startCluster(binaries)
  const { url, kubeconfig, folder, kubectlCommand } = cluster
  project.provide('cluster', { url, kubeconfig, folder, kubectlCommand, binaries })
  return () => cluster.stop()
}
