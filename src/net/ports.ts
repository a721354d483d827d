import { INTEGERS, IntervalSet } from './interval-set.ts'

/** Ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/**
 * Port 0 is reserved (RFC 6335, section 6) and the clouds refuse it: OpenStack Neutron answers
 * "Invalid value for port 0", NHN Cloud documents 1-65535.
 */
export const MIN_PORT = 1

/** The largest number that the 16 bits of a port field hold. */
export const MAX_PORT = 65_535

/**
 * `Syntax`: neither a port nor `FIRST-LAST`. `Range`: a number outside MIN_PORT to MAX_PORT.
 * `Order`: a range that ends before it begins. `index` counts from 0 and is that of the first bad item.
 */
export type PortsResult =
  | { readonly ok: true; readonly ranges: readonly PortRange[] }
  | { readonly ok: false; readonly index: number; readonly reason: PortsFault }

type PortsFault = 'Syntax' | 'Order' | 'Range'

const PORT_OR_RANGE = /^(0|[1-9]\d*)(?:-(0|[1-9]\d*))?$/

/**
 * Reads the `ports` of a rule: numbers, or text such as `22` and `8000-8080`. The ranges come back
 * sorted, disjoint, and joined where they overlap or touch.
 *
 * An empty list gives no ranges: what that means is for the rule to say. 1-65535 stays a range,
 * because it is less than all ports: a packet with port 0 is outside it.
 */
export function parsePorts(items: readonly (number | string)[]): PortsResult {
  const ranges: PortRange[] = []
  for (const [index, item] of items.entries()) {
    const range = parseItem(item)
    if (typeof range === 'string') return { ok: false, index, reason: range }
    ranges.push(range)
  }
  return { ok: true, ranges: IntervalSet.of(INTEGERS, ranges).intervals }
}

/** One text for each range, as a rule would write it: `443`, `8000-8080`. */
export function formatPorts(ranges: readonly PortRange[]): string[] {
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
}

function parseItem(item: number | string): PortRange | PortsFault {
  if (typeof item === 'number') {
    if (!Number.isInteger(item)) return 'Syntax'
    return isPort(item) ? { first: item, last: item } : 'Range'
  }
  const match = PORT_OR_RANGE.exec(item)
  if (match === null) return 'Syntax'
  const first = Number(match[1])
  const last = Number(match[2] ?? match[1])
  if (!isPort(first) || !isPort(last)) return 'Range'
  return first <= last ? { first, last } : 'Order'
}

function isPort(value: number): boolean {
  return value >= MIN_PORT && value <= MAX_PORT
}
