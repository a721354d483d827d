import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatPorts, MAX_PORT, MIN_PORT, parsePorts } from '../../src/net/ports.ts'

const port = fc.oneof(
  fc.integer({ min: MIN_PORT, max: MAX_PORT }),
  fc.integer({ min: MIN_PORT, max: MIN_PORT + 20 }),
  fc.integer({ min: MAX_PORT - 20, max: MAX_PORT }),
)
const item = fc.oneof(
  port,
  port.map(String),
  fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
)
const items = fc.array(item, { maxLength: 8 })

function isOpenIn(list: readonly (number | string)[], candidate: number): boolean {
  return list.some((entry) => {
    const [first, last = first] = String(entry).split('-').map(Number)
    return first !== undefined && last !== undefined && first <= candidate && candidate <= last
  })
}

function canonical(list: readonly (number | string)[]): string[] {
  const result = parsePorts(list)
  if (!result.ok) throw new Error(`item ${result.index} refused: ${result.reason}`)
  return formatPorts(result.ranges)
}

test('the canonical ranges open exactly the ports that were written', () => {
  const around = [MIN_PORT - 1, MIN_PORT, MAX_PORT, MAX_PORT + 1]
  fc.assert(
    fc.property(items, fc.array(port), (list, others) => {
      const edges = list.flatMap((entry) => String(entry).split('-').map(Number))
      const candidates = [
        ...around,
        ...others,
        ...edges,
        ...edges.map((edge) => edge - 1),
        ...edges.map((edge) => edge + 1),
      ]
      const ranges = canonical(list)
      expect(candidates.map((candidate) => isOpenIn(ranges, candidate))).toEqual(
        candidates.map((candidate) => isOpenIn(list, candidate)),
      )
    }),
  )
})

test('the canonical form does not depend on the order, and is its own canonical form', () => {
  fc.assert(
    fc.property(items, (list) => {
      const once = canonical(list)
      expect([canonical(list.toReversed()), canonical(once)]).toEqual([once, once])
    }),
  )
})

test('canonical ranges leave at least one port between neighbours', () => {
  fc.assert(
    fc.property(items, (list) => {
      const result = parsePorts(list)
      const ranges = result.ok ? result.ranges : []
      const gaps = ranges.slice(1).map((range, at) => range.first - (ranges[at]?.last ?? Number.NaN))
      expect(gaps.every((gap) => gap > 1)).toBe(true)
    }),
  )
})
