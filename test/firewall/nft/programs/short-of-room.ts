import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemExecutor } from '../../../../src/firewall/nft/executor.ts'

/**
 * Gets a command ready where there is no room for its input (`disk FOLDER`) or for its descriptors (`files`), runs
 * it, and prints as JSON what came of it. Ends by itself, unless something was left behind.
 */
const [what, folder] = process.argv.slice(2)
if (folder !== undefined) process.env['TMPDIR'] = folder

const executor = systemExecutor({ enter: () => [], file: () => '/proc/self/ns/net' })
const COMMAND = ['cat'] as const
/** Longer than it takes until a command is ready. */
const READY_MS = 600

const outcome = (input: string): Promise<string> =>
  executor.run(undefined, COMMAND, input).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  )
const descriptors = (): number => readdirSync('/proc/self/fd').length
const children = (): number =>
  readFileSync(`/proc/self/task/${String(process.pid)}/children`, 'utf8')
    .split(' ')
    .filter(Boolean).length

async function withoutDisk(): Promise<readonly string[]> {
  const big = 'x'.repeat(4 * 2 ** 20)
  executor.prepare(undefined, COMMAND)
  await sleep(READY_MS)
  // The first one is ready, the others are started.
  const refused = [await outcome(big), await outcome(big)]
  // The system frees what a process held a moment after it has ended.
  await sleep(200)
  return [...refused, await outcome('small')]
}

async function withoutDescriptors(): Promise<readonly string[]> {
  const open: number[] = []
  try {
    for (;;) open.push(openSync('/dev/null', 'r'))
  } catch {
    // There are no more.
  }
  for (const descriptor of open.splice(0, 3)) closeSync(descriptor)
  executor.prepare(undefined, COMMAND)
  await sleep(READY_MS)
  for (const descriptor of open) closeSync(descriptor)
  return [await outcome('small')]
}

// What asks for the first time whether setpriv is there leaves nothing open.
await outcome('small')
await sleep(200)
const before = descriptors()
const outcomes = what === 'disk' ? await withoutDisk() : await withoutDescriptors()
await sleep(200)
process.stdout.write(
  `${JSON.stringify({ outcomes, leaked: descriptors() - before, children: children() })}\n`,
)
