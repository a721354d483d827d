import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

/** How to call the programs of a cluster: the words before the arguments. */
export interface Binaries {
  readonly etcd: readonly string[]
  readonly apiServer: readonly string[]
  readonly kubectl: readonly string[]
}

const HERE = import.meta.dirname
const INPUTS = ['go.mod', 'go.sum', 'main.go'] as const

/** What the server says of itself; kubectl refuses to talk to one whose version it cannot read. */
const VERSION = 'k8s.io/component-base/version'
const LINKER = `-s -w -X ${VERSION}.gitVersion=v1.35.0 -X ${VERSION}.gitMajor=1 -X ${VERSION}.gitMinor=35`

/** The first build compiles Kubernetes; on two busy cores that took a quarter of an hour. */
const BUILD_MS = 40 * 60_000

/** Why there is no cluster to test against, in a sentence; undefined where there is one. */
export function missingServer(): string | undefined {
  if (process.env['KUBEBUILDER_ASSETS'] !== undefined) return undefined
  if (spawnSync('go', ['version']).status === 0) return undefined
  return 'needs Go to build a Kubernetes API server, or KUBEBUILDER_ASSETS to name the folder of a built one'
}

/** The programs that KUBEBUILDER_ASSETS names, else one that is built once and kept outside of the checkout. */
export async function clusterBinaries(progress: (line: string) => void): Promise<Binaries> {
  const assets = process.env['KUBEBUILDER_ASSETS']
  if (assets !== undefined) {
    const [etcd, apiServer, kubectl] = ['etcd', 'kube-apiserver', 'kubectl'].map((name) =>
      path.join(assets, name),
    )
    return { etcd: [etcd ?? ''], apiServer: [apiServer ?? ''], kubectl: [kubectl ?? ''] }
  }
  const binary = cachedBinary()
  if (!existsSync(binary)) await build(binary, progress)
  return { etcd: [binary, 'etcd'], apiServer: [binary, 'kube-apiserver'], kubectl: [binary, 'kubectl'] }
}

/** Named by what it is built from, so that each version of it is built once on a machine. */
function cachedBinary(): string {
  const hash = createHash('sha256').update(LINKER)
  for (const name of INPUTS) hash.update(readFileSync(path.join(HERE, name)))
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache')
  return path.join(cache, 'palisade', `test-server-${hash.digest('hex').slice(0, 16)}`)
}

async function build(binary: string, progress: (line: string) => void): Promise<void> {
  progress('building a Kubernetes API server for the tests: once, it takes minutes')
  mkdirSync(path.dirname(binary), { recursive: true })
  const started = Date.now()
  const tick = setInterval(() => {
    progress(`still building the API server, ${String(Math.round((Date.now() - started) / 1000))} s so far`)
  }, 30_000)
  const unfinished = `${binary}.${String(process.pid)}`
  try {
    const args = ['build', '-trimpath', '-ldflags', LINKER, '-o', unfinished, '.']
    await promisify(execFile)('go', args, { cwd: HERE, timeout: BUILD_MS, maxBuffer: 2 ** 24 })
  } finally {
    clearInterval(tick)
  }
  renameSync(unfinished, binary)
}
