import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordedFirewall } from '../../src/firewall/recorded.ts'
import { openStateDirectory } from '../../src/store/state-directory.ts'
import { program, start } from './program.ts'

const KILLS = 40
const OBJECTS = 2000

/** In milliseconds after a writer is ready; one write of everything takes about 50. */
const LONGEST = 150

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'palisade-kill-'))
})
afterEach(() => rm(folder, { recursive: true }))

interface Found {
  readonly inventory: number
  readonly recorded: number
}

/** What the next start finds; every object of one file that changes must be of one write. */
async function findState(changing: number): Promise<Found> {
  const store = await openStateDirectory(folder, { mode: 'exclusive', palisade: '0.1.0' })
  const warnings: string[] = []
  const firewall = recordedFirewall(folder, {
    mode: 'exclusive',
    palisade: '0.1.0',
    warn: (text) => warnings.push(text),
  })
  const { entries, nextOrder } = await store.readInventory()
  const { instances } = await firewall.read()
  const statuses = await store.readStatus()
  await store.close()

  expect(warnings).toEqual([])
  expect(statuses.length).toBe((await statusFiles()).length)
  expect((await readdir(folder)).filter((name) => !EXPECTED.includes(name))).toEqual([])
  const changed = [...entries.values()].slice(0, changing)
  const generations = new Set(changed.map(({ generation }) => generation))
  const macs = new Set([...instances.values()].map(({ mac }) => mac))
  expect([entries.size, generations.size]).toEqual(entries.size === 0 ? [0, 0] : [OBJECTS, 1])
  expect([instances.size, macs.size]).toEqual(instances.size === 0 ? [0, 0] : [OBJECTS, 1])
  const [generation = 0] = generations
  expect(nextOrder).toBe(generation)
  const [mac = '0'] = macs
  return { inventory: generation, recorded: Number.parseInt(mac.replaceAll(':', '').slice(-6), 16) }
}

const EXPECTED = ['inventory.ndjson', 'inventory.journal', 'recorded.ndjson', 'status']

async function statusFiles(): Promise<string[]> {
  try {
    return (await readdir(path.join(folder, 'status'), { recursive: true })).filter((name) =>
      name.endsWith('.yaml'),
    )
  } catch {
    return []
  }
}

/** The last number that a writer said it had written everything of; 0 for none. */
function lastWritten(output: string): number {
  const numbers = [...output.matchAll(/^written (\d+)$/gm)].map(([, number]) => Number(number))
  return numbers.at(-1) ?? 0
}

test.each([
  ['all of many objects', OBJECTS],
  ['few of many objects', 3],
])(
  `kill -9 at ${KILLS} random moments of writing %s leaves the old or the new state`,
  async (_what, changing) => {
    const writer = await program('writer')
    let before: Found = { inventory: 0, recorded: 0 }
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start(writer, [folder, String(OBJECTS), 'Infinity', String(changing)])
      expect(await child.line()).toBe('ready')
      // Every other writer finishes at least one write, so that the state goes on however slow the machine is.
      const first = kill % 2 === 0 ? '' : `${await child.line()}\n`
      const output = child.output()
      await setTimeout(Math.random() * LONGEST)
      await child.kill()
      const promised = lastWritten(first + (await output))

      const found = await findState(changing)

      const oldest = Math.max(before.inventory, promised)
      expect(found.inventory).toBeGreaterThanOrEqual(oldest)
      expect(found.inventory).toBeLessThanOrEqual(oldest + 1)
      expect(found.recorded).toBeGreaterThanOrEqual(Math.max(before.recorded, promised))
      expect(found.recorded).toBeLessThanOrEqual(found.inventory)
      before = found
    }
    expect(before.inventory).toBeGreaterThanOrEqual(KILLS / 2)
  },
  120_000,
)
