import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  systemExecutor,
  type Executor,
  type ExecutorOptions,
  type Netns,
} from '../../../src/firewall/nft/executor.ts'

/** What these tests need of the system and do not find, as a sentence; undefined: nothing. */
export function whatIsMissing(): string | undefined {
  for (const [tool, packageName] of TOOLS) {
    const { error } = spawnSync(tool, ['-V'])
    if (error !== undefined) return `needs ${tool}: apt-get install ${packageName}`
  }
  const { status, stderr } = spawnSync('unshare', [...USER, '-n', 'true'], { encoding: 'utf8' })
  if (status !== 0) {
    return `needs user namespaces (sysctl kernel.unprivileged_userns_clone=1): ${stderr.trim()}`
  }
  return undefined
}

const TOOLS = [
  ['nft', 'nftables'],
  ['conntrack', 'conntrack'],
  ['ip', 'iproute2'],
  ['nsenter', 'util-linux'],
] as const

/** Words for unshare(1): a user namespace, unless the test is root. */
export const USER = process.getuid?.() === 0 ? [] : ['-U', '-r']

/**
 * Network namespaces of one test, in a user namespace of its own unless the test is root. They live
 * as long as a process in each, have no names, and nothing of them is left behind.
 */
export class TestNetwork {
  readonly #holders = new Map<Netns, ChildProcess>()

  private constructor(root: ChildProcess) {
    this.#holders.set(undefined, root)
  }

  /** With one namespace, that stands for the host's own. */
  static async open(): Promise<TestNetwork> {
    return new TestNetwork(await hold('unshare', [...USER, '-n', ...HOLD]))
  }

  async add(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.#holders.set(name, await hold('nsenter', [...this.#user(), 'unshare', '-n', ...HOLD]))
      this.sh(name, 'ip link set lo up')
    }
  }

  /** Another name for a namespace, as a bind mount of its file is. */
  alias(name: string, netns: Netns): void {
    const holder = this.#holders.get(netns)
    if (holder === undefined) throw new Error(`there is no namespace ${String(netns)}`)
    this.#holders.set(name, holder)
  }

  /** Takes one of its names from a namespace, which stays. */
  unname(name: string): void {
    this.#holders.delete(name)
  }

  /** A cable between two namespaces. */
  connect(one: Netns, port: string, other: Netns, end: string): void {
    this.sh(
      one,
      `ip link add ${port} type veth peer name ${end} netns ${this.pid(other)} && ip link set ${port} up`,
    )
    this.sh(other, `ip link set ${end} up`)
  }

  /** The namespace goes, with what is in it. */
  async drop(netns: Netns): Promise<void> {
    const holder = this.#holders.get(netns)
    this.#holders.delete(netns)
    if (holder !== undefined) await end(holder)
  }

  pid(netns: Netns): number {
    const pid = this.#holders.get(netns)?.pid
    if (pid === undefined) throw new Error(`there is no namespace ${String(netns)}`)
    return pid
  }

  executor(options: Pick<ExecutorOptions, 'timeoutMs'> = {}): Executor {
    return systemExecutor({
      ...options,
      file: (netns) => `/proc/${this.pid(netns)}/ns/net`,
      enter: (netns) => (this.#holders.has(netns) ? this.enter(netns) : undefined),
    })
  }

  enter(netns: Netns): [string, ...string[]] {
    return ['nsenter', ...this.#user(), `--net=/proc/${this.pid(netns)}/ns/net`, '--']
  }

  /** What a shell prints in a namespace; throws when it fails. */
  sh(netns: Netns, script: string): string {
    const { status, stdout, stderr } = this.try(netns, script)
    if (status !== 0) throw new Error(`${script}: ${stderr}`)
    return stdout
  }

  try(netns: Netns, script: string): { status: number | null; stdout: string; stderr: string } {
    const [program, ...words] = this.enter(netns)
    return spawnSync(program, [...words, 'sh', '-c', script], { encoding: 'utf8' })
  }

  async close(): Promise<void> {
    await Promise.all([...this.#holders.values()].map(end))
  }

  #user(): string[] {
    const root = this.#holders.get(undefined)?.pid
    return USER.length === 0 ? [] : ['--preserve-credentials', `--user=/proc/${root}/ns/user`]
  }
}

const HOLD = ['sh', '-c', 'echo ready; exec sleep 1000000']

async function hold(program: string, words: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${program} ${words.join(' ')} ended`)
  })
  await Promise.race([once(child.stdout, 'data'), ended])
  ended.catch(() => undefined)
  return child
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
