import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { instanceFile, writeManifests } from './files.ts'

const PROGRAM = new URL('../../dist/main.js', import.meta.url).pathname

export interface FileFigures {
  /** Seconds of whole processes: `apply` on an empty state, three times, and then with nothing changed. */
  readonly coldSeconds: readonly number[]
  /**
   * Seconds that it takes to write the same status files by themselves, right after. On ext4 that differs tenfold:
   * an inode that was freed in the last minutes is passed over, and whoever makes a file looks through all of them.
   */
  readonly bareWriteSeconds: number
  readonly unchangedSeconds: number
  /** Milliseconds from saving one file to the new status file of an instance in it, with `run` watching. */
  readonly savedMilliseconds: readonly number[]
}

/** Runs the built program, as a user would, in a folder of its own. */
export async function measureFiles(edits: number): Promise<FileFigures> {
  const folder = mkdtempSync(path.join(tmpdir(), 'palisade-bench-'))
  const manifests = path.join(folder, 'manifests')
  const state = path.join(folder, 'state')
  try {
    writeManifests(manifests)
    const coldSeconds = ['a', 'b', ''].map((name) => apply(manifests, `${state}${name}`))
    const bareWriteSeconds = writeAgain(
      path.join(state, 'status/default/instance'),
      path.join(folder, 'bare'),
    )
    const unchangedSeconds = apply(manifests, state)
    const savedMilliseconds = await measureEdits(manifests, state, edits)
    return { coldSeconds, bareWriteSeconds, unchangedSeconds, savedMilliseconds }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function apply(manifests: string, state: string): number {
  const from = performance.now()
  const { status, stderr } = spawnSync('node', [PROGRAM, 'apply', manifests, '--state', state], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`apply ended with ${String(status)}: ${stderr}`)
  return (performance.now() - from) / 1000
}

/** As palisade writes them: under another name first. */
function writeAgain(from: string, to: string): number {
  const files = readdirSync(from).map((name) => ({ name, text: readFileSync(path.join(from, name), 'utf8') }))
  mkdirSync(to)
  const unfinished = path.join(to, '.unfinished')
  const started = performance.now()
  for (const { name, text } of files) {
    writeFileSync(unfinished, text)
    renameSync(unfinished, path.join(to, name))
  }
  return (performance.now() - started) / 1000
}

async function measureEdits(manifests: string, state: string, edits: number): Promise<number[]> {
  const child = spawn('node', [PROGRAM, 'run', manifests, '--state', state], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  try {
    await firstOutput(child, () => log)
    // The table comes first, the watch right after it.
    await sleep(1500)
    const times: number[] = []
    for (let edit = 0; edit < edits; edit += 1) times.push(await measureEdit(manifests, state, edit))
    return times
  } finally {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
  }
}

/** `log`: what it has said so far, which tells why when it ends instead. */
function firstOutput(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`run ended with ${String(code)}: ${log()}`))
    })
    child.stdout?.once('data', () => {
      resolve()
    })
    child.stdout?.resume()
  })
}

/** Gives the first instance of one file another address and waits until its status says so. */
async function measureEdit(manifests: string, state: string, edit: number): Promise<number> {
  const number = edit % 100
  const file = instanceFile(manifests, number)
  const status = path.join(state, 'status/default/instance', `instance-${String(number * 100)}.yaml`)
  const address = `10.200.${String(edit >> 8)}.${String(edit & 255)}`
  const text = readFileSync(file, 'utf8').replace(/addresses: \[[^\]]*\]/, `addresses: [${address}]`)
  const from = performance.now()
  writeFileSync(file, text)
  for (;;) {
    if (readFileSync(status, 'utf8').includes(address)) return performance.now() - from
    if (performance.now() - from > 10_000) throw new Error(`the status did not follow ${file} within 10 s`)
    await sleep(1)
  }
}
