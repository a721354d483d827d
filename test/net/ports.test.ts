import { describe, expect, test } from 'vitest'
import { formatPorts, MAX_PORT, MIN_PORT, parsePorts } from '../../src/net/ports.ts'

describe('parsePorts reads', () => {
  test.each([
    ['nothing', [], []],
    ['a number', [22], [{ first: 22, last: 22 }]],
    ['a number as text', ['22'], [{ first: 22, last: 22 }]],
    ['a range', ['8000-8080'], [{ first: 8000, last: 8080 }]],
    ['a range of one port', ['22-22'], [{ first: 22, last: 22 }]],
    [
      'the first and the last port',
      [MIN_PORT, MAX_PORT],
      [
        { first: 1, last: 1 },
        { first: 65_535, last: 65_535 },
      ],
    ],
    ['the whole range, as a range', ['1-65535'], [{ first: 1, last: 65_535 }]],
    [
      'any order',
      [443, 80],
      [
        { first: 80, last: 80 },
        { first: 443, last: 443 },
      ],
    ],
    ['the same port twice', [80, '80'], [{ first: 80, last: 80 }]],
    ['ranges that overlap', ['80-90', '85-100'], [{ first: 80, last: 100 }]],
    ['ranges that touch', ['80-89', 90], [{ first: 80, last: 90 }]],
  ])('%s', (_what, items, ranges) => {
    expect(parsePorts(items)).toEqual({ ok: true, ranges })
  })
})

describe('parsePorts refuses', () => {
  test.each([
    ['a word', 'ssh', 'Syntax'],
    ['nothing', '', 'Syntax'],
    ['a fraction', 22.5, 'Syntax'],
    ['not a number', Number.NaN, 'Syntax'],
    ['a leading zero', '022', 'Syntax'],
    ['a sign', '+22', 'Syntax'],
    ['a negative number as text', '-1', 'Syntax'],
    ['hexadecimal', '0x16', 'Syntax'],
    ['spaces', '80 - 90', 'Syntax'],
    ['a line break after', '80\n', 'Syntax'],
    ['an open range', '80-', 'Syntax'],
    ['two ranges in one', '80-90-100', 'Syntax'],
    ['a list in one', '80,443', 'Syntax'],
    ['another separator', '80:90', 'Syntax'],
    ['port 0', 0, 'Range'],
    ['port 0 as text', '0', 'Range'],
    ['a range from port 0', '0-80', 'Range'],
    ['a negative number', -1, 'Range'],
    ['a number above the last port', 65_536, 'Range'],
    ['a range that ends above the last port', '80-65536', 'Range'],
    ['a number of many digits', '9'.repeat(400), 'Range'],
    ['a reversed range', '80-22', 'Order'],
  ])('%s: %j', (_what, item, reason) => {
    expect(parsePorts([item])).toEqual({ ok: false, index: 0, reason })
  })

  test('the first bad item, by its index', () => {
    expect(parsePorts([22, '80-90', '90-80', 0])).toEqual({ ok: false, index: 2, reason: 'Order' })
  })
})

test('formatPorts writes a range of one port as that port', () => {
  const ranges = [
    { first: 443, last: 443 },
    { first: 8000, last: 8080 },
  ]
  expect(formatPorts(ranges)).toEqual(['443', '8000-8080'])
})
