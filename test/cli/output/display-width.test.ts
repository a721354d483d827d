import { expect, test } from 'vitest'
import { displayWidth, padToWidth } from '../../../src/cli/output/display-width.ts'

test.each([
  ['', 0],
  ['web-1', 5],
  ['服务器', 6],
  ['ｗｅｂ', 6],
  ['ｶﾀｶﾅ', 4],
  ['カタカナ', 8],
  ['한국', 4],
  ['é', 1],
  ['e\u0301', 1],
  ['🦀', 2],
])('%j takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width)
})

test('text is filled up to a width, or left when it is wider', () => {
  expect(padToWidth('服', 4)).toBe('服  ')
  expect(padToWidth('服务器', 4)).toBe('服务器')
})
