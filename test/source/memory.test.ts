import { expect, test } from 'vitest'
import { memorySource } from '../../src/source/memory.ts'
import { describeSource, type SourceWorld } from '../contract/sources.ts'

describeSource('in memory', () => {
  const source = memorySource()
  const world: SourceWorld = {
    source,
    pathOf: (name) => name,
    write: (name, text) => {
      source.write(name, text)
      return Promise.resolve()
    },
    remove: (name) => {
      source.remove(name)
      return Promise.resolve()
    },
    spoil: (name) => {
      source.spoil(name)
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
  return Promise.resolve(world)
})

test('it begins with the files that it is given', async () => {
  const { files } = await memorySource({ 'b.yaml': 'b: 1\n', 'a.yaml': 'a: 1\n' }).read()
  expect(files.map(({ path }) => path)).toEqual(['a.yaml', 'b.yaml'])
})

test('the files of a hidden folder are not seen, and the folder is unreadable', async () => {
  const source = memorySource({ 'shop/a.yaml': 'a: 1\n', 'shops.yaml': 'b: 1\n' })
  source.hide('shop')
  const hidden = await source.read()
  expect(hidden.files.map(({ path }) => path)).toEqual(['shops.yaml'])
  expect(hidden.unreadable).toEqual(['shop'])
  expect(hidden.findings.map(({ code }) => code)).toEqual(['SourceUnreadable'])
  source.reveal('shop')
  expect((await source.read()).files).toHaveLength(2)
})
