import { expect, test } from 'vitest'
import {
  firstGeneration,
  generationParts,
  generationOf,
  isRevoked,
  nextGeneration,
  readGeneration,
} from '../../../src/firewall/nft/mark.ts'

test.each([
  ['judged', 0x0000_0100, 1, false],
  ['judged, with bits of others', 0x8000_01ff, 1, false],
  ['cut', 0x4000_0100, 1, true],
  ['judged by its sender alone', 0x2000_0100, 0, false],
  ['cut, and judged by its sender alone since', 0x6000_0100, 0, true],
  ['never judged', 0, 0, false],
  ['judged by the last generation that there is', 0x1fff_ff00, 2 ** 21 - 1, false],
])('the mark of a connection that is %s', (_, mark, generation, wasCut) => {
  expect(generationOf(mark)).toBe(generation)
  expect(isRevoked(mark)).toBe(wasCut)
})

test('generations begin again with the first', () => {
  expect(nextGeneration(1)).toBe(2)
  expect(nextGeneration(2 ** 21 - 1)).toBe(1)
})

test('a table begins with the seconds of the clock, and never with the mark of what was not judged', () => {
  const period = (2 ** 21 - 1) * 1000
  expect(firstGeneration(new Date(0))).toBe(1)
  expect(firstGeneration(new Date(period - 1000))).toBe(2 ** 21 - 1)
  expect(firstGeneration(new Date(period))).toBe(1)
})

test.each([1, 0x1738f1, 2 ** 21 - 1])('a table says which generation it is at: %d', (generation) => {
  expect(readGeneration(generationParts(generation).elements.get('judged'))).toBe(generation)
})

test.each([
  ['there is none', []],
  ['there are two', ['0x00000100', '0x00000200']],
  ['it is none', ['0x00000000']],
  ['it is no mark', ['"pala"']],
])('a table does not say which where %s', (_, judged) => {
  expect(readGeneration(judged)).toBeUndefined()
})

test.each([
  [1, 2 ** 21 - 1],
  [2, 1],
])('what left by the last generation still counts as having left: %d after %d', (generation, last) => {
  const lately = generationParts(generation).elements.get('lately') ?? []
  const marks = lately.map((mark) => Number(mark))
  expect(new Set(marks.map((mark) => (mark & 0x1fff_ff00) >>> 8))).toEqual(new Set([last, generation]))
  expect(marks.filter((mark) => isRevoked(mark) && (mark & 0x2000_0000) === 0)).toEqual([])
})

test('a new generation brings no verdict, for which the kernel would look at every rule of the table', () => {
  const rules = [...generationParts(7).chains.values()].flatMap((chain) => chain.rules)
  expect(rules.filter((rule) => /accept|drop|return|jump|goto|vmap|@/.test(rule))).toEqual([])
})
