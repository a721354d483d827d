import { expect, test } from 'vitest'
import { canBecome } from '../../../src/firewall/nft/transaction.ts'
import { emptyTable, type NftSet, type Table } from '../../../src/firewall/nft/table.ts'
import { TouchedParts } from '../../../src/firewall/nft/touched.ts'

const SET: NftSet = { kind: 'set', type: 'ipv4_addr', interval: false, elements: new Map() }

function touchedParts(kind: 'chains' | 'sets', name: string): TouchedParts {
  const touched = new TouchedParts()
  touched[kind].add(name)
  return touched
}

const tableWith = (set: NftSet): Table => ({ ...emptyTable(), sets: new Map([['web', set]]) })

test.each([
  ['its kind', { kind: 'map' }],
  ['its type', { type: 'ipv6_addr' }],
  ['its intervals', { interval: true }],
  ['its counters', { counts: true }],
] as const)('a set in place keeps %s, whether it or its elements were touched', (_, other) => {
  const [actual, desired] = [tableWith(SET), tableWith({ ...SET, ...other })]
  const element = new TouchedParts()
  element.element('web', '10.0.0.1')
  for (const touched of [touchedParts('sets', 'web'), element]) {
    expect(canBecome(actual, desired, touched)).toBe(false)
  }
})

test('a set in place may come, go and change its elements', () => {
  const more = tableWith({ ...SET, elements: new Map([['10.0.0.1', '']]) })
  const touched = touchedParts('sets', 'web')
  for (const [actual, desired] of [
    [emptyTable(), tableWith(SET)],
    [tableWith(SET), emptyTable()],
    [tableWith(SET), more],
  ] as const) {
    expect(canBecome(actual, desired, touched)).toBe(true)
  }
})

test('a chain in place keeps its hook', () => {
  const chains = (base?: string): Table => ({
    ...emptyTable(),
    chains: new Map([['forward', { rules: [], ...(base !== undefined && { base }) }]]),
  })
  const touched = touchedParts('chains', 'forward')
  expect(canBecome(chains('filter forward 0'), chains('filter forward 10'), touched)).toBe(false)
  expect(canBecome(chains(), chains('filter forward 0'), touched)).toBe(false)
  expect(canBecome(chains('filter forward 0'), chains('filter forward 0'), touched)).toBe(true)
})
