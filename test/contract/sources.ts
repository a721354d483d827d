import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Source, SourceFile, SourceSnapshot, Watch } from '../../src/source/source.ts'

/** A source and the world that it looks at, where each file holds one object. */
export interface ObjectWorld {
  readonly source: Source
  /** How the file of a name appears in snapshots. */
  pathOf(name: string): string
  /** Has somebody declare an object in a file of its own; one that says something else with another text. */
  declare(name: string, text: 'one' | 'another'): Promise<void>
  remove(name: string): Promise<void>
  close(): Promise<void>
}

/** One whose files are texts. */
export interface SourceWorld extends Omit<ObjectWorld, 'declare'> {
  write(name: string, text: string): Promise<void>
  /** Makes a file that is there and cannot be read. */
  spoil(name: string): Promise<void>
}

/** Waits for what must come in the end, and fails if it does not. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 10) {
    if (waited >= 10_000) throw new Error('it did not come about within 10 s')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** What holds for every source of texts. `open` gives an empty one. */
export function describeSource(name: string, open: () => Promise<SourceWorld>): void {
  describeObjects(name, async () => {
    const world = await open()
    return {
      source: world.source,
      pathOf: (file) => world.pathOf(file),
      declare: (file, text) => world.write(file, `kind: ${text}\n`),
      remove: (file) => world.remove(file),
      close: () => world.close(),
    }
  })
  describe(`${name}: a source`, () => {
    let world: SourceWorld
    beforeEach(async () => {
      world = await open()
    })
    afterEach(() => world.close())

    const read = (): Promise<SourceSnapshot> => world.source.read()
    const fileOf = (snapshot: SourceSnapshot, name: string): SourceFile => {
      const file = snapshot.files.find(({ path }) => path === world.pathOf(name))
      if (file === undefined) throw new Error(`${name} is not among ${pathsOf(snapshot).join(', ')}`)
      return file
    }
    const pathsOf = ({ files }: SourceSnapshot): string[] => files.map(({ path }) => path)

    test('gives its files by path, with their objects', async () => {
      await world.write('b.yaml', 'kind: B\n')
      await world.write('a.yaml', 'kind: A\n---\nkind: C\n')
      const { files, findings, unreadable } = await read()
      expect(files.map(({ path }) => path)).toEqual([world.pathOf('a.yaml'), world.pathOf('b.yaml')])
      expect(files.map(({ manifest }) => manifest.documents.map(({ value }) => value))).toEqual([
        [{ kind: 'A' }, { kind: 'C' }],
        [{ kind: 'B' }],
      ])
      expect(findings).toEqual([])
      expect(unreadable).toEqual([])
    })

    test('names the file in the position of a field', async () => {
      await world.write('a.yaml', 'kind: A\n')
      const [document] = fileOf(await read(), 'a.yaml').manifest.documents
      expect(document?.locate(['kind'])).toEqual({ file: world.pathOf('a.yaml'), line: 1, column: 7 })
    })

    test('gives the digest of the bytes of a file', async () => {
      await world.write('a.yaml', 'kind: A\n')
      const hash = createHash('sha256').update('kind: A\n').digest('hex')
      expect(fileOf(await read(), 'a.yaml').digest).toBe(`sha256:${hash}`)
    })

    test('gives the same object for a file as long as its bytes are the same', async () => {
      await world.write('a.yaml', 'kind: A\n')
      await world.write('b.yaml', 'kind: B\n')
      const first = await read()
      await world.write('a.yaml', 'kind: A\n')
      await world.write('b.yaml', 'kind: C\n')
      const second = await read()
      expect(fileOf(second, 'a.yaml')).toBe(fileOf(first, 'a.yaml'))
      expect(fileOf(second, 'b.yaml').manifest.documents[0]?.value).toEqual({ kind: 'C' })
      expect((await read()).files).toEqual(second.files)
    })

    test('keeps a file with a bad document among its files, as incomplete', async () => {
      await world.write('a.yaml', 'kind: A\n---\nkind: [\n')
      const { files, unreadable } = await read()
      expect(files[0]?.manifest.complete).toBe(false)
      expect(files[0]?.manifest.documents).toHaveLength(1)
      expect(files[0]?.manifest.findings).toHaveLength(1)
      expect(unreadable).toEqual([])
    })

    test('does not take a file that cannot be read for one that is gone', async () => {
      await world.write('a.yaml', 'kind: A\n')
      await world.write('b.yaml', 'kind: B\n')
      await read()
      await world.spoil('a.yaml')
      const snapshot = await read()
      const spoilt = fileOf(snapshot, 'a.yaml')
      expect(spoilt.digest).toBe('')
      expect(spoilt.manifest.complete).toBe(false)
      expect(spoilt.manifest.documents).toEqual([])
      expect(spoilt.manifest.findings.map(({ code }) => code)).toEqual(['SourceUnreadable'])
      expect(snapshot.unreadable).toEqual([world.pathOf('a.yaml')])
      expect(fileOf(snapshot, 'b.yaml').manifest.complete).toBe(true)

      await world.write('a.yaml', 'kind: A\n')
      const back = await read()
      expect(fileOf(back, 'a.yaml').manifest.documents).toHaveLength(1)
      expect(back.unreadable).toEqual([])
    })
  })
}

/** What holds for every source, a cluster included. `open` gives an empty one. */
export function describeObjects(name: string, open: () => Promise<ObjectWorld>): void {
  describe(`${name}: a source of objects`, () => {
    let world: ObjectWorld
    beforeEach(async () => {
      world = await open()
    })
    afterEach(() => world.close())

    const files = async (): Promise<readonly SourceFile[]> => (await world.source.read()).files
    const paths = async (): Promise<readonly string[]> => (await files()).map(({ path }) => path)

    test('without files gives none, and no finding', async () => {
      expect(await world.source.read()).toEqual({ files: [], findings: [], unreadable: [] })
    })

    test('gives its files by path, each with its object', async () => {
      await world.declare('b.yaml', 'one')
      await world.declare('a.yaml', 'one')
      expect(await paths()).toEqual([world.pathOf('a.yaml'), world.pathOf('b.yaml')])
      expect((await files()).map(({ manifest }) => manifest.documents.length)).toEqual([1, 1])
    })

    test('gives the same file as long as it says the same, and another with another digest after', async () => {
      await world.declare('a.yaml', 'one')
      await world.declare('b.yaml', 'one')
      const [a, b] = await files()
      await world.declare('a.yaml', 'one')
      await world.declare('b.yaml', 'another')
      const [sameA, otherB] = await files()
      expect(sameA).toBe(a)
      expect(otherB).not.toBe(b)
      expect(otherB?.digest).not.toBe(b?.digest)
    })

    test('does not have a file that was removed, and has it again when it is back', async () => {
      await world.declare('a.yaml', 'one')
      await files()
      await world.remove('a.yaml')
      expect(await world.source.read()).toEqual({ files: [], findings: [], unreadable: [] })
      await world.declare('a.yaml', 'one')
      expect(await paths()).toEqual([world.pathOf('a.yaml')])
    })

    test('lets two readings at once not disturb each other', async () => {
      await world.declare('a.yaml', 'one')
      const [first, second] = await Promise.all([files(), files()])
      expect(second[0]).toBe(first[0])
    })

    describe('that is watched', () => {
      let rings: number
      let watch: Watch
      beforeEach(async () => {
        await world.declare('a.yaml', 'one')
        rings = 0
        watch = await world.source.watch(() => {
          rings++
        })
      })
      afterEach(() => watch.close())

      test('rings when a file says something else', async () => {
        await world.declare('a.yaml', 'another')
        await eventually(() => rings > 0)
      })

      test('rings when a file comes', async () => {
        await world.declare('b.yaml', 'one')
        await eventually(() => rings > 0)
      })

      test('rings when a file goes', async () => {
        await world.remove('a.yaml')
        await eventually(() => rings > 0)
      })

      test('rings no more once the watch is closed', async () => {
        await watch.close()
        rings = 0
        await world.declare('a.yaml', 'another')
        await new Promise((resolve) => setTimeout(resolve, 200))
        expect(rings).toBe(0)
      })
    })
  })
}
