import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { API_VERSION, type PalisadeObject } from '../../../src/api/objects.ts'
import type { CheckEnd, Instance, ReachabilityCheck, VPC } from '../../../src/api/types.gen.ts'
import { formatAddress, parseAddress } from '../../../src/net/address.ts'
import { assess, Evidence } from '../../../src/policy/assurance/evaluate.ts'
import { ReachabilityMemory } from '../../../src/policy/reachability/reachability.ts'
import { objectsOf, worldArbitrary } from '../../reference/arbitraries/world.ts'
import { boundariesOf } from '../../reference/boundary-packets.ts'
import { Evaluator } from '../../reference/evaluator.ts'
import { familyOf, isAmongPorts, isInPrefix, protocolNumber, type Packet } from '../../reference/packet.ts'
import { addressGroup, group } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const endArbitrary = fc.constantFrom<CheckEnd>(
  { instanceSelector: {} },
  { instanceSelector: {} },
  { internet: true },
  { internet: true, except: ['0.0.0.0/1', '::/1'] },
  { cidrs: ['10.0.0.0/8', 'fd00::/8'] },
  { cidrs: ['203.0.113.0/24', '2001:db8::/32'], except: ['203.0.113.128/25'] },
)

const checkArbitrary = fc
  .record({
    from: endArbitrary,
    to: endArbitrary,
    traffic: fc.constantFrom(
      {},
      { protocol: 'TCP' },
      { protocol: 'TCP', ports: ['22-80', 443] },
      { protocol: 'UDP', ports: [53] },
      { protocol: 'ICMP' },
      { protocol: 'ICMPv6' },
      { protocol: 'GRE' },
    ),
    expect: fc.constantFrom('Allowed' as const, 'Denied' as const),
  })
  .filter(({ from, to }) => from.instanceSelector !== undefined || to.instanceSelector !== undefined)

/** Whether any packet at a bound breaks the check, by the declared rules read one by one. */
class Brute {
  readonly #vpc: VPC
  readonly #instances: readonly Instance[]
  readonly #evaluator: Evaluator
  readonly #objects: readonly PalisadeObject[]
  asked = 0

  constructor({ model, inDoubt }: Installation, vpc: VPC) {
    const objects = [...model.objects()]
    this.#vpc = vpc
    this.#evaluator = new Evaluator(objects, inDoubt)
    this.#objects = objects
    this.#instances = objects.filter(
      (object): object is Instance =>
        object.kind === 'Instance' && object.spec.vpcRef.name === vpc.metadata.name,
    )
  }

  isBroken({ spec }: ReachabilityCheck): boolean {
    const ends = [spec.from, spec.to].flatMap(({ cidrs = [], except = [] }) => [...cidrs, ...except])
    // Between two instances there may be an address that nobody has, and that a rule names in its midst.
    const own = this.#instances.flatMap(({ spec: { addresses = [] } }) => addresses)
    const cuts = addressGroup('cuts', [...ends, ...own, ...(this.#vpc.spec.cidrs ?? [])])
    const { protocol = 'All', ports } = spec
    const asked = group('cuts', this.#vpc.metadata.name, { ingress: [{ protocol, ...(ports && { ports }) }] })
    const bounds = boundariesOf(this.#vpc, [...this.#objects, cuts, asked])
    const { addresses } = bounds
    const receivers = addresses.filter((address) => this.#isMeant(spec.to, address))
    const payloads = bounds.payloads.map(withoutZero).filter((payload) => isAsked(spec, payload))
    for (const from of addresses.filter((address) => this.#isMeant(spec.from, address))) {
      for (const to of receivers.filter((address) => familyOf(address) === familyOf(from))) {
        for (const payload of payloads) {
          if (this.#isAllowed({ from, to, ...payload }) === (spec.expect === 'Denied')) return true
        }
      }
    }
    return false
  }

  #at(address: string): Instance | undefined {
    return this.#instances.find(
      ({ spec }) => spec.addresses?.some((own) => canonical(own) === canonical(address)) === true,
    )
  }

  #isMeant(end: CheckEnd, address: string): boolean {
    if (end.instanceSelector !== undefined) return this.#at(address) !== undefined
    const isIn = (cidrs: readonly string[] = []): boolean => cidrs.some((cidr) => isInPrefix(address, cidr))
    if (isIn(end.except)) return false
    if (end.internet === true) return this.#at(address) === undefined && !isIn(this.#vpc.spec.cidrs)
    return isIn(end.cidrs)
  }

  /** Undefined where there is no such connection. */
  #isAllowed(packet: Packet): boolean | undefined {
    const [sender, receiver] = [this.#at(packet.from), this.#at(packet.to)]
    if (sender === receiver) return undefined
    if (packet.protocol === 1 && familyOf(packet.from) === 'IPv6') return undefined
    if (packet.protocol === 58 && familyOf(packet.from) === 'IPv4') return undefined
    this.asked += 1
    const out = sender === undefined ? 'Allow' : this.#evaluator.decide(sender, 'Egress', packet)
    if (out === 'Drop') return false
    return receiver === undefined || this.#evaluator.decide(receiver, 'Ingress', packet) === 'Allow'
  }
}

/** `fd00::0` and `fd00::` are one address. */
function canonical(text: string): string {
  const address = parseAddress(text)
  return address === undefined ? text : formatAddress(address)
}

type Payload = Omit<Packet, 'from' | 'to'>

/** Port 0 is reserved, and no check can ask for it. */
const withoutZero = ({ port, sourcePort, ...rest }: Payload): Payload => ({
  ...rest,
  ...(port !== undefined && { port: Math.max(port, 1) }),
  ...(sourcePort !== undefined && { sourcePort: Math.max(sourcePort, 1) }),
})

function isAsked({ protocol = 'All', ports }: ReachabilityCheck['spec'], payload: Payload): boolean {
  const asked = protocolNumber(protocol)
  if (asked !== undefined && payload.protocol !== asked) return false
  return isAmongPorts(payload.port, ports)
}

describe('a check', () => {
  test('is found broken exactly where a packet at some bound breaks it by the declared rules', () => {
    const seen = { asked: 0, broken: 0, kept: 0 }
    fc.assert(
      fc.property(
        worldArbitrary(),
        fc.array(checkArbitrary, { minLength: 1, maxLength: 4 }),
        (world, checks) => {
          const place = new Installation(...objectsOf(world))
          const evidence = new Evidence(place.model, new ReachabilityMemory())
          for (const { object: vpc } of place.model.vpcs()) {
            const brute = new Brute(place, vpc)
            for (const { from, to, traffic, expect: promised } of checks) {
              const check: ReachabilityCheck = {
                apiVersion: API_VERSION,
                kind: 'ReachabilityCheck',
                metadata: {
                  name: 'c',
                  ...(vpc.metadata.namespace !== undefined && { namespace: vpc.metadata.namespace }),
                },
                spec: { vpcRef: { name: vpc.metadata.name }, from, to, ...traffic, expect: promised },
              }
              const isBroken = brute.isBroken(check)
              expect(assess(check, evidence).violation !== undefined).toBe(isBroken)
              seen[isBroken ? 'broken' : 'kept'] += 1
            }
            seen.asked += brute.asked
          }
        },
      ),
      { numRuns: 200, interruptAfterTimeLimit: 15_000 },
    )
    expect(seen.asked).toBeGreaterThan(1000)
    expect(Math.min(seen.broken, seen.kept)).toBeGreaterThan(5)
  })
})
