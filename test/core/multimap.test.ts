import { expect, test } from 'vitest'
import { MultiMap } from '../../src/core/multimap.ts'

test('a key has each of its values once, and is there while it has any', () => {
  const map = new MultiMap<string, string>()
  expect(map.has('fruit')).toBe(false)
  for (const value of ['apple', 'pear', 'apple']) map.add('fruit', value)
  map.add('tree', 'oak')
  expect([...map.get('fruit')]).toEqual(['apple', 'pear'])
  expect([...map.keys()].sort()).toEqual(['fruit', 'tree'])
  map.delete('fruit', 'apple')
  expect(map.has('fruit')).toBe(true)
  map.delete('fruit', 'pear')
  expect(map.has('fruit')).toBe(false)
  expect([...map.keys()]).toEqual(['tree'])
  expect([...map.get('fruit')]).toEqual([])
})
