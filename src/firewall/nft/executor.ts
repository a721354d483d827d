import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, writeFileSync } from 'node:fs'
import { identityOf, openInput, ReadyProcess } from './ready-process.ts'

/** A network namespace: undefined for the one that palisade runs in, else as an attachment names it. */
export type Netns = string | undefined

export interface Finished {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly pid?: number
}

type Command = readonly [string, ...string[]]

/** Runs programs in network namespaces. */
export interface Executor {
  /** Whether the namespace is there. */
  has(netns: Netns): boolean
  /** Tells a namespace from another that came to have its name; undefined while there is none. */
  identity(netns: Netns): string | undefined
  /** Tells when a namespace goes, comes, or is another; returns how to stop that. */
  attend(netns: Netns, changed: () => void): () => void
  /** Rejects with the system's error when the program cannot be started. */
  run(netns: Netns, command: Command, input?: string): Promise<Finished>
  /** Gets a command ready that may be given input before long; one is kept for each namespace. */
  prepare(netns: Netns, command: Command): void
  /** Keeps nothing ready in a namespace any more. */
  release(netns: Netns): void
  /** Gives each line that a program prints until it ends or is told to; `ended` is called once. */
  follow(
    netns: Netns,
    command: Command,
    line: (text: string) => void,
    ended: () => void,
  ): { readonly stop: () => void }
}

export interface ExecutorOptions {
  /** What enters a namespace, as words before a command; undefined when there is no such namespace. */
  readonly enter: (netns: Netns) => readonly string[] | undefined
  /** A file that is the namespace; absent: as `ip netns` has it. */
  readonly file?: (netns: Netns) => string | undefined
  /** A command that does not end is killed after so long. */
  readonly timeoutMs?: number
}

/** How often it is looked whether a namespace is still the same: names of namespaces send no news of themselves. */
const LOOK_EVERY_MS = 500

/** By then what follows a command is done, and what is got ready delays nothing. */
const PREPARE_AFTER_MS = 250

/** Loading 80,000 rules takes 5 s on a slow machine. */
const LONGEST_MS = 120_000

/** Programs of this system; a namespace is one that `ip netns` knows by name. */
export function systemExecutor(options: ExecutorOptions = { enter: enterNamed }): Executor {
  return new SystemExecutor(options)
}

const fileOfNamed = (netns: Netns): string =>
  netns === undefined ? '/proc/self/ns/net' : `/run/netns/${netns}`

function enterNamed(netns: Netns): readonly string[] | undefined {
  if (netns === undefined) return []
  const file = fileOfNamed(netns)
  return existsSync(file) ? ['nsenter', `--net=${file}`, '--'] : undefined
}

/**
 * Words before a command that end it when palisade ends, kill -9 included: a commit that is under way must
 * not come on top of those of the next palisade. The shell looks whether the parent ended before the signal
 * was asked for, and is replaced by the command. They follow what enters a namespace, since to gain rights
 * there takes the signal back (prctl(2), PR_SET_PDEATHSIG).
 */
const mortal = (pid: number): readonly string[] => [
  ...['setpriv', '--pdeathsig', 'KILL', '--'],
  ...['sh', '-c', '[ "$PPID" = "$0" ] && exec "$@"', String(pid)],
]

/** What waits in a namespace. */
interface Ready {
  readonly command: string
  readonly process: ReadyProcess
}

class SystemExecutor implements Executor {
  readonly #options: ExecutorOptions
  readonly #ready = new Map<Netns, Ready>()
  readonly #preparing = new Map<Netns, NodeJS.Timeout>()
  /** Empty where setpriv is missing or another program: BusyBox has one without this option. */
  #guard: readonly string[] | undefined

  constructor(options: ExecutorOptions) {
    this.#options = options
  }

  has(netns: Netns): boolean {
    return this.#options.enter(netns) !== undefined
  }

  identity(netns: Netns): string | undefined {
    const { file = fileOfNamed } = this.#options
    const name = this.has(netns) ? file(netns) : undefined
    return name === undefined ? undefined : identityOf(name)
  }

  attend(netns: Netns, changed: () => void): () => void {
    let last = this.identity(netns)
    const timer = setInterval(() => {
      const identity = this.identity(netns)
      if (identity === last) return
      last = identity
      changed()
    }, LOOK_EVERY_MS)
    timer.unref()
    return () => {
      clearInterval(timer)
    }
  }

  run(netns: Netns, command: Command, input?: string): Promise<Finished> {
    return new Promise((resolve, reject) => {
      const ready = input === undefined ? undefined : this.#take(netns, command)?.run(input)
      const child = ready ?? this.#start(netns, command, input)
      const timer = setTimeout(() => child.kill('SIGKILL'), this.#options.timeoutMs ?? LONGEST_MS)
      const stdout: Buffer[] = []
      const stderr: Buffer[] = []
      child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
      child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
      child.on('error', (error) => {
        clearTimeout(timer)
        reject(error)
      })
      child.on('close', (status) => {
        clearTimeout(timer)
        resolve({
          status,
          ...(child.pid !== undefined && { pid: child.pid }),
          stdout: Buffer.concat(stdout).toString(),
          stderr: Buffer.concat(stderr).toString(),
        })
      })
    })
  }

  prepare(netns: Netns, command: Command): void {
    clearTimeout(this.#preparing.get(netns))
    const timer = setTimeout(() => {
      this.#preparing.delete(netns)
      this.#prepare(netns, command)
    }, PREPARE_AFTER_MS)
    this.#preparing.set(netns, timer.unref())
  }

  release(netns: Netns): void {
    clearTimeout(this.#preparing.get(netns))
    this.#preparing.delete(netns)
    this.#ready.get(netns)?.process.discard()
    this.#ready.delete(netns)
  }

  #prepare(netns: Netns, command: Command): void {
    if (this.#waiting(netns, command) !== undefined) return
    this.release(netns)
    const way = this.#options.enter(netns)
    if (way === undefined) return
    try {
      const process = new ReadyProcess([...way, ...this.#guarding()], command, environment())
      this.#ready.set(netns, { command: command.join(' '), process })
    } catch {
      // For want of files or processes: the command itself will say so if it meets the same.
    }
  }

  /** What is ready for this command, unless it ended or is in a namespace that is not there any more. */
  #waiting(netns: Netns, command: Command): ReadyProcess | undefined {
    const ready = this.#ready.get(netns)
    if (ready?.command !== command.join(' ')) return undefined
    return ready.process.isWaitingIn(this.identity(netns)) ? ready.process : undefined
  }

  #take(netns: Netns, command: Command): ReadyProcess | undefined {
    const process = this.#waiting(netns, command)
    if (process !== undefined) this.#ready.delete(netns)
    // One of another namespace keeps that alive.
    else if (this.#ready.get(netns)?.command === command.join(' ')) this.release(netns)
    return process
  }

  follow(
    netns: Netns,
    command: Command,
    line: (text: string) => void,
    ended: () => void,
  ): { readonly stop: () => void } {
    const child = this.#start(netns, command, undefined)
    let rest = ''
    let isEnded = false
    const end = (): void => {
      if (!isEnded) ended()
      isEnded = true
    }
    child.stdout?.setEncoding('utf8')
    child.stdout?.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) line(text)
    })
    child.stderr?.resume()
    child.on('error', end)
    child.on('close', end)
    return { stop: () => child.kill('SIGTERM') }
  }

  #guarding(): readonly string[] {
    this.#guard ??=
      spawnSync('setpriv', ['--pdeathsig', 'KILL', '--', 'true']).status === 0 ? mortal(process.pid) : []
    return this.#guard
  }

  #start(netns: Netns, command: Command, input: string | undefined): ChildProcess {
    const way = this.#options.enter(netns)
    if (way === undefined) throw new Error(`there is no network namespace ${String(netns)}`)
    const [program = command[0], ...words] = [...way, ...this.#guarding(), ...command]
    const fd = input === undefined ? undefined : inputFile(input)
    try {
      return spawn(program, words, { stdio: [fd ?? 'ignore', 'pipe', 'pipe'], env: environment() })
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  }
}

/** Messages are read, so they have to be in one language. */
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: 'C' })

function inputFile(text: string): number {
  const { forWriting, forReading } = openInput()
  try {
    writeFileSync(forWriting, text)
    return forReading
  } catch (error) {
    closeSync(forReading)
    throw error
  } finally {
    closeSync(forWriting)
  }
}
