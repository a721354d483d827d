import { describe, expect, test } from 'vitest'
import { formatMoment, parseMoment } from '../../src/core/moment.ts'

describe('a moment', () => {
  test.each([
    ['2026-12-01T18:00:00Z', '2026-12-01T18:00:00Z'],
    ['2026-12-01T18:00:00+08:00', '2026-12-01T10:00:00Z'],
    ['2027-01-01T00:30:00+01:00', '2026-12-31T23:30:00Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00Z'],
  ])('%s is %s in UTC', (text, expected) => {
    expect(formatMoment(parseMoment(text) ?? NaN)).toBe(expected)
  })

  test.each([
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-12-01T25:00:00Z',
    '2026-12-01T18:00:00',
    '2026-12-01T18:00:00.5Z',
    '2026-12-01',
    'tomorrow',
    '',
  ])('%j is none', (text) => {
    expect(parseMoment(text)).toBeUndefined()
  })
})
