import { describe, expect, test } from 'vitest'
import { nearest } from '../../src/core/nearest.ts'

describe('nearest', () => {
  test.each([
    ['one letter left out', 'ingres', 'ingress'],
    ['one letter too many', 'eegress', 'egress'],
    ['one letter for another', 'protokol', 'protocol'],
    ['two letters swapped', 'prots', 'ports'],
    ['another case', 'VPCREF', 'vpcRef'],
    ['a slip for every three letters', 'instanSelektor', 'instanceSelector'],
  ])('finds what was meant: %s', (_, word, meant) => {
    expect(nearest(word, ['egress', 'ingress', 'instanceSelector', 'ports', 'protocol', 'vpcRef'])).toBe(
      meant,
    )
  })

  test.each([
    ['Deny', ['Allow', 'Drop']],
    ['x', ['name']],
    ['', ['name']],
    ['cidr', []],
  ])('finds nothing for %s among %j', (word, candidates) => {
    expect(nearest(word, candidates)).toBeUndefined()
  })

  test('prefers the closer one, then the first', () => {
    expect(nearest('portz', ['sports', 'ports'])).toBe('ports')
    expect(nearest('ab', ['aa', 'bb'])).toBe('aa')
  })

  test('does not compare texts that no person mistypes', () => {
    const long = 'a'.repeat(65)
    expect(nearest(long, [long])).toBeUndefined()
    expect(nearest(long.slice(1), [long])).toBe(long)
  })
})
