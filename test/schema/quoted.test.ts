import { describe, expect, test } from 'vitest'
import { quoted, quotesHint, shown } from '../../src/schema/quoted.ts'

describe('a value in a message', () => {
  test.each([
    ['text', 'web', '"web"'],
    ['a number', 80, '80'],
    ['a truth value', false, 'false'],
    ['null', null, 'null'],
    ['nothing', undefined, 'undefined'],
    ['a list', [1], 'a list'],
    ['an empty list', [], 'an empty list'],
    ['a map', { a: 1 }, 'a map'],
  ])('%s', (_, value, shown) => {
    expect(quoted(value)).toBe(shown)
  })

  test('a long text is cut behind 64 characters', () => {
    expect(quoted('a'.repeat(64))).toBe(`"${'a'.repeat(64)}"`)
    expect(quoted('a'.repeat(65))).toBe(`"${'a'.repeat(64)}..."`)
  })

  test('nothing is left that a terminal would act on', () => {
    const text = quoted('\u001b[2J \u009b2J \u007f \u202e \n \u2028')
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  })
})

test('a word is shown without quotes where nothing in it needs them', () => {
  expect(['SecurityGroup', 'a b', 'a"b', 'a\u001b', 'a\u009b'].map(shown)).toEqual([
    'SecurityGroup',
    'a b',
    '"a\\"b"',
    '"a\\u001b"',
    '"a\ufffd"',
  ])
})

test('quotes help a number and a truth value, and nothing else', () => {
  expect([80, true, 'a', null, {}].map(quotesHint)).toEqual([
    'put it in quotes: "80"',
    'put it in quotes: "true"',
    undefined,
    undefined,
    undefined,
  ])
})
