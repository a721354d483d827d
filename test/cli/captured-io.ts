import type { Io, Output } from '../../src/cli/io.ts'
import { runCli } from '../../src/cli/program.ts'

export interface CapturedOptions {
  /** Computed when it is read. */
  readonly stdin?: () => Promise<string>
  readonly env?: Readonly<Record<string, string>>
  /** The width of the terminal that both streams are; absent: they are pipes. */
  readonly columns?: number
  readonly now?: () => Date
}

/** An Io without a process: what is written is kept, and `stop` stands for Ctrl-C. */
export interface CapturedIo extends Io {
  out(): string
  err(): string
  stop(): void
}

/** When the captured process runs, unless a test says otherwise. */
export const NOON = new Date('2026-03-01T12:00:00Z')

export function capturedIo(options: CapturedOptions = {}): CapturedIo {
  const written = { out: '', err: '' }
  const listeners = new Set<() => void>()
  const output = (name: 'out' | 'err'): Output => ({
    write: (text) => {
      written[name] += text
    },
    isTerminal: options.columns !== undefined,
    columns: options.columns,
  })
  return {
    stdout: output('out'),
    stderr: output('err'),
    stdin: streamOf(options.stdin ?? (() => Promise.resolve(''))),
    env: options.env ?? {},
    now: options.now ?? (() => NOON),
    onStop: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    out: () => written.out,
    err: () => written.err,
    stop: () => {
      for (const listener of listeners) listener()
    },
  }
}

export interface CliResult {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Runs one command line to its end. */
export async function cli(words: readonly string[], options: CapturedOptions = {}): Promise<CliResult> {
  const io = capturedIo(options)
  const status = await runCli(words, io)
  return { status, out: io.out(), err: io.err() }
}

async function* streamOf(text: () => Promise<string>): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(await text())
}
