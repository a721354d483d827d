import { describe, expect, test } from 'vitest'
import { ALL_TRAFFIC, NO_TRAFFIC, trafficSet } from '../../src/net/traffic-set.ts'

describe('what a rule says of traffic', () => {
  test('every protocol is everything', () => {
    expect(trafficSet({ protocol: 'All' }).equals(ALL_TRAFFIC)).toBe(true)
    // Five protocols with 2^16 x 2^16 ports, two with 2^8 x 2^8 types and codes, 249 with nothing more.
    expect(ALL_TRAFFIC.size).toBe(5n * 2n ** 32n + 2n * 2n ** 16n + 249n)
  })

  test('one protocol at a time makes up everything', () => {
    const sum = Array.from({ length: 256 }, (_, protocol) => trafficSet({ protocol })).reduce(
      (all, one) => all.union(one),
      NO_TRAFFIC,
    )
    expect(sum.canonical).toBe(ALL_TRAFFIC.canonical)
  })

  test('ports limit the protocols that have ports and match no others', () => {
    const web = trafficSet({ protocol: 'All', ports: [{ first: 443, last: 443 }] })
    expect(web.contains([6, [50_000, 443]])).toBe(true)
    expect(web.contains([6, [443, 80]])).toBe(false)
    expect(web.contains([1, [0, 0]])).toBe(false)
  })

  test('source ports are told from destination ports', () => {
    const dns = trafficSet({ protocol: 17, sourcePorts: [{ first: 53, last: 53 }] })
    expect(dns.contains([17, [53, 1]])).toBe(true)
    expect(dns.contains([17, [1, 53]])).toBe(false)
  })

  test('an ICMP type without a code has every code', () => {
    const ping = trafficSet({ protocol: 1, icmp: { type: 8 } })
    expect(ping.size).toBe(256n)
    expect(ping.contains([1, [8, 3]])).toBe(true)
    expect(ping.contains([58, [8, 3]])).toBe(false)
  })

  test('all ports that can be written are fewer than all: port 0 is left out', () => {
    const all = trafficSet({ protocol: 6 })
    const written = trafficSet({ protocol: 6, ports: [{ first: 1, last: 65_535 }] })
    expect(all.difference(written).size).toBe(65_536n)
  })
})
