import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { displayWidth } from '../../../src/cli/output/display-width.ts'
import { narrowestWrap, wrap } from '../../../src/cli/output/wrap.ts'

describe('wrapping', () => {
  test('breaks after spaces and commas', () => {
    expect(wrap('group app: 10.0.2.11/32,10.0.2.12/32', 20, 'Words')).toEqual([
      'group app:',
      '10.0.2.11/32,',
      '10.0.2.12/32',
    ])
  })

  test('breaks a word that is wider than a line', () => {
    expect(wrap('abcdefgh', 3, 'Words')).toEqual(['abc', 'def', 'gh'])
    expect(wrap('服务器', 3, 'Words')).toEqual(['服', '务', '器'])
  })

  test('leaves what fits in one line', () => {
    expect(wrap('a b', 3, 'Words')).toEqual(['a b'])
    expect(wrap('', 3, 'Words')).toEqual([''])
  })

  test('breaks a word into its parts only where it does not fit', () => {
    const sources = 'conn/initial/all, web/template:Linux/ssh'
    expect(wrap(sources, 24, 'Parts')).toEqual(['conn/initial/all,', 'web/template:Linux/ssh'])
    expect(wrap(sources, 18, 'Parts')).toEqual(['conn/initial/all,', 'web/template:', 'Linux/ssh'])
  })

  const widths = fc.integer({ min: 2, max: 20 })
  const wrappings = fc.constantFrom('Words' as const, 'Parts' as const)
  const texts = fc.string({ unit: fc.constantFrom('a', 'bc', ' ', ',', '服', '/', ':') })

  test('loses nothing but spaces', () => {
    fc.assert(
      fc.property(texts, widths, wrappings, (text, width, wrapping) => {
        expect(bare(wrap(text, width, wrapping).join(''))).toBe(bare(text))
      }),
    )
  })

  test('cuts nothing at the narrowest width', () => {
    fc.assert(
      fc.property(texts, wrappings, (text, wrapping) => {
        const words = text.split(wrapping === 'Words' ? /(?<=[ ,])/ : /(?<=[ ,/:])/)
        const lines = wrap(text, narrowestWrap(text, wrapping), wrapping)
        const allowed = endsOf(words)
        for (const end of endsOf(lines)) expect(allowed).toContain(end)
      }),
    )
  })

  test('makes no line wider than asked for', () => {
    fc.assert(
      fc.property(texts, widths, wrappings, (text, width, wrapping) => {
        for (const line of wrap(text, width, wrapping)) expect(displayWidth(line)).toBeLessThanOrEqual(width)
      }),
    )
  })
})

const bare = (part: string): string => part.replaceAll(' ', '')

/** Where each part of a text ends, spaces not counted. */
function endsOf(parts: readonly string[]): readonly number[] {
  let end = 0
  return parts.map((part) => (end += bare(part).length))
}
