import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordedFirewall } from '../../src/firewall/recorded.ts'
import { openStateDirectory } from '../../src/store/state-directory.ts'
import { program, start } from './program.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'palisade-reader-'))
})
afterEach(() => rm(folder, { recursive: true }))

test.each([
  ['all', 500],
  ['little', 3],
])(
  'a reader beside a writer of %s that never stops finds every file whole, and of one write',
  async (_what, changing) => {
    const writer = start(await program('writer'), [folder, '500', 'Infinity', String(changing)])
    await writer.line()
    const options = { mode: 'read', palisade: '0.1.0' } as const
    const warnings: string[] = []
    const firewall = recordedFirewall(folder, { ...options, warn: (sentence) => warnings.push(sentence) })
    const store = await openStateDirectory(folder, options)
    const seen: number[] = [0]

    while (seen.length < 100) {
      const entries = [...(await store.readInventory()).entries.values()].slice(0, changing)
      const generations = new Set(entries.map(({ generation }) => generation))
      const macs = new Set([...(await firewall.read()).instances.values()].map(({ mac }) => mac))
      await store.readStatus()
      expect(generations.size).toBeLessThanOrEqual(1)
      expect(macs.size).toBeLessThanOrEqual(1)
      for (const generation of generations) {
        expect(generation).toBeGreaterThanOrEqual(seen.at(-1) ?? 0)
        if (generation > (seen.at(-1) ?? 0)) seen.push(generation)
      }
    }

    await writer.kill()
    expect(warnings).toEqual([])
  },
)
