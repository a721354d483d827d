import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  select,
  type ConnectionSelection,
  type Wish,
} from '../../../src/firewall/nft/connection-selection.ts'
import type { Connection } from '../../../src/firewall/nft/connection.ts'

const connection = (source: number, destination: number, port: number, own: number): Connection => {
  const [from, to] = [`10.0.0.${String(source)}`, `10.0.1.${String(destination)}`]
  return {
    ...{ family: 'ipv4', source: from, destination: to, protocol: 17, sourcePort: own, port, mark: 0 },
    words: [
      ['-p', '17'],
      ['-s', from],
      ['--dport', String(port)],
      ['-d', to],
      ['--sport', String(own)],
    ],
  }
}

/** As `conntrack` does: whoever agrees in every word. */
const isSelected = ({ words }: ConnectionSelection, one: Connection): boolean => {
  const own = one.words.flat().join(' ')
  const pairs = words.flatMap((word, index) => (index % 2 === 0 ? [`${word} ${words[index + 1] ?? ''}`] : []))
  return pairs.every((pair) => ` ${own} `.includes(` ${pair} `))
}

const few = fc.integer({ min: 1, max: 3 })

test('everything that is to be selected is, and nothing that is to be spared', () => {
  const wish = fc.constantFrom<Wish>('Selected', 'Selected', 'Selected', 'Spared', 'Either')
  const byPort = fc.record({ 1: wish, 2: wish, 3: wish })
  const one = fc.tuple(few, few, few, fc.integer({ min: 1, max: 200 }))
  const all = fc.uniqueArray(one, { maxLength: 400, size: 'max', selector: (numbers) => numbers.join() })
  let merged = 0
  fc.assert(
    fc.property(all, byPort, fc.array(fc.nat(399), { maxLength: 5 }), wish, (numbers, wishes, odd, other) => {
      const connections = numbers.map((each) => connection(...each))
      const wishFor = (each: Connection): Wish => {
        if (odd.includes(connections.indexOf(each))) return other
        return each.port === 1 ? wishes[1] : each.port === 2 ? wishes[2] : wishes[3]
      }
      const selections = select(connections, wishFor)
      const reached = (each: Connection): boolean =>
        selections.some((selection) => isSelected(selection, each))
      for (const each of connections) {
        const wanted = wishFor(each)
        if (wanted !== 'Either') expect(reached(each)).toBe(wanted === 'Selected')
      }
      const count = connections.filter((each) => wishFor(each) === 'Selected').length
      if (selections.length < count) merged += 1
    }),
    { numRuns: 50 },
  )
  expect(merged).toBeGreaterThan(0)
})

test.each([
  ['all of one opener', (): Wish => 'Selected', 1],
  ['those of one port', ({ port }: Connection): Wish => (port === 53 ? 'Selected' : 'Spared'), 1],
  [
    'those to one end',
    ({ destination }: Connection): Wish => (destination === '10.0.1.7' ? 'Selected' : 'Spared'),
    1,
  ],
  [
    'those of one port, of which some were cut before',
    ({ port, sourcePort = 0 }: Connection): Wish =>
      port !== 53 ? 'Spared' : sourcePort % 2 === 0 ? 'Either' : 'Selected',
    1,
  ],
])('ten thousand take a command or two: %s', (_name, wishFor, commands) => {
  const connections = Array.from({ length: 10_000 }, (_, index) =>
    connection(1, 1 + (index % 10), index % 20 < 10 ? 53 : 80, index),
  )
  expect(select(connections, wishFor)).toHaveLength(commands)
})

test.each([
  ['to one port of one end', ({ port }: Connection): Wish => (port === 53 ? 'Selected' : 'Spared'), 1],
  [
    'to one port, but for one opener',
    ({ port, source }: Connection): Wish => (port === 53 && source !== '10.0.0.7' ? 'Selected' : 'Spared'),
    999,
  ],
  [
    'to one port, and all of one opener',
    ({ port, source }: Connection): Wish => (port === 53 || source === '10.0.0.7' ? 'Selected' : 'Spared'),
    2,
  ],
])('those of a thousand openers take as few as may be: %s', (_name, wishFor, commands) => {
  const connections = Array.from({ length: 1000 }, (_, index) => index).flatMap((source) => [
    connection(source, 1, 53, 4000),
    connection(source, 1, 54, 4000),
  ])
  expect(select(connections, wishFor)).toHaveLength(commands)
})

test('a selection names all in which its connections are alike', () => {
  const connections = Array.from({ length: 100 }, (_, index) => connection(index, 1, 53, 4000))
  const [one] = select(connections, () => 'Selected')
  expect(one?.words.join(' ')).toBe('-p 17 --dport 53 -d 10.0.1.1 --sport 4000')
})
