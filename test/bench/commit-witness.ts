import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A program for Python that prints, for each commit to the tables of its network namespace, when it was told of it:
 * milliseconds of the system's monotonic clock. A listing would take its time, and the end of nft is another matter:
 * Linux lets no program that spoke of tables end before it has freed what was replaced.
 */
export const WITNESS = `
import socket, struct, time
NEW_GENERATION, BUFFER = 10 << 8 | 15, 1 << 26
news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
news.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
news.bind((0, 1 << 6))
print('ready', flush=True)
while True:
    try: data = news.recv(1 << 20)
    except OSError: continue
    now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) / 1e6
    while len(data) >= 16:
        length, kind = struct.unpack('=IH', data[:6])
        if kind == NEW_GENERATION: print(now, flush=True)
        data = data[max(16, length + 3 & ~3):]
`

/** The same clock here. */
export const monotonicMilliseconds = (): number => Number(process.hrtime.bigint()) / 1e6

/** What a witness prints, as it comes. */
export class Commits {
  /** When the last one was; 0: there was none. */
  last = 0

  constructor(output: Readable) {
    createInterface({ input: output }).on('line', (line) => {
      if (line !== 'ready') this.last = Number(line)
    })
  }
}

/** By then a witness has said what it saw. */
const TOLD_MS = 30

/** Notes the commits in one network namespace. */
export class CommitWitness {
  readonly #child: ChildProcess
  readonly #commits: Commits

  private constructor(child: ChildProcess, commits: Commits) {
    this.#child = child
    this.#commits = commits
  }

  /** `way`: words that a command follows, to enter the namespace. */
  static async start([program, ...words]: readonly [string, ...string[]]): Promise<CommitWitness> {
    const child = spawn(program, [...words, 'python3', '-c', WITNESS])
    const commits = new Commits(child.stdout)
    await once(child.stdout, 'data')
    return new CommitWitness(child, commits)
  }

  /** Of the last commit. */
  async when(): Promise<number> {
    await sleep(TOLD_MS)
    return this.#commits.last
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
