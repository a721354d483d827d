import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Writable } from 'node:stream'

/** Waits for a line on its third descriptor and then is the command; without one, it ends with whom it waits for. */
const WAITING = ['sh', '-c', 'IFS= read -r go <&3 && exec "$@" 3<&-', 'sh']

/**
 * A process that has all that a command needs but its input. To start one stops this process for as long as it takes to
 * copy the tables of its memory: 6 ms with 10,000 instances, and 4 more until the namespace is entered.
 */
export class ReadyProcess {
  readonly #child: ChildProcess
  readonly #gate: Writable
  readonly #input: number
  #isEnded = false

  /** `way`: words that the command follows, to enter a namespace. Throws where the system has no room for another process or file. */
  constructor(way: readonly string[], command: readonly string[], env: NodeJS.ProcessEnv) {
    const { forWriting, forReading } = openInput()
    this.#input = forWriting
    const [program = 'sh', ...words] = [...way, ...WAITING, ...command]
    try {
      this.#child = spawn(program, words, { stdio: [forReading, 'pipe', 'pipe', 'pipe'], env })
      this.#child.on('error', () => {
        this.#isEnded = true
      })
      this.#child.once('exit', () => {
        this.#isEnded = true
      })
      this.#gate = gateOf(this.#child)
    } catch (error) {
      closeSync(forWriting)
      throw error
    } finally {
      closeSync(forReading)
    }
    // That it ended says all of it.
    this.#gate.on('error', () => undefined)
    this.#eachHandle((handle) => handle.unref())
  }

  /** Whether it waits in this namespace; `identity` is that of its file. */
  isWaitingIn(identity: string | undefined): boolean {
    if (this.#isEnded || identity === undefined) return false
    try {
      return identityOf(`/proc/${String(this.#child.pid)}/ns/net`) === identity
    } catch {
      // Of one that has changed its rights nothing can be said.
      return false
    }
  }

  /** Gives it its input and lets it run; throws the system's error where there is no room for that, and then discards it. */
  run(input: string): ChildProcess {
    try {
      writeFileSync(this.#input, input)
    } catch (error) {
      this.discard()
      throw error
    }
    this.#eachHandle((handle) => handle.ref())
    closeSync(this.#input)
    this.#gate.end('go\n')
    return this.#child
  }

  /** Lets it end without having run. */
  discard(): void {
    closeSync(this.#input)
    this.#gate.end()
    this.#child.kill('SIGKILL')
  }

  #eachHandle(change: (handle: ChildProcess | Socket) => void): void {
    change(this.#child)
    for (const stream of this.#child.stdio) if (stream instanceof Socket) change(stream)
  }
}

/** Where it waits for the word. A child that could not be started has no descriptors, whatever its type says. */
function gateOf(child: { readonly stdio?: ChildProcess['stdio'] }): Writable {
  const gate = child.stdio?.[3]
  if (gate === null || gate === undefined || !('write' in gate)) throw new Error('it could not be started')
  return gate
}

/** Tells a network namespace from another that came to have its file's name; undefined where there is none. */
export function identityOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`
}

/**
 * A file that has no name any more, open at its beginning. nft opens /dev/stdin by its path, which
 * fails for the pipes that Node makes, since they are sockets (nodejs/node#21941).
 */
export function openInput(): { readonly forWriting: number; readonly forReading: number } {
  const file = path.join(tmpdir(), `palisade-${randomUUID()}.nft`)
  const forWriting = openSync(file, 'wx', 0o600)
  try {
    return { forWriting, forReading: openSync(file, 'r') }
  } catch (error) {
    closeSync(forWriting)
    throw error
  } finally {
    unlinkSync(file)
  }
}
