import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { MANIFEST_LIMITS } from '../../src/manifest/limits.ts'
import { placesOf, read, refused, valuesOf } from './reading.ts'

test('the limits of one file', () => {
  expect(MANIFEST_LIMITS).toEqual({
    bytes: 16 * 1024 * 1024,
    documents: 100_000,
    depth: 64,
    nodes: 2_000_000,
    aliases: 100,
    aliasNodes: 1_000_000,
    findings: 100,
  })
})

describe('each limit at its edge', () => {
  test('bytes', () => {
    expect(read('a: 1\n', { bytes: 5 }).complete).toBe(true)
    expect(refused('a: 10\n', { bytes: 5 })).toEqual(['1:1 FileTooLarge'])
  })

  test('documents', () => {
    const text = 'a: 1\n---\nb: 2\n---\nc: 3\n'
    expect(read(text, { documents: 3 }).complete).toBe(true)
    const cut = read(text, { documents: 2 })
    expect(valuesOf(cut)).toEqual([{ a: 1 }, { b: 2 }])
    expect(placesOf(cut.findings)).toEqual(['5:1 TooManyDocuments'])
    expect(cut.complete).toBe(false)
  })

  test('documents, items of a list among them', () => {
    const cut = read('kind: List\nitems: [{a: 1}, {b: 2}, {c: 3}]\n', { documents: 2 })
    expect(valuesOf(cut)).toEqual([{ a: 1 }, { b: 2 }])
    expect(placesOf(cut.findings)).toEqual(['2:25 TooManyDocuments'])
  })

  test('documents without content, of which twice as many may be there', () => {
    expect(read('---\n'.repeat(4), { documents: 2 }).complete).toBe(true)
    expect(placesOf(read('---\n'.repeat(5), { documents: 2 }).findings)).toEqual(['5:1 TooManyDocuments'])
  })

  test.each([
    ['flow', (depth: number) => '{a: '.repeat(depth) + '}'.repeat(depth)],
    ['block', (depth: number) => Array.from({ length: depth }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
    ['sequence', (depth: number) => `a:\n${'- '.repeat(depth - 1)}b\n`],
    ['alias', (depth: number) => `a: &x {b: [c]}\nd: ${'['.repeat(depth - 3)}*x${']'.repeat(depth - 3)}\n`],
  ])('depth, in %s style', (_style, nested) => {
    expect(read(nested(8), { depth: 8 }).findings).toEqual([])
    expect(refused(nested(9), { depth: 8 })[0]).toMatch(/ TooDeep$/)
    expect(refused(nested(12), { depth: 8 })[0]).toMatch(/ TooDeep$/)
  })

  test('nodes', () => {
    const text = `a: [${'1, '.repeat(50)}]\n`
    expect(read(text, { nodes: 150 }).complete).toBe(true)
    expect(refused(text, { nodes: 100 })).toEqual(['1:1 TooManyNodes'])
  })

  test('aliases', () => {
    const text = 'a: &x 1\nb: [*x, *x, *x]\n'
    expect(read(text, { aliases: 3 }).complete).toBe(true)
    expect(refused(text, { aliases: 2 })).toEqual(['2:13 AliasExpansion'])
  })

  test('values that aliases stand for', () => {
    const text = 'a: &x [1, 2, 3]\nb: &y [*x, *x]\nc: *y\n'
    // b holds 4 + 4, c as many again and its own list and aliases.
    expect(read(text, { aliasNodes: 19 }).complete).toBe(true)
    expect(refused(text, { aliasNodes: 18 })).toEqual(['3:4 AliasExpansion'])
  })

  test('findings', () => {
    const text = 'a: on\n---\nb: on\n---\nc: on\n'
    expect(read(text, { findings: 3 }).findings).toHaveLength(3)
    expect(refused(text, { findings: 2 })).toEqual([
      '1:4 AmbiguousScalar',
      '3:4 AmbiguousScalar',
      '5:4 TooManyFindings',
    ])
  })

  test('findings of one document: beyond them none of its objects of ours is trusted', () => {
    const text =
      'kind: List\nitems:\n- {apiVersion: v1, x: [on, on, on]}\n- {apiVersion: palisade.dev/v1alpha1, x: on}\n'
    expect(refused(text, { findings: 2 })).toEqual(['1:1 TooManyFindings'])
  })
})

describe('a hostile file is a finding', () => {
  const bomb = (): string => {
    const uses = (name: string): string => Array.from({ length: 9 }, () => `*${name}`).join(', ')
    const levels = Array.from({ length: 10 }, (_, i) => `a${i + 1}: &a${i + 1} [${uses(`a${i}`)}]\n`)
    return `a0: &a0 [x, x, x]\n${levels.join('')}`
  }
  const mega = 1024 * 1024
  const hostile: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['100 MB', new Uint8Array(100 * mega), /FileTooLarge/],
    ['1 MB of [', '['.repeat(mega), /TooDeep/],
    ['1 MB of {a: ', '{a: '.repeat(mega / 4), /TooDeep/],
    ['1 MB of - ', '- '.repeat(mega / 2), /TooDeep/],
    ['1 MB of ? ', '? '.repeat(mega / 2), /TooDeep/],
    ['16 MB of items', '- \n'.repeat(5 * mega), /TooManyNodes/],
    ['16 MB of [],', `[${'[],'.repeat(5 * mega)}`, /TooManyNodes/],
    ['16 MB of line breaks in a document', `a:${'\n'.repeat(15 * mega)}`, /TooManyNodes/],
    ['a million markers', '---\n'.repeat(mega), /TooManyDocuments/],
    ['1 MB of anchors', `a: ${'&x '.repeat(mega / 3)}`, /YamlSyntax/],
    ['a quote over 4 MB', `a: "${'x'.repeat(4 * mega)}`, /YamlSyntax/],
    ['zeros', new Uint8Array(mega), /ControlCharacter/],
    ['bytes that are no text', Buffer.alloc(mega, 0xc3), /NotUtf8/],
    ['an alias bomb', bomb(), /AliasExpansion/],
    ['an anchor that contains itself', 'a: &x [*x, {b: *x}]\n', /AliasCycle/],
    ['10,000 equal keys', 'a: 1\n'.repeat(10_000), /DuplicateKey/],
    ['100,000 numbers as objects', `kind: List\nitems: [${'1,'.repeat(100_000)}]`, /NotAMapping/],
  ]

  test.each(hostile)('%s', (_what, text, code) => {
    const { findings, complete } = read(text)
    expect(complete).toBe(false)
    expect(placesOf(findings)[0]).toMatch(code)
    expect(findings.length).toBeLessThanOrEqual(MANIFEST_LIMITS.findings + 1)
  })
})

test('10,000 documents are read', () => {
  const text = Array.from(
    { length: 10_000 },
    (_, i) => `---\nkind: Instance\nmetadata: {name: web-${i}}\n`,
  ).join('')
  const { documents, complete } = read(text)
  expect(documents).toHaveLength(10_000)
  expect(complete).toBe(true)
  expect(documents[9_999]?.value).toEqual({ kind: 'Instance', metadata: { name: 'web-9999' } })
  expect(documents[9_999]?.locate(['metadata', 'name'])).toEqual({
    file: 'shop.yaml',
    line: 30_000,
    column: 18,
  })
})
