import { describe, expect, test } from 'vitest'
import { ALL_TRAFFIC, TRAFFIC, trafficOf } from '../../src/net/traffic.ts'

const TCP = 6
const UDP = 17

describe('the traffic of a match', () => {
  test('everything is every port of the protocols with ports, every ICMP message, and each other protocol once', () => {
    const ports = 65_536n * 65_536n
    expect(TRAFFIC.size(ALL_TRAFFIC)).toBe(5n * ports + 2n * 256n * 256n + 249n)
  })

  test('ports are destination ports, and port 0 is among all of them alone', () => {
    const web = trafficOf({ protocol: TCP, ports: [{ first: 80, last: 81 }] })
    expect(TRAFFIC.contains(web, [TCP, [80, 0]])).toBe(true)
    expect(TRAFFIC.contains(web, [TCP, [0, 80]])).toBe(false)
    expect(TRAFFIC.contains(trafficOf({ protocol: TCP }), [TCP, [0, 0]])).toBe(true)
  })

  test('source ports are the second coordinate', () => {
    const dns = trafficOf({ protocol: UDP, sourcePorts: [{ first: 53, last: 53 }] })
    expect(TRAFFIC.contains(dns, [UDP, [4000, 53]])).toBe(true)
    expect(TRAFFIC.contains(dns, [UDP, [53, 4000]])).toBe(false)
  })

  test('an ICMP type without a code is every code', () => {
    const ping = trafficOf({ protocol: 1, icmp: { type: 8 } })
    expect(TRAFFIC.contains(ping, [1, [8, 255]])).toBe(true)
    expect(TRAFFIC.contains(ping, [1, [0, 0]])).toBe(false)
  })

  test('ports with every protocol match the protocols that have some', () => {
    const match = trafficOf({ protocol: 'All', ports: [{ first: 22, last: 22 }] })
    expect(TRAFFIC.contains(match, [TCP, [22, 1]])).toBe(true)
    expect(TRAFFIC.contains(match, [47, [0, 0]])).toBe(false)
  })
})
