import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'vite'

const root = path.resolve(import.meta.dirname, '../..')

/** palisade as plain JavaScript in a folder of its own, laid out like the package. */
export interface Installation {
  readonly main: string
  remove(): Promise<void>
}

/** A child starts in half the time that it takes with the sources, so that a test can start dozens. */
export async function install(): Promise<Installation> {
  const folder = await mkdtemp(path.join(tmpdir(), 'palisade-installed-'))
  // The files that ship with palisade are two folders up from where the code is.
  const code = path.join(folder, 'dist/code')
  for (const name of ['crds', 'manifests', 'node_modules', 'package.json']) {
    await symlink(path.join(root, name), path.join(folder, name))
  }
  await bundle(path.join(root, 'src/main.ts'), code)
  await bundle(path.join(import.meta.dirname, 'kill-at.ts'), code)
  await bundle(path.join(root, 'src/lab/probe/main.ts'), path.join(folder, 'dist/lab/probe'))
  return { main: path.join(code, 'main.js'), remove: () => rm(folder, { recursive: true }) }
}

async function bundle(entry: string, outDir: string): Promise<void> {
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: entry,
      outDir,
      emptyOutDir: false,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
}

export interface Ended {
  /** Undefined when a signal ended it. */
  readonly status: number | undefined
  readonly signal: string | undefined
  readonly out: string
  readonly err: string
}

export interface Child {
  readonly pid: number | undefined
  out(): string
  err(): string
  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGKILL'): void
  /** Nobody reads its results any more. */
  closeOutput(): void
  ended(): Promise<Ended>
}

/** `preload` is a module that is loaded before; `prefix` is a command that runs it. */
export function start(
  { main }: Pick<Installation, 'main'>,
  words: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>
    readonly preload?: string
    readonly prefix?: readonly string[]
  } = {},
): Child {
  const preload =
    options.preload === undefined ? [] : ['--import', path.join(path.dirname(main), options.preload)]
  const [program = '', ...before] = (options.prefix ?? []).concat(process.execPath)
  const child = spawn(program, [...before, ...preload, main, ...words], {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.err += text))
  const closed = once(child, 'close')
  return {
    pid: child.pid,
    out: () => written.out,
    err: () => written.err,
    signal: (name) => {
      child.kill(name)
    },
    closeOutput: () => {
      child.stdout.destroy()
    },
    ended: async () => {
      await closed
      return {
        status: child.exitCode ?? undefined,
        signal: child.signalCode ?? undefined,
        out: written.out,
        err: written.err,
      }
    },
  }
}
