import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EffectiveRule } from '../../../src/api/types.gen.ts'
import { Layout } from '../../../src/firewall/nft/layout.ts'
import { packRules, PACKED_FROM, type PackedElement } from '../../../src/firewall/nft/pack.ts'
import { lastAddress } from '../../../src/net/prefix.ts'
import { allow, instanceOn } from './shop.ts'

const cidrs = fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3/32', '::/0', 'fd00::/8')
const rules: fc.Arbitrary<readonly EffectiveRule[]> = fc.array(
  fc
    .record({
      protocol: fc.constantFrom('TCP', 'UDP', 'SCTP', 'ICMP', 'All'),
      remote: fc.oneof(
        fc.record({ cidr: cidrs }),
        fc.constant({}),
        fc.constant({ securityGroup: 'clients' }),
      ),
      ports: fc.option(fc.constantFrom(['80'], ['80-90'], ['1-65535'], ['53', '443']), { nil: undefined }),
      sourcePorts: fc.option(fc.constant(['1024-65535']), { nil: undefined, freq: 5 }),
    })
    .map(({ ports, sourcePorts, ...rest }) =>
      allow({
        ...rest,
        ...(['ICMP', 'All'].includes(rest.protocol) || ports === undefined ? {} : { ports }),
        ...(sourcePorts === undefined || ['ICMP', 'All'].includes(rest.protocol) ? {} : { sourcePorts }),
      }),
    ),
  { maxLength: 30 },
)

const overlap = (a: PackedElement, b: PackedElement): boolean =>
  a.family === b.family &&
  a.protocol === b.protocol &&
  a.firstPort <= b.lastPort &&
  b.firstPort <= a.lastPort &&
  a.prefix.first <= lastAddress(b.prefix) &&
  b.prefix.first <= lastAddress(a.prefix)

describe('rules packed into a set', () => {
  test('do not overlap, name no group and no source port, and are as many as can be', () => {
    fc.assert(
      fc.property(rules, (list) => {
        const packed = packRules(list, 1)
        const elements = [...packed.values()].flat()
        for (const [index, element] of elements.entries()) {
          for (const other of elements.slice(index + 1)) expect(overlap(element, other)).toBe(false)
        }
        for (const [index, rule] of list.entries()) {
          if (packed.has(index)) {
            expect(rule.remote.securityGroup ?? rule.sourcePorts).toBeUndefined()
            continue
          }
          const alone = packRules([rule], 1).get(0) ?? []
          if (alone.length > 0) {
            expect(alone.some((own) => elements.some((other) => overlap(own, other)))).toBe(true)
          }
        }
      }),
    )
  })

  const many = (count: number): readonly EffectiveRule[] =>
    Array.from({ length: count }, (_, index) => allow({ protocol: 'TCP', ports: [String(1000 + index)] }))

  const IMPLICIT = 1

  test.each([
    [PACKED_FROM - 1, PACKED_FROM - 1 + IMPLICIT],
    [PACKED_FROM, 2 + IMPLICIT],
  ])('are made of lists of 64 rules and longer: %d', (count, lines) => {
    const layout = new Layout(1)
    layout.update(
      { put: [instanceOn('a', { ingress: many(count) })], remove: [], remotes: [] },
      { prefixes: () => undefined },
    )
    const [chain] = [...layout.table.chains].filter(([name]) => name.startsWith('i_'))
    expect(chain?.[1].rules).toHaveLength(lines)
  })

  test('are none where some allow and some drop, since a set has one verdict', () => {
    const layout = new Layout(1)
    const mixed = [...many(100), allow({ action: 'Drop', protocol: 'TCP', ports: ['22'] })]
    layout.update(
      { put: [instanceOn('a', { ingress: mixed })], remove: [], remotes: [] },
      { prefixes: () => undefined },
    )
    expect([...layout.table.sets.keys()].filter((name) => /^i[46]_/.test(name))).toEqual([])
  })
})
