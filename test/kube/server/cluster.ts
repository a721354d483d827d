import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, fetch } from 'undici'
import type { Binaries } from './binary.ts'

/** The one user of the test cluster that may do everything. */
export const ADMIN_TOKEN = 'admin-of-the-test-cluster'

/** A kube-apiserver and its etcd on loopback, to be used, stopped, paused and killed. */
export interface Cluster {
  readonly url: string
  readonly kubeconfig: string
  readonly etcdUrl: string
  readonly folder: string
  readonly kubectlCommand: readonly string[]
  /** The API server alone: etcd keeps what it holds. */
  killServer(): Promise<void>
  startServer(): Promise<void>
  /** It keeps its connections and answers nothing. */
  pauseServer(): void
  resumeServer(): void
  stop(): Promise<void>
}

export interface CommandResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export async function startCluster(binaries: Binaries): Promise<Cluster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'palisade-cluster-'))
  const [client = 0, peer = 0, secure = 0] = await freePorts(3)
  const etcdUrl = `http://127.0.0.1:${String(client)}`
  const peerUrl = `http://127.0.0.1:${String(peer)}`
  const etcd = start(folder, 'etcd', binaries.etcd, [
    ...['--data-dir', path.join(folder, 'etcd'), '--listen-client-urls', etcdUrl],
    ...['--advertise-client-urls', etcdUrl, '--listen-peer-urls', peerUrl],
    ...['--initial-advertise-peer-urls', peerUrl],
  ])
  writeKeys(folder)
  const url = `https://127.0.0.1:${String(secure)}`
  const kubeconfig = writeKubeconfig(folder, 'admin', url, ADMIN_TOKEN)
  const startServer = async (): Promise<ChildProcess> => {
    const process = start(folder, 'apiserver', binaries.apiServer, serverFlags(folder, etcdUrl, secure))
    await untilReady(url, process)
    return process
  }
  let server = await startServer()
  return {
    url,
    kubeconfig,
    etcdUrl,
    folder,
    kubectlCommand: binaries.kubectl,
    killServer: () => end(server, 'SIGKILL'),
    startServer: async () => {
      server = await startServer()
    },
    pauseServer: () => {
      server.kill('SIGSTOP')
    },
    resumeServer: () => {
      server.kill('SIGCONT')
    },
    // The API server first: without its etcd it does not end on SIGTERM.
    stop: async () => {
      await end(server, 'SIGKILL')
      await end(etcd, 'SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** A kubeconfig in the folder of the cluster for whoever has a token. */
export function writeKubeconfig(folder: string, name: string, url: string, token: string): string {
  const file = path.join(folder, `${name}.kubeconfig`)
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name: 'test', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: 'test', user: name } }],
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

/** Runs kubectl with the words, and the input if any. */
export function kubectl(
  { kubectlCommand, kubeconfig, folder }: Pick<Cluster, 'kubectlCommand' | 'kubeconfig' | 'folder'>,
  words: readonly string[],
  input = '',
): Promise<CommandResult> {
  const [program = '', ...first] = kubectlCommand
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, KUBECONFIG: kubeconfig }
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...first, ...words],
      { env, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
      },
    )
    child.stdin?.end(input)
  })
}

function serverFlags(folder: string, etcdUrl: string, port: number): readonly string[] {
  const key = path.join(folder, 'service-account.key')
  return [
    `--etcd-servers=${etcdUrl}`,
    `--secure-port=${String(port)}`,
    '--bind-address=127.0.0.1',
    `--cert-dir=${path.join(folder, 'certificates')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${path.join(folder, 'service-account.pub')}`,
    `--service-account-signing-key-file=${key}`,
    `--token-auth-file=${path.join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.96.0.0/24',
    '--disable-admission-plugins=ServiceAccount',
  ]
}

function writeKeys(folder: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  writeFileSync(path.join(folder, 'service-account.key'), privateKey, { mode: 0o600 })
  writeFileSync(path.join(folder, 'service-account.pub'), publicKey)
  writeFileSync(path.join(folder, 'tokens.csv'), `${ADMIN_TOKEN},admin,admin,system:masters\n`, {
    mode: 0o600,
  })
}

function start(
  folder: string,
  name: string,
  [program = '', ...first]: readonly string[],
  words: readonly string[],
): ChildProcess {
  const log = createWriteStream(path.join(folder, `${name}.log`), { flags: 'a' })
  const child = spawn(program, [...first, ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr.pipe(log)
  return child
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await ended
}

/** On a machine with nothing else to do it is ready after 2.5 s. */
const READY_MS = 120_000

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  const deadline = Date.now() + READY_MS
  try {
    while (Date.now() < deadline) {
      if (server.exitCode !== null) throw new Error(`kube-apiserver ended with ${String(server.exitCode)}`)
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
      const answer = await fetch(`${url}/readyz`, { dispatcher, headers }).catch(() => undefined)
      if (answer?.status === 200) return
      await sleep(100)
    }
    throw new Error(`kube-apiserver is not ready after ${String(READY_MS / 1000)} s`)
  } finally {
    await dispatcher.destroy()
  }
}

/** Free at the moment; all are held at once so that they differ. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
