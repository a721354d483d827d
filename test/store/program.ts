import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'vite'
import { onTestFinished } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')

/**
 * One file of plain JavaScript with a program of test/store/programs and all that it imports: it
 * starts in a tenth of a second, so that a test can start and kill dozens. Removed after the test.
 */
export async function program(name: 'holder' | 'starter' | 'writer'): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'palisade-program-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: { ssr: path.join(import.meta.dirname, 'programs', `${name}.ts`), outDir: folder },
    ssr: { noExternal: true },
  })
  return path.join(folder, `${name}.js`)
}

export interface RunningProgram {
  readonly pid: number
  /** The next line that it prints. */
  line(): Promise<string>
  /** Kills it as `kill -9` does, and waits until it is gone. */
  kill(): Promise<void>
  /** All that it prints until it ends, errors included. */
  output(): Promise<string>
}

/** Killed at the latest when the test ends. `shell` is run before it, in the same process: `ulimit -f 1`. */
export function start(file: string, args: readonly string[], shell = ':'): RunningProgram {
  const command = `${shell}; exec "$0" "$@"`
  const child = spawn('sh', ['-c', command, process.execPath, file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  return {
    pid: child.pid ?? 0,
    line: async () => {
      const next = await lines.next()
      return next.done === true ? '' : next.value
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    output: async () => {
      let text = ''
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
        text += `${next.value}\n`
      }
      await ended
      return text + errors
    },
  }
}
