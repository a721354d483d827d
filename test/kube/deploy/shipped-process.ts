import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { SharedCluster } from '../setup.ts'
import { kubectl, writeKubeconfig } from '../server/cluster.ts'
import { entryPoint } from './shipped.ts'

const MAIN = path.join(import.meta.dirname, '../../../src/main.ts')

export const SYSTEM = 'palisade-system'

type Reached = Pick<SharedCluster, 'kubectlCommand' | 'kubeconfig' | 'folder'>

/** A kubeconfig with the token of a service account that ships. */
export async function tokenKubeconfig(cluster: Reached, account: string, url: string): Promise<string> {
  const { status, stdout, stderr } = await kubectl(cluster, ['-n', SYSTEM, 'create', 'token', account])
  if (status !== 0) throw new Error(stderr)
  return writeKubeconfig(cluster.folder, `${account}-${randomBytes(4).toString('hex')}`, url, stdout.trim())
}

/** A process started as its container would be. */
export interface Shipped {
  /** What it has logged. */
  log: () => string
  kill: (signal: NodeJS.Signals) => Promise<number | null>
}

/**
 * Starts what the workload of a file starts, with the same arguments but for what is another here: the program is
 * run from its source, and `replaced` says what stands for addresses and folders of a node.
 */
export function startShipped(
  file: string,
  kubeconfig: string,
  replaced: Readonly<Record<string, string>>,
  added: readonly string[] = [],
): Shipped {
  const { command, args } = entryPoint(file)
  const words = [...command, ...args].map((word) => {
    const [option = '', value] = word.split('=')
    const other = replaced[value === undefined ? word : option]
    return other === undefined ? word : value === undefined ? other : `${option}=${other}`
  })
  const [program = '', ...rest] = [...words, ...added]
  const env = { PATH: process.env['PATH'] ?? '', HOME: path.dirname(kubeconfig), KUBECONFIG: kubeconfig }
  const child = spawn(program === 'node' ? process.execPath : program, ['--import', 'tsx', ...rest], { env })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    log: () => text,
    kill: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

/** In place of the path of the image. */
export const PROGRAM = { '/palisade/dist/main.js': MAIN }
