import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import type { Instance, Rule } from '../../../src/api/types.gen.ts'
import type { ConnectionTexts } from '../../../src/policy/reachability/connection-text.ts'
import { canonicalAddress } from '../../../src/net/address.ts'
import { ReachabilityMemory } from '../../../src/policy/reachability/reachability.ts'
import { connectionsBetween, reachabilitySnapshot } from '../../../src/policy/reachability/snapshot.ts'
import { objectsOf, worldsArbitrary } from '../../reference/arbitraries/world.ts'
import { boundariesOf, packetsAt } from '../../reference/boundary-packets.ts'
import { speaksOf } from '../../reference/connection-reader.ts'
import { Evaluator } from '../../reference/evaluator.ts'
import { group, instance, vpc } from '../../reference/objects.ts'
import { familyOf, onlyFamily, type Packet } from '../../reference/packet.ts'
import { Installation } from '../installation.ts'

const SSH: Omit<Rule, 'remote'> = { name: 'ssh', protocol: 'TCP', ports: [22] }
const SHOP = vpc('shop', { cidrs: ['10.0.0.0/16', 'fd00::/64'] })
const WEB = group('web', 'shop', { egress: [{}] })

/** What it opens that the group `db`, which `db-1` is in, gets these rules. */
function opened(ingress: readonly Rule[], ...others: readonly PalisadeObject[]): readonly string[] {
  const snapshotWith = (rules: readonly Rule[]): ReturnType<typeof reachabilitySnapshot> => {
    const db = group('db', 'shop', { ingress: rules, egress: [] })
    const db1 = instance('db-1', 'shop', ['db'], { addresses: ['10.0.0.1', 'fd00::1'] })
    const { model } = new Installation(SHOP, WEB, db, db1, ...others)
    return reachabilitySnapshot(model, new ReachabilityMemory())
  }
  return connectionsBetween(snapshotWith([]), snapshotWith(ingress)).flatMap(({ opens }) =>
    opens.map(({ from, to, traffic }) => `${from} -> ${to} ${traffic}`),
  )
}

const web = (number: number, ...addresses: readonly string[]): Instance =>
  instance(`web-${String(number)}`, 'shop', ['web'], { addresses })
const FROM_WEB: Rule = { ...SSH, remote: { securityGroupRef: { name: 'web' } } }

describe('connections in words', () => {
  test('name what instances say in both families once', () => {
    expect(opened([FROM_WEB], web(1, '10.0.1.1', 'fd00::11'), web(2, '10.0.1.2', 'fd00::12'))).toEqual([
      'web-1, web-2 -> db-1 TCP 22',
    ])
  })

  test('name the family where instances could speak in the other one and may not', () => {
    const onlyIPv6: Rule = { ...FROM_WEB, etherType: 'IPv6' }
    expect(opened([onlyIPv6], web(1, '10.0.1.1', 'fd00::11'))).toEqual(['web-1 -> db-1 TCP 22 (IPv6)'])
    expect(opened([FROM_WEB], web(1, '10.0.1.1'))).toEqual(['web-1 -> db-1 TCP 22'])
    const ping: Rule = { ...FROM_WEB, name: 'ping', protocol: 'ICMP', ports: [] }
    expect(opened([ping], web(1, '10.0.1.1', 'fd00::11'))).toEqual(['web-1 -> db-1 ICMP'])
  })

  test('name the address where not all of an instance are meant', () => {
    const fromOne: Rule = { ...SSH, remote: { cidr: '10.0.1.9/32' } }
    expect(opened([fromOne], web(1, '10.0.1.1', '10.0.1.9'))).toEqual(['web-1 at 10.0.1.9 -> db-1 TCP 22'])
  })

  test('name the Internet once where it is open in both families, and networks by their prefixes', () => {
    expect(opened([SSH], web(1, '10.0.1.1'))).toEqual(['Internet, web-1 -> db-1 TCP 22'])
    expect(opened([{ ...SSH, remote: { cidr: '0.0.0.0/0' } }])).toEqual(['Internet (IPv4) -> db-1 TCP 22'])
    expect(opened([{ ...SSH, remote: { cidr: '0.0.0.0/1' } }])).toEqual([
      'others in 0.0.0.0/1 -> db-1 TCP 22',
    ])
    expect(opened([{ ...SSH, remote: { cidr: '192.0.2.0/24' } }])).toEqual(['192.0.2.0/24 -> db-1 TCP 22'])
  })

  test('say, read line by line, what the declared rules of both versions differ in', () => {
    const count = { compared: 0, spoken: 0 }
    fc.assert(
      fc.property(worldsArbitrary(2, { groups: 4, instances: 4 }), ([first, second]) => {
        if (first === undefined || second === undefined) return
        compare(objectsOf(first), objectsOf(second), count)
      }),
      { numRuns: 120, interruptAfterTimeLimit: 20_000 },
    )
    expect(count.compared).toBeGreaterThan(2000)
    expect(count.spoken).toBeGreaterThan(100)
  }, 60_000)
})

/** One version of everything, as the slow reference sees it. */
class Version {
  readonly model: Installation['model']
  readonly objects: readonly PalisadeObject[]
  readonly #evaluator: Evaluator

  constructor(declared: readonly PalisadeObject[]) {
    const { model, inDoubt } = new Installation(...declared)
    this.model = model
    this.objects = [...model.objects()]
    this.#evaluator = new Evaluator(this.objects, inDoubt)
  }

  instancesIn(name: string): readonly Instance[] {
    return this.objects.filter(
      (object): object is Instance => object.kind === 'Instance' && object.spec.vpcRef.name === name,
    )
  }

  owner(name: string, address: string): Instance | undefined {
    const wanted = canonicalAddress(address)
    return this.instancesIn(name).find(({ spec }) =>
      spec.addresses?.some((own) => canonicalAddress(own) === wanted),
    )
  }

  passes(name: string, packet: Packet): boolean {
    const [sender, receiver] = [this.owner(name, packet.from), this.owner(name, packet.to)]
    if (sender !== undefined && receiver !== undefined) {
      return this.#evaluator.connects(sender, receiver, packet)
    }
    if (sender !== undefined) return this.#evaluator.decide(sender, 'Egress', packet) === 'Allow'
    return receiver !== undefined && this.#evaluator.decide(receiver, 'Ingress', packet) === 'Allow'
  }
}

function compare(
  first: readonly PalisadeObject[],
  second: readonly PalisadeObject[],
  count: { compared: number; spoken: number },
): void {
  const [before, after] = [new Version(first), new Version(second)]
  const snapshots = [before, after].map(({ model }) => reachabilitySnapshot(model, new ReachabilityMemory()))
  const connections = connectionsBetween(...twoOf(snapshots))
  for (const object of after.objects) {
    if (object.kind !== 'VPC') continue
    const { name } = object.metadata
    const texts = connections.find(({ vpc: key }) => key === `VPC/default/${name}`)
    for (const packet of packetsIn(object, before, after)) {
      compareLines(name, packet, texts?.opens ?? [], [before, after], count)
      compareLines(name, packet, texts?.closes ?? [], [after, before], count)
    }
  }
}

function twoOf<T>([first, second]: readonly T[]): [T, T] {
  if (first === undefined || second === undefined) throw new Error('there are two')
  return [first, second]
}

function* packetsIn(
  object: Parameters<typeof boundariesOf>[0],
  before: Version,
  after: Version,
): Generator<Packet> {
  const { name } = object.metadata
  const boundaries = boundariesOf(object, [...before.objects, ...after.objects])
  for (const one of after.instancesIn(name)) {
    yield* packetsAt(one, 'Ingress', boundaries)
    yield* packetsAt(one, 'Egress', boundaries)
  }
}

/** ICMP is of IPv4 and ICMPv6 of IPv6: a line that names one of them means its own family. */
function isNobodys({ from, protocol }: Packet): boolean {
  const family = onlyFamily(protocol)
  return family !== undefined && family !== familyOf(from)
}

/** `now` passes and `then` did not: of ends that are there now, and one that was not there then was reached by nobody. */
function compareLines(
  name: string,
  packet: Packet,
  lines: ConnectionTexts['opens'],
  [then, now]: readonly [Version, Version],
  count: { compared: number; spoken: number },
): void {
  const [from, to] = [now.owner(name, packet.from), now.owner(name, packet.to)]
  const ends = [packet.from, packet.to]
  const isGone = ends.some((end) => then.owner(name, end) !== undefined && now.owner(name, end) === undefined)
  if (from === to || isGone || isNobodys(packet)) return
  const isNew = ends.some((end) => then.owner(name, end) === undefined && now.owner(name, end) !== undefined)
  const differs = now.passes(name, packet) && (isNew || !then.passes(name, packet))
  const speaks = lines.some((line) =>
    speaksOf(line, packet, (address) => now.owner(name, address)?.metadata.name),
  )
  count.compared += 1
  if (speaks) count.spoken += 1
  if (speaks !== differs) {
    expect({ name, packet, lines, speaks }).toEqual({ name, packet, lines, speaks: differs })
  }
}
