import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineOf, seal, unseal } from '../../src/storage/ndjson.ts'

const FORMAT = { content: 'Test', version: 3 }

const sealed = (values: readonly unknown[], fields: Readonly<Record<string, unknown>> = {}): Buffer =>
  Buffer.concat([...seal(FORMAT, '0.1.0', fields, values.map(lineOf))])

const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.jsonValue())

describe('a sealed file', () => {
  test('gives back its values and the fields of its header', () => {
    fc.assert(
      fc.property(fc.array(value), fc.integer(), (values, next) => {
        const read = unseal(FORMAT, sealed(values, { next }))
        expect(read).toMatchObject({
          ok: true,
          header: { content: 'Test', version: 3, palisade: '0.1.0', next },
        })
        const texts = read.ok ? read.lines.map((line) => JSON.stringify(line.value)) : []
        expect(texts).toEqual(values.map((item) => JSON.stringify(item)))
      }),
    )
  })

  test('is written again from its own lines with the same bytes', () => {
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const bytes = sealed(values)
        const read = unseal(FORMAT, bytes)
        const lines = read.ok ? read.lines.map(({ line }) => line) : []
        expect(Buffer.concat([...seal(FORMAT, '0.1.0', {}, lines)])).toEqual(bytes)
      }),
    )
  })

  test('comes in chunks, however long a line is', () => {
    const values = ['a'.repeat(300_000), 'é'.repeat(2_000_000), 'b', '€'.repeat(400_000)]
    const chunks = [...seal(FORMAT, '0.1.0', {}, values.map(lineOf))]
    expect(chunks.length).toBeGreaterThan(2)
    const read = unseal(FORMAT, Buffer.concat(chunks))
    expect(read.ok ? read.lines.map((line) => line.value) : []).toEqual(values)
  })
})

describe('damage is noticed', () => {
  const values = fc.array(value, { minLength: 1, maxLength: 5 })

  test('wherever the file is cut', () => {
    fc.assert(
      fc.property(values, fc.nat(), (items, seed) => {
        const bytes = sealed(items)
        expect(unseal(FORMAT, bytes.subarray(0, seed % bytes.length)).ok).toBe(false)
      }),
    )
  })

  test('whichever bit is flipped', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.nat(7), (items, seed, bit) => {
        const bytes = sealed(items, { next: 7 })
        const index = seed % bytes.length
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
        expect(unseal(FORMAT, bytes).ok).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  test('when two lines change places', () => {
    const [header = '', a = '', b = ''] = sealed(['a', 'b']).toString().split('\n')
    expect(unseal(FORMAT, Buffer.from(`${header}\n${b}\n${a}\n`)).ok).toBe(false)
  })

  test('when a part of the file was overwritten with zeros, as a failing machine may leave it', () => {
    const bytes = sealed(['a'.repeat(100), 'b'])
    expect(unseal(FORMAT, bytes.fill(0, 150, 170))).toEqual({
      ok: false,
      damage: 'its content does not match its checksum',
    })
  })
})

test('a file of a newer format tells who wrote it, even if nothing else of it can be understood', () => {
  const newer = '{"content":"Test","version":4,"palisade":"0.9.0","compression":"zstd"}\n\x28\xb5'
  expect(unseal(FORMAT, Buffer.from(newer, 'latin1'))).toEqual({
    ok: false,
    newer: 'palisade 0.9.0 in version 4 of its format',
  })
})

test('a file with another content is not taken for this one', () => {
  const other = Buffer.concat([...seal({ content: 'Other', version: 3 }, '0.1.0', {}, [])])
  expect(unseal(FORMAT, other)).toMatchObject({
    damage: expect.stringContaining('that it is a Test of palisade'),
  })
})
