import { describe, expect, test } from 'vitest'
import { ALL_TRAFFIC, TRAFFIC, trafficOf } from '../../../src/net/traffic.ts'
import { trafficText } from '../../../src/policy/reachability/traffic-text.ts'

const tcp = (...ports: readonly number[]): ReturnType<typeof trafficOf> =>
  trafficOf({ protocol: 6, ports: ports.map((port) => ({ first: port, last: port })) })

describe('traffic in words', () => {
  test.each([
    ['all traffic', ALL_TRAFFIC],
    ['nothing', TRAFFIC.empty],
    ['TCP 22,80-81', tcp(22, 80, 81)],
    ['TCP', trafficOf({ protocol: 6 })],
    ['ICMP type 8 code 0', trafficOf({ protocol: 1, icmp: { type: 8, code: 0 } })],
    ['ICMPv6 type 128', trafficOf({ protocol: 58, icmp: { type: 128 } })],
    [
      'UDP 53 from port 1024-65535',
      trafficOf({
        protocol: 17,
        ports: [{ first: 53, last: 53 }],
        sourcePorts: [{ first: 1024, last: 65_535 }],
      }),
    ],
    [
      'protocol 0, ICMP type 0 code 0',
      TRAFFIC.union(trafficOf({ protocol: 0 }), trafficOf({ protocol: 1, icmp: { type: 0, code: 0 } })),
    ],
    ['UDP from port 53', trafficOf({ protocol: 17, sourcePorts: [{ first: 53, last: 53 }] })],
    ['protocol 200', trafficOf({ protocol: 200 })],
    ['TCP 22, GRE', TRAFFIC.union(trafficOf({ protocol: 47 }), tcp(22))],
    ['all except TCP 22', TRAFFIC.difference(ALL_TRAFFIC, tcp(22))],
  ])('%s', (text, traffic) => {
    expect(trafficText(traffic)).toBe(text)
  })
})
