import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { load } from 'js-yaml'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStateDirectory, type StateDirectory } from '../../src/store/state-directory.ts'
import { instanceNamed } from '../contract/stored-objects.ts'

let folder: string
let store: StateDirectory
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'palisade-status-'))
  store = await openStateDirectory(folder, { mode: 'exclusive', palisade: '0.1.0' })
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const WEB = 'Instance/shop/web-1'
const fileOf = (name: string): string => path.join(folder, 'status', name)
const webFile = (): string => fileOf('shop/instance/web-1.yaml')

describe('a status file', () => {
  test('is YAML that any reader takes, and says who wrote it', async () => {
    await store.writeStatus([instanceNamed('web-1')], [])
    const text = await readFile(webFile(), 'utf8')
    expect(text).toMatch(/^# Written by palisade: what is in force\. Edits are lost\.\napiVersion: /)
    expect(load(text)).toEqual(instanceNamed('web-1'))
  })

  test('is replaced, not written over: who has it open goes on reading the old one', async () => {
    await store.writeStatus([instanceNamed('web-1', 'shop', '02:00:00:00:00:01')], [])
    const opened = await open(webFile())
    await store.writeStatus([instanceNamed('web-1', 'shop', '02:00:00:00:00:02')], [])
    expect(await opened.readFile('utf8')).toContain('02:00:00:00:00:01')
    expect(await readFile(webFile(), 'utf8')).toContain('02:00:00:00:00:02')
    expect(await readdir(fileOf('shop/instance'))).toEqual(['web-1.yaml'])
    await opened.close()
  })

  test('still counts when somebody formatted it anew', async () => {
    await store.writeStatus([instanceNamed('web-1')], [])
    await writeFile(webFile(), `# mine\n${JSON.stringify(instanceNamed('web-1'), null, 4)}\n`)
    expect(await store.readStatus()).toEqual([instanceNamed('web-1')])
  })

  const broken: readonly (readonly [how: string, text: string])[] = [
    ['empty', ''],
    ['not YAML', 'a: [b\n'],
    ['another object’s', JSON.stringify(instanceNamed('web-2'))],
    [
      'two objects',
      `${JSON.stringify(instanceNamed('web-1'))}\n---\n${JSON.stringify(instanceNamed('web-1'))}\n`,
    ],
    [
      'an object without a name',
      '{apiVersion: palisade.dev/v1alpha1, kind: Instance, metadata: {}, spec: {}}',
    ],
  ]
  test.each(broken)('that is %s is named, with what to do', async (_how, text) => {
    await store.writeStatus([instanceNamed('web-1')], [])
    await writeFile(webFile(), text)
    const sentence = /web-1\.yaml is not as palisade wrote it \(.+\): remove it, then apply again$/
    await expect(store.readStatus()).rejects.toThrow(sentence)
  })
})

describe('removing', () => {
  test('takes away the folders that are empty then', async () => {
    await store.writeStatus([instanceNamed('web-1'), instanceNamed('web-1', 'blog')], [])
    await store.writeStatus([], [WEB])
    expect(await readdir(fileOf(''))).toEqual(['blog'])
  })

  test('leaves a file alone that palisade did not write', async () => {
    await mkdir(path.dirname(webFile()), { recursive: true })
    await writeFile(webFile(), 'mine: true\n')
    await store.writeStatus([], [WEB])
    expect(await readFile(webFile(), 'utf8')).toBe('mine: true\n')
  })

  test('leaves what else is in the folders', async () => {
    await store.writeStatus([instanceNamed('web-1')], [])
    await writeFile(fileOf('shop/notes.txt'), 'mine')
    await store.writeStatus([], [WEB])
    expect(await readdir(fileOf('shop'))).toEqual(['notes.txt'])
  })
})

test('files that are no status are not listed', async () => {
  await store.writeStatus([instanceNamed('web-1')], [])
  await writeFile(fileOf('shop/instance/README.md'), '')
  await writeFile(fileOf('shop/instance/Web.yaml'), '')
  await mkdir(fileOf('shop/pod'))
  await writeFile(fileOf('shop/pod/web.yaml'), '')
  expect(await store.listStatus()).toEqual(new Set([WEB]))
})

test('a folder that a person removed meanwhile is made again', async () => {
  await store.writeStatus([instanceNamed('web-1')], [])
  await rm(fileOf(''), { recursive: true })
  await store.writeStatus([instanceNamed('web-2')], [])
  expect(await store.listStatus()).toEqual(new Set(['Instance/shop/web-2']))
})

test('the file that a killed process was writing is removed at the next start', async () => {
  await store.writeStatus([instanceNamed('web-1')], [])
  await store.close()
  await writeFile(fileOf('.new'), 'half')
  store = await openStateDirectory(folder, { mode: 'exclusive', palisade: '0.1.0' })
  expect(await readdir(fileOf(''))).toEqual(['shop'])
})

test.each(['Instance/../web-1', 'Instance/shop/../../../web', 'Pod/shop/web'])(
  'a key that no object can have touches no file: %s',
  async (key) => {
    await expect(store.writeStatus([], [key])).rejects.toThrow('no status file can have the name of')
    expect(await readdir(folder)).toEqual(['lock'])
  },
)

test('other work goes on while a thousand files are written', async () => {
  const objects = Array.from({ length: 1000 }, (_, index) => instanceNamed(`web-${index}`))
  let turns = 0
  const count = setInterval(() => turns++, 0)
  await store.writeStatus(objects, [])
  clearInterval(count)
  expect((await store.listStatus()).size).toBe(1000)
  expect(turns).toBeGreaterThan(5)
})
