import { describe, expect, test } from 'vitest'
import { parseAskedTraffic } from '../../../src/policy/reachability/asked-traffic.ts'
import { trafficText } from '../../../src/policy/reachability/traffic-text.ts'

describe('what a person asks about', () => {
  test.each([
    ['tcp/22', 'TCP 22'],
    ['UDP/8000-8080', 'UDP 8000-8080'],
    ['All', 'all traffic'],
    ['icmp/8', 'ICMP type 8'],
    ['47', 'GRE'],
  ])('%s is %s', (text, words) => {
    const result = parseAskedTraffic(text)
    expect(result.ok ? trafficText(result.value.traffic) : result.reason).toBe(words)
  })

  test.each([
    ['ICMP/ping', 'ICMP has no ports: say ICMP or ICMP/TYPE, a type from 0 to 255'],
    ['GRE/22', 'GRE has no ports: say GRE alone, or TCP/22'],
    ['TCP/0', '0 is no port: say one from 1 to 65535, or a range such as 8000-8080'],
    ['TPC/22', 'TPC is no protocol: say a name such as TCP, a number from 0 to 255, or All'],
  ])('%s is refused: %s', (text, reason) => {
    expect(parseAskedTraffic(text)).toEqual({ ok: false, reason })
  })
})
