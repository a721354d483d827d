import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Netns } from '../../../src/firewall/nft/executor.ts'
import type { TestNetwork } from './network.ts'

const PROGRAM = fileURLToPath(new URL('programs/peer.ts', import.meta.url))

/** A machine in a namespace that opens connections and answers them; see programs/peer.ts. */
export class Peer {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting = new Map<string, (answer: string) => void>()
  #number = 0

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [number = '', answer = ''] = line.split(' ')
      this.#waiting.get(number)?.(answer)
      this.#waiting.delete(number)
    })
  }

  static async start(network: TestNetwork, netns: Netns): Promise<Peer> {
    const [program, ...words] = network.enter(netns)
    const child = spawn(program, [...words, process.execPath, '--import', 'tsx', PROGRAM])
    child.stderr.pipe(process.stderr)
    const peer = new Peer(child)
    await new Promise<void>((resolve) => {
      peer.#waiting.set('0', () => {
        resolve()
      })
    })
    return peer
  }

  ask(...words: readonly (string | number)[]): Promise<string> {
    const number = String(++this.#number)
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve)
      this.#child.stdin.write(`${number} ${words.join(' ')}\n`)
    })
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
