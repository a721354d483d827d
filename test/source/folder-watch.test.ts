import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MANIFEST_LIMITS } from '../../src/manifest/limits.ts'
import { parseManifest } from '../../src/manifest/parse.ts'
import { fileSource, type FileSourceOptions } from '../../src/source/files.ts'
import type { Source, SourceSnapshot, Watch } from '../../src/source/source.ts'
import { FolderWatch } from '../../src/source/folder-watch.ts'
import { eventually } from '../contract/sources.ts'
import { Folder } from './folder.ts'
import { ManualTimers } from './manual-timers.ts'

/** Less than the quiet that ends a save. */
const LONGEST_PAUSE_MS = 15

/** Another process writes a file of so many documents, one after the other; returns its longest pause in ms. */
async function writeSlowly(file: string, documents: number): Promise<number> {
  const program = `
    const fs = require('node:fs')
    const fd = fs.openSync(process.argv[1], 'w')
    let longest = 0
    for (let count = 0, last = performance.now(); count < ${String(documents)}; count++) {
      fs.writeSync(fd, 'a: 1\\n---\\n')
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
    console.log(longest)`
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program, file])
  return Number(stdout)
}

describe('a watch of files and folders', () => {
  let folder: Folder
  let source: Source
  let rings: number
  const watches: Watch[] = []
  beforeEach(async () => {
    folder = await Folder.create()
    rings = 0
  })
  afterEach(async () => {
    for (const watch of watches.splice(0)) await watch.close()
    await folder.remove()
  })

  async function watch(paths: readonly string[], options: FileSourceOptions = {}): Promise<void> {
    source = fileSource(paths, options)
    watches.push(
      await source.watch(() => {
        rings++
      }),
    )
  }
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, milliseconds))

  /** Looks, lets it get quiet, does something and waits for the bell. */
  async function ringsAfter(change: () => Promise<void>): Promise<void> {
    await source.read()
    await pause(150)
    rings = 0
    await change()
    await eventually(() => rings > 0)
  }

  test('rings for each way to save a file', async () => {
    await folder.write('a.yaml', 'a: 1\n')
    await watch([folder.path])
    await ringsAfter(() => folder.write('a.yaml', 'a: 2\n'))
    await ringsAfter(() => folder.save('a.yaml', 'a: 3\n'))
    await ringsAfter(() => folder.save('a.yaml', 'a: 4\n'))
    await ringsAfter(async () => {
      await rename(folder.at('a.yaml'), folder.at('a.yaml~'))
      await folder.write('a.yaml', 'a: 5\n')
    })
    expect((await source.read()).files[0]?.manifest.documents[0]?.value).toEqual({ a: 5 })
  })

  test('a file that is written piece by piece is read whole, though reading takes longer than any pause', async () => {
    const pieces = 20
    let read: Promise<SourceSnapshot> | undefined
    const slow = fileSource([folder.path], {
      parse: (file, bytes) => {
        const end = performance.now() + 60
        while (performance.now() < end);
        return parseManifest(file, bytes, MANIFEST_LIMITS)
      },
    })
    watches.push(
      await slow.watch(() => {
        read ??= slow.read()
      }),
    )
    // Where the machine made the writer pause, the file was quiet for a moment: that says nothing.
    for (let attempt = 0, pause = Infinity; pause > LONGEST_PAUSE_MS; attempt++) {
      if (attempt === 10) throw new Error('this machine is too busy')
      await eventually(() => read === undefined)
      const name = `file-${String(attempt)}.yaml`
      pause = await writeSlowly(folder.at(name), pieces)
      await eventually(() => read !== undefined)
      const file = (await read)?.files.find((one) => one.path === folder.at(name))
      read = undefined
      if (pause <= LONGEST_PAUSE_MS) expect(file?.manifest.documents).toHaveLength(pieces)
    }
  })

  test('what has happened until it is read is read, though nobody has been told of it yet', async () => {
    await folder.write('a.yaml', 'a: 1\n')
    let read: Promise<SourceSnapshot> | undefined
    const told = fileSource([folder.path])
    await told.read()
    watches.push(
      await told.watch(() => {
        if (read !== undefined) return
        writeFileSync(folder.at('a.yaml'), 'a: 3\n')
        read = told.read()
      }),
    )
    await folder.write('a.yaml', 'a: 2\n')
    await eventually(() => read !== undefined)
    expect((await read)?.files[0]?.manifest.documents[0]?.value).toEqual({ a: 3 })
  })

  test('rings for new folders and for what is in them', async () => {
    await watch([folder.path])
    await ringsAfter(() => folder.write('x/y/a.yaml', 'a: 1\n'))
    await ringsAfter(() => folder.write('x/y/a.yaml', 'a: 2\n'))
    await ringsAfter(() => folder.remove('x'))
    await ringsAfter(() => folder.write('x/y/a.yaml', 'a: 3\n'))
    await ringsAfter(() => folder.write('x/y/a.yaml', 'a: 4\n'))
  })

  test('rings for a ConfigMap that Kubernetes updates', async () => {
    await folder.mount('2024_1', { 'a.yaml': 'a: 1\n' })
    await folder.link('a.yaml', '..data/a.yaml')
    await watch([folder.path])
    await ringsAfter(() => folder.mount('2024_2', { 'a.yaml': 'a: 2\n' }))
    await ringsAfter(() => folder.mount('2024_3', { 'a.yaml': 'a: 3\n' }))
  })

  test('rings for a file elsewhere that a link leads to', async () => {
    const elsewhere = await Folder.create()
    try {
      await elsewhere.write('a.yaml', 'a: 1\n')
      await folder.link('a.yaml', elsewhere.at('a.yaml'))
      await watch([folder.path])
      await ringsAfter(() => elsewhere.write('a.yaml', 'a: 2\n'))
      await ringsAfter(() => elsewhere.save('a.yaml', 'a: 3\n'))
      await ringsAfter(() => elsewhere.save('a.yaml', 'a: 4\n'))
    } finally {
      await elsewhere.remove()
    }
  })

  test('rings for a single file, and not for its neighbours', async () => {
    await folder.write('a.yaml', 'a: 1\n')
    await watch([folder.at('a.yaml')])
    await ringsAfter(() => folder.write('a.yaml', 'a: 2\n'))
    await ringsAfter(() => folder.save('a.yaml', 'a: 3\n'))
    await ringsAfter(() => folder.remove('a.yaml'))
    await ringsAfter(() => folder.write('a.yaml', 'a: 4\n'))
    await source.read()
    await pause(150)
    rings = 0
    await folder.write('b.yaml', 'b: 1\n')
    await pause(200)
    expect(rings).toBe(0)
  })

  test('does not ring for hidden files, such as those of an editor or of git', async () => {
    await folder.write('.git/index', 'x')
    await watch([folder.path])
    await folder.write('.git/index', 'y')
    await folder.write('.a.yaml.swp', 'z')
    await pause(200)
    expect(rings).toBe(0)
  })

  test('rings when its folder goes, and when it comes back, and for what happens then', async () => {
    await folder.write('shop/a.yaml', 'a: 1\n')
    await watch([folder.at('shop')])
    await ringsAfter(() => folder.remove('shop'))
    await ringsAfter(() => folder.write('shop/a.yaml', 'a: 1\n'))
    await ringsAfter(() => folder.write('shop/a.yaml', 'a: 2\n'))
    await ringsAfter(async () => {
      await folder.remove('shop')
      await folder.write('shop/a.yaml', 'a: 3\n')
    })
    await ringsAfter(() => folder.write('shop/a.yaml', 'a: 4\n'))
  })

  test('rings for a folder that was not there at first', async () => {
    await watch([folder.at('x/y')])
    await ringsAfter(() => folder.write('x/y/a.yaml', 'a: 1\n'))
    await ringsAfter(() => folder.write('x/y/a.yaml', 'a: 2\n'))
  })

  test('rings when a given link leads to another folder, and for what happens there', async () => {
    await folder.write('one/a.yaml', 'a: 1\n')
    await folder.write('two/a.yaml', 'a: 2\n')
    await folder.link('current', 'one')
    await watch([folder.at('current')])
    await ringsAfter(async () => {
      await folder.link('next', 'two')
      await rename(folder.at('next'), folder.at('current'))
    })
    await ringsAfter(() => folder.write('two/a.yaml', 'a: 3\n'))
  })

  test('rings a few times for a checkout of a thousand files, and misses none', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `f${i}.yaml`)
    await Promise.all(names.map((name) => folder.write(name, 'a: 1\n')))
    await watch([folder.path])
    await source.read()
    await pause(150)
    rings = 0
    const start = performance.now()
    await Promise.all(names.map((name) => folder.save(name, 'a: 2\n')))
    const took = performance.now() - start
    await pause(600)
    expect(rings).toBeGreaterThan(0)
    // One for each pause of 20 ms at worst, which a busy machine may make; one for each 500 ms without.
    expect(rings).toBeLessThan(5 + took / 100)
    const { files } = await source.read()
    expect(files.filter(({ manifest }) => manifest.documents[0]?.value['a'] !== 2)).toEqual([])
  })

  test('survives links in circles', async () => {
    await folder.write('a/a.yaml', 'a: 1\n')
    await folder.link('a/up', '..')
    await folder.link('a/up2', '..')
    await watch([folder.path])
    await ringsAfter(() => folder.write('a/a.yaml', 'a: 2\n'))
  })

  test('rings now and then for good measure', async () => {
    await watch([folder.path], { resyncMs: 50 })
    await eventually(() => rings > 2)
  })

  test('rings at the start if there was a reading, since when something may have changed', async () => {
    source = fileSource([folder.path])
    await source.read()
    watches.push(await source.watch(() => rings++))
    await eventually(() => rings === 1)
  })
})

test('a folder that the system does not watch is a warning that says how late changes are seen', () => {
  const folder = '/dev/null/x'
  const scan = {
    files: [],
    findings: [],
    unreadable: [],
    folders: new Map([[folder, { identity: '1', names: undefined }]]),
    present: new Map(),
  }
  const options = { paths: [], bell: () => undefined, timers: new ManualTimers(), resyncMs: 30_000 }
  const watch = new FolderWatch(options, scan)
  expect(watch.findings()).toEqual([
    {
      code: 'WatchFailed',
      severity: 'warning',
      message: '/dev/null/x is not watched: ENOTDIR; changes are seen after 30 s at most',
      hint: 'it is tried again with the next reading',
      position: { file: folder, line: 1, column: 1 },
    },
  ])
  watch.close()
})
