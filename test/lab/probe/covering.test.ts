import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import { coveringProbes } from '../../../src/lab/probe/covering.ts'
import type { Probe } from '../../../src/lab/probe/probe.ts'
import { Installation } from '../../policy/installation.ts'
import { addressGroup, group, instance, vpc } from '../../reference/objects.ts'
import { rulesetOf } from '../field.ts'

/** Probes as `FROM>TO PROTOCOL/PORT`, ends by name. */
function probes(...objects: readonly PalisadeObject[]): readonly string[] {
  const { model } = new Installation(vpc('shop'), ...objects)
  const { instances, remotes } = rulesetOf(model)
  const found = coveringProbes({
    instances: [...instances.values()],
    prefixesOf: ({ securityGroup = '', addressGroup: list = '' }) =>
      remotes.get(`SecurityGroup/default/${securityGroup}`) ??
      remotes.get(`AddressGroup/default/${list}`) ??
      [],
    gateways: new Set(['10.0.0.1']),
  })
  return found.map(probeText)
}

function probeText({ from, to, protocol, port, sourcePort }: Probe): string {
  const [sender, receiver] = [from, to].map(({ instance: key, address }) => key?.split('/').at(-1) ?? address)
  const ports = [port, sourcePort].filter((one) => one !== undefined)
  return `${String(sender)}>${String(receiver)} ${[protocol, ...ports].join('/')}`
}

const web = (ingress: Parameters<typeof group>[2]): PalisadeObject => group('web', 'shop', ingress)
const WEB_1 = instance('web-1', 'shop', ['web'], { addresses: ['10.0.0.11'] })

describe('the covering set of probes', () => {
  test('has the ports at both sides of each end of a range', () => {
    const ports = probes(web({ ingress: [{ protocol: 'TCP', ports: ['80-90', 443] }] }), WEB_1)
      .filter((text) => text.startsWith('198.18.0.9>web-1 TCP/'))
      .map((text) => Number(text.split('/')[1]))
    expect(ports).toEqual(expect.arrayContaining([79, 80, 90, 91, 442, 443, 444]))
  })

  test('leaves out ports that there are not', () => {
    const all = probes(web({ ingress: [{ protocol: 'UDP', ports: ['1-65535'] }] }), WEB_1)
    expect(all.filter((text) => /UDP\/(0|65536)$/.test(text))).toEqual([])
    expect(all).toEqual(expect.arrayContaining(['198.18.0.9>web-1 UDP/1', '198.18.0.9>web-1 UDP/65535']))
  })

  test('has the addresses at both sides of each edge of a prefix, as ends outside', () => {
    const all = probes(
      web({ ingress: [{ protocol: 'TCP', ports: [22], remote: { cidr: '192.0.2.0/24' } }] }),
      WEB_1,
    )
    const senders = ['192.0.1.255', '192.0.2.0', '192.0.2.255', '192.0.3.0']
    expect(all).toEqual(expect.arrayContaining(senders.map((sender) => `${sender}>web-1 TCP/22`)))
  })

  test('has the edges of every prefix of an address group', () => {
    const office = addressGroup('office', ['192.0.2.0/25', '198.51.100.7'])
    const rule = { protocol: 'TCP', ports: [22], remote: { addressGroupRef: { name: 'office' } } }
    const senders = ['192.0.2.127', '192.0.2.128', '198.51.100.6', '198.51.100.7', '198.51.100.8']
    expect(probes(office, web({ ingress: [rule] }), WEB_1)).toEqual(
      expect.arrayContaining(senders.map((sender) => `${sender}>web-1 TCP/22`)),
    )
  })

  test('has the members of a group and its neighbours', () => {
    const rule = { protocol: 'TCP', ports: [22], remote: { securityGroupRef: { name: 'app' } } }
    const member = instance('app-1', 'shop', ['app'], { addresses: ['10.0.0.12'] })
    const all = probes(group('app', 'shop', { ingress: [] }), web({ ingress: [rule] }), WEB_1, member)
    // 10.0.0.11 is web-1 itself.
    expect(all).toEqual(expect.arrayContaining(['app-1>web-1 TCP/22', '10.0.0.13>web-1 TCP/22']))
  })

  test('has the other direction for egress', () => {
    const rule = { protocol: 'UDP', ports: [53], remote: { cidr: '192.0.2.53/32' } }
    const all = probes(web({ egress: [rule] }), WEB_1)
    expect(all).toEqual(expect.arrayContaining(['web-1>192.0.2.53 UDP/53', 'web-1>192.0.2.54 UDP/53']))
  })

  test('has source ports where a rule names some', () => {
    const all = probes(web({ ingress: [{ protocol: 'UDP', ports: [123], sourcePorts: [123] }] }), WEB_1)
    expect(all).toEqual(
      expect.arrayContaining(['198.18.0.9>web-1 UDP/123/122', '198.18.0.9>web-1 UDP/123/123']),
    )
  })

  test('sends echo requests for ICMP, and every protocol that it can for All', () => {
    const all = probes(web({ ingress: [{ protocol: 'ICMP' }] }), WEB_1)
    expect(all).toEqual(expect.arrayContaining(['198.18.0.9>web-1 ICMP', '198.18.0.9>web-1 TCP/47011']))
  })

  test('has no end that is a router, and none that cannot be routed', () => {
    const remotes = ['10.0.0.0/31', '224.0.0.0/4', '127.0.0.1/32', '0.0.0.0/1']
    const ingress = remotes.map((cidr) => ({ protocol: 'TCP', ports: [22], remote: { cidr } }))
    const all = probes(web({ ingress }), WEB_1)
    expect(all.filter((text) => /(^|>)(10\.0\.0\.1|127\.|22[4-9]\.|239\.|0\.)/.test(text))).toEqual([])
    expect(all).toEqual(expect.arrayContaining(['10.0.0.0>web-1 TCP/22', '128.0.0.0>web-1 TCP/22']))
  })

  test('is empty for instances without addresses', () => {
    expect(probes(web({ ingress: [{}] }), instance('web-1', 'shop', ['web']))).toEqual([])
  })
})
