import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { isStringList } from '../../core/record.ts'
import { entering, labEnvironment } from '../entry.ts'
import { LabError } from '../lab-error.ts'
import type { ProbeBatch, ProbeOutcome } from './probe.ts'

/** A process that sends probes from one namespace of a lab. */
export class Prober {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #lines: AsyncIterator<string>
  #errors = ''

  /** `pid` holds the namespace; `program` is the file of src/lab/probe/main.ts as JavaScript. */
  constructor(pid: number, program: string) {
    const [enter, ...words] = [...entering(pid, 'WithLab'), process.execPath, program]
    this.#child = spawn(enter, words, { stdio: ['pipe', 'pipe', 'pipe'], env: labEnvironment(process.env) })
    this.#child.stdin.on('error', () => undefined)
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text))
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** Sends a batch, all at once as far as it can, and waits for what comes of it. One batch at a time. */
  async send(batch: ProbeBatch): Promise<readonly ProbeOutcome[]> {
    this.#child.stdin.write(`${JSON.stringify(batch)}\n`)
    const line = await this.#lines.next()
    const outcomes: unknown = line.done === true ? undefined : JSON.parse(line.value)
    if (isStringList(outcomes) && outcomes.length === batch.requests.length) {
      return outcomes.map(readOutcome)
    }
    throw new LabError(`a prober ended before it was done: ${this.#errors.trim().split('\n')[0] ?? ''}`)
  }

  close(): void {
    this.#child.stdin.end()
    this.#child.kill('SIGKILL')
  }
}

function readOutcome(text: string): ProbeOutcome {
  return text === 'Answered' || text === 'Silent' ? text : `Failed ${text.replace(/^Failed /, '')}`
}
