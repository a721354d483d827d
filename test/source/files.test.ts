import { execFile, execFileSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import { mkdir, symlink, truncate, utimes } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MANIFEST_LIMITS } from '../../src/manifest/limits.ts'
import { fileSource } from '../../src/source/files.ts'
import type { SourceSnapshot } from '../../src/source/source.ts'
import { systemTimers } from '../../src/source/timers.ts'
import { describeSource } from '../contract/sources.ts'
import { Folder } from './folder.ts'

describeSource('a folder', async () => {
  const folder = await Folder.create()
  return {
    source: fileSource([folder.path]),
    pathOf: (name) => folder.at(name),
    write: async (name, text) => {
      await folder.remove(name)
      await folder.write(name, text)
    },
    remove: (name) => folder.remove(name),
    spoil: async (name) => {
      await folder.remove(name)
      await folder.link(name, 'nowhere')
    },
    close: () => folder.remove(),
  }
})

describe('files and folders', () => {
  let folder: Folder
  beforeEach(async () => {
    folder = await Folder.create()
  })
  afterEach(() => folder.remove())

  /** Paths within the folder. */
  const names = (paths: readonly string[]): string[] => paths.map((name) => path.relative(folder.path, name))
  const filesOf = ({ files }: SourceSnapshot): string[] => names(files.map(({ path }) => path))
  /** `code path` of all findings. */
  const findingsOf = ({ files, findings }: SourceSnapshot): string[] =>
    [...findings, ...files.flatMap(({ manifest }) => manifest.findings)].map(
      ({ code, position }) => `${code} ${path.relative(folder.path, position?.file ?? '')}`,
    )
  const read = (...given: string[]): Promise<SourceSnapshot> => fileSource(given).read()

  test('a folder is read with all below it: .yaml, .yml and .json, no hidden names', async () => {
    const all = ['b.yaml', 'a.yml', 'sub/c.json', 'sub/deep/d.yaml', 'x.yaml/in.yaml']
    const others = ['README.md', '.hidden.yaml', '.git/e.yaml', '..2024/f.yaml', 'notes.yaml.bak']
    for (const name of [...all, ...others]) await folder.write(name, '{}\n')
    expect(filesOf(await read(folder.path))).toEqual(all.toSorted())
  })

  test.each([
    ['file', 'd\u00e9ny.yaml'],
    ['folder', 'd\u00e9ny'],
  ])('a %s whose name is not UTF-8 is told of, and may hold what its folder misses', async (_kind, name) => {
    await folder.write(name.endsWith('.yaml') ? name : `${name}/a.yaml`, '{}\n')
    // Each character of it is one byte in Latin-1.
    renameSync(folder.at(name), Buffer.from(folder.at(name), 'latin1'))
    await folder.write('b.yaml', '{}\n')
    const snapshot = await read(folder.path)
    expect(filesOf(snapshot)).toEqual(['b.yaml'])
    expect(findingsOf(snapshot)).toEqual([`SourceUnreadable ${name.replace('\u00e9', '\ufffd')}`])
    expect(snapshot.unreadable).toEqual([folder.path])
  })

  test('what could be no manifest may have any name', async () => {
    execFileSync('sh', ['-c', 'mkfifo "$0/$(printf "notes\\377")"', folder.path])
    expect(findingsOf(await read(folder.path))).toEqual([])
  })

  test('a file that is named is read whatever its name is', async () => {
    await folder.write('.shop.txt', 'a: 1\n')
    expect(filesOf(await read(folder.at('.shop.txt')))).toEqual(['.shop.txt'])
  })

  test('paths are as they were given, joined', async () => {
    await folder.write('sub/a.yaml', 'a: 1\n')
    const given = path.relative(process.cwd(), folder.path)
    const { files } = await read(`${given}/`)
    expect(files.map((file) => file.path)).toEqual([path.join(given, 'sub/a.yaml')])
  })

  test('the order of the files does not hang on that of the paths', async () => {
    for (const name of ['b/1.yaml', 'a/1.yaml', 'c.yaml']) await folder.write(name, '{}\n')
    const given = ['c.yaml', 'b', 'a'].map((name) => folder.at(name))
    expect(filesOf(await read(...given))).toEqual(['a/1.yaml', 'b/1.yaml', 'c.yaml'])
    expect(filesOf(await read(...given.toReversed()))).toEqual(['a/1.yaml', 'b/1.yaml', 'c.yaml'])
  })

  describe('links', () => {
    test('are followed as Kubernetes mounts a ConfigMap', async () => {
      await folder.mount('2024_1', { 'a.yaml': 'a: 1\n' })
      await folder.link('a.yaml', '..data/a.yaml')
      const source = fileSource([folder.path])
      expect(filesOf(await source.read())).toEqual(['a.yaml'])
      await folder.mount('2024_2', { 'a.yaml': 'a: 2\n' })
      const { files } = await source.read()
      expect(files.map(({ manifest }) => manifest.documents[0]?.value)).toEqual([{ a: 2 }])
    })

    test('in circles end', async () => {
      await folder.write('a/a.yaml', '{}\n')
      await folder.link('a/up', '..')
      await folder.link('a/self', '.')
      await mkdir(folder.at('b'))
      await folder.link('b/a', '../a')
      await folder.link('b/b', '../b')
      expect(filesOf(await read(folder.path))).toEqual(['a/a.yaml'])
    })

    test('to a file that is read anyway do not make it count twice', async () => {
      await folder.write('a/a.yaml', '{}\n')
      await folder.link('z.yaml', 'a/a.yaml')
      const given = [folder.path, folder.at('a/a.yaml'), folder.at('a')]
      expect(filesOf(await read(...given))).toEqual(['a/a.yaml'])
    })

    test('to nothing are findings: what was there may come back', async () => {
      await folder.link('a.yaml', 'nowhere')
      await folder.link('shops', 'nowhere')
      await folder.link('c.yaml', 'c.yaml')
      const snapshot = await read(folder.path)
      expect(filesOf(snapshot)).toEqual(['a.yaml', 'c.yaml'])
      expect(names(snapshot.unreadable)).toEqual(['a.yaml', 'c.yaml', 'shops'])
      expect(findingsOf(snapshot).toSorted()).toEqual([
        'SourceUnreadable a.yaml',
        'SourceUnreadable c.yaml',
        'SourceUnreadable shops',
      ])
    })
  })

  describe('what is no file', () => {
    test('is a finding and is not opened: a FIFO would wait for ever', async () => {
      await promisify(execFile)('mkfifo', [folder.at('a.yaml'), folder.at('b')])
      const snapshot = await read(folder.path)
      expect(filesOf(snapshot)).toEqual(['a.yaml'])
      expect(findingsOf(snapshot)).toEqual(['NotAFile a.yaml'])
      expect(names(snapshot.unreadable)).toEqual(['a.yaml'])
    })

    test('is a finding where it is named', async () => {
      await promisify(execFile)('mkfifo', [folder.at('b')])
      expect(findingsOf(await read(folder.at('b')))).toEqual(['NotAFile b'])
      expect((await read('/dev/null')).files[0]?.manifest.findings[0]?.message).toBe(
        '/dev/null is a device, not a file',
      )
    })
  })

  describe('a path that leads to nothing', () => {
    test('a link that is named and leads nowhere is not what was meant instead of it', async () => {
      await folder.link('stdin', 'nowhere')
      const { findings } = await read(folder.at('stdin'))
      expect(findings[0]?.hint).toBe('name a file, a folder, or - for standard input')
    })

    test('is a finding that says what was probably meant', async () => {
      await folder.write('manifests/a.yaml', '{}\n')
      const given = folder.at('manifest')
      const snapshot = await read(given)
      expect(snapshot.files).toEqual([])
      expect(snapshot.unreadable).toEqual([given])
      expect(snapshot.findings).toEqual([
        {
          code: 'SourceNotFound',
          severity: 'error',
          message: `there is no file or folder ${given}`,
          hint: `did you mean ${folder.at('manifests')}?`,
          position: { file: given, line: 1, column: 1 },
        },
      ])
    })

    test('and was there before keeps what it gave, until it is back', async () => {
      await folder.write('shop/a.yaml', 'a: 1\n')
      await folder.write('b.yaml', 'b: 1\n')
      const source = fileSource([folder.at('shop'), folder.at('b.yaml')])
      await source.read()
      await folder.remove('shop')
      await folder.remove('b.yaml')
      const gone = await source.read()
      expect(gone.files).toEqual([])
      expect(names(gone.unreadable)).toEqual(['b.yaml', 'shop'])
      expect(findingsOf(gone)).toEqual(['SourceVanished b.yaml', 'SourceVanished shop'])

      await folder.write('shop/a.yaml', 'a: 1\n')
      await folder.write('b.yaml', 'b: 1\n')
      const back = await source.read()
      expect(filesOf(back)).toEqual(['b.yaml', 'shop/a.yaml'])
      expect(back.unreadable).toEqual([])
    })

    test('and lies below a given one is just gone', async () => {
      await folder.write('shop/a.yaml', 'a: 1\n')
      const source = fileSource([folder.path])
      await source.read()
      await folder.remove('shop')
      expect(await source.read()).toEqual({ files: [], findings: [], unreadable: [] })
    })
  })

  test('a file over the limit is not read', async () => {
    await folder.write('a.yaml', '')
    await truncate(folder.at('a.yaml'), MANIFEST_LIMITS.bytes + 1)
    let parsed = 0
    const parse = (): never => {
      parsed++
      throw new Error('it was read')
    }
    const snapshot = await fileSource([folder.path], { parse }).read()
    expect(findingsOf(snapshot)).toEqual(['FileTooLarge a.yaml'])
    expect(names(snapshot.unreadable)).toEqual(['a.yaml'])
    expect(parsed).toBe(0)
  })

  describe('a file that was read', () => {
    const counting = (
      given: string,
    ): { readonly parsed: string[]; readonly source: ReturnType<typeof fileSource> } => {
      const parsed: string[] = []
      const parse = (file: string): { documents: []; findings: []; complete: true } => {
        parsed.push(path.basename(file))
        return { documents: [], findings: [], complete: true }
      }
      return { parsed, source: fileSource([given], { parse }) }
    }

    test('is not parsed again when it was only touched', async () => {
      await folder.write('a.yaml', 'a: 1\n')
      const { parsed, source } = counting(folder.path)
      const first = await source.read()
      await utimes(folder.at('a.yaml'), 1, 1)
      const second = await source.read()
      expect(second.files[0]).toBe(first.files[0])
      expect(parsed).toEqual(['a.yaml'])
    })

    test('is read again though its size and time are as before, so soon after it changed', async () => {
      await folder.write('a.yaml', 'a: 1\n')
      await utimes(folder.at('a.yaml'), 1, 1)
      const { parsed, source } = counting(folder.path)
      await source.read()
      await folder.write('a.yaml', 'a: 2\n')
      await utimes(folder.at('a.yaml'), 1, 1)
      await source.read()
      expect(parsed).toEqual(['a.yaml', 'a.yaml'])
    })

    test('is read again when it changes after it has long been as it was', async () => {
      await folder.write('a.yaml', 'a: 1\n')
      const later = { ...systemTimers, now: () => Date.now() + 60_000 }
      const source = fileSource([folder.path], { timers: later })
      const [first, same] = [await source.read(), await source.read()]
      expect(same.files[0]).toBe(first.files[0])
      await folder.write('a.yaml', 'a: 22\n')
      const [file] = (await source.read()).files
      expect(file?.digest).not.toBe(first.files[0]?.digest)
    })

    test('is parsed again only if it changed, of a thousand', async () => {
      for (let i = 0; i < 1000; i++) await folder.write(`${i}.yaml`, `a: ${i}\n`)
      const { parsed, source } = counting(folder.path)
      await source.read()
      parsed.length = 0
      await folder.save('7.yaml', 'a: x\n')
      await source.read()
      expect(parsed).toEqual(['7.yaml'])
    })
  })

  describe('standard input', () => {
    async function* stream(...chunks: string[]): AsyncGenerator<Uint8Array> {
      for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk))
    }

    test('is read once, beside files', async () => {
      await folder.write('a.yaml', 'a: 1\n')
      const source = fileSource([folder.path, '-'], { stdin: stream('b: ', '1\n') })
      const first = await source.read()
      expect(first.files.map((file) => file.path)).toEqual(['-', folder.at('a.yaml')])
      expect(first.files[0]?.manifest.documents[0]?.value).toEqual({ b: 1 })
      expect((await source.read()).files[0]).toBe(first.files[0])
    })

    test('is a finding when there is none', async () => {
      const snapshot = await read('-')
      expect(snapshot.files[0]?.manifest.findings.map(({ code }) => code)).toEqual(['SourceNotFound'])
      expect(snapshot.unreadable).toEqual(['-'])
    })

    test('is a finding when it is too large', async () => {
      const limits = { ...MANIFEST_LIMITS, bytes: 4 }
      const snapshot = await fileSource(['-'], { stdin: stream('abc', 'de', 'f'), limits }).read()
      expect(snapshot.files[0]?.manifest.findings.map(({ code }) => code)).toEqual(['FileTooLarge'])
    })

    test('is a finding when it breaks', async () => {
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(Buffer.from('a: 1\n'))
        throw Object.assign(new Error('gone'), { code: 'EIO' })
      }
      const snapshot = await fileSource(['-'], { stdin: broken() }).read()
      expect(snapshot.files[0]?.manifest.findings[0]?.message).toBe(
        '- cannot be read: the disk or the network failed',
      )
    })
  })

  test('a folder that becomes a file, and a file that becomes a folder, are read as what they are', async () => {
    await folder.write('a.yaml', 'a: 1\n')
    await folder.write('b.yaml/c.yaml', 'c: 1\n')
    const source = fileSource([folder.path])
    await source.read()
    await folder.remove('a.yaml')
    await folder.remove('b.yaml')
    await folder.write('a.yaml/d.yaml', 'd: 1\n')
    await folder.write('b.yaml', 'b: 1\n')
    expect(filesOf(await source.read())).toEqual(['a.yaml/d.yaml', 'b.yaml'])
  })

  test('a given link to a folder is followed to where it leads now', async () => {
    await folder.write('one/a.yaml', 'a: 1\n')
    await folder.write('two/b.yaml', 'b: 1\n')
    await folder.link('current', 'one')
    const source = fileSource([folder.at('current')])
    expect(filesOf(await source.read())).toEqual(['current/a.yaml'])
    await folder.remove('current')
    await symlink('two', folder.at('current'))
    expect(filesOf(await source.read())).toEqual(['current/b.yaml'])
  })
})
