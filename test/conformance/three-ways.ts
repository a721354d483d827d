import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { ObjectKey } from '../../src/core/key.ts'
import { portName, derivedMac } from '../../src/lab/names.ts'
import type { Field, Shot } from '../lab/field.ts'
import type { Model } from '../../src/policy/model/model.ts'
import type { VpcIndex } from '../../src/policy/model/vpc-index.ts'
import { Installation } from '../policy/installation.ts'
import { boundariesOf, packetsAt } from '../reference/boundary-packets.ts'
import { Evaluator } from '../reference/evaluator.ts'
import { isInPrefix, type Packet, type Verdict } from '../reference/packet.ts'
import { NftTable } from './nft-table.ts'
import { Proof, type Statements } from './proof.ts'
import { MACHINE_OF } from './small-world.ts'

/** A packet between two ends on which the three do not agree. */
export interface Difference {
  readonly packet: Packet
  readonly declared: Verdict
  readonly compiled: Verdict
  /** Undefined: it was not sent. */
  readonly measured?: string
  /** What those say who do not say the same; undefined: it was not sent, or all of them do. */
  readonly stated?: Statements
}

/** How many packets were decided in two ways, and how many of them were sent as well. */
export interface Count {
  compared: number
  sent: number
  passed: number
}

/** Packets of one world that are decided in two ways. */
const MOST_COMPARED = 800

/** Packets of one world that are sent; of all that differ at some boundary, evenly chosen. */
const MOST_SENT = 48

/** Each echo request is a process. */
const MOST_ECHOES = 2

/** Where a packet comes late, it is sent again with more time before it counts as lost. */
const FIRST_WAIT_MS = 60
const SECOND_WAIT_MS = 4000

/** Puts a world into force, and compares what the declared rules, the kernel's listing, packets and proofs say. */
export async function tryWorld(
  field: Field,
  objects: readonly PalisadeObject[],
  count: Count,
): Promise<Difference | undefined> {
  const { model, inDoubt } = new Installation(...objects)
  await field.enforce(model)
  const inForce = [...model.objects()]
  // Before the first instance comes, there is no table.
  if (!inForce.some(({ kind }) => kind === 'Instance')) return undefined
  // A packet of a connection that an earlier world allowed is no first packet.
  const listing = await field.sh('router', 'conntrack -F 2>/dev/null; nft -n -j list table inet palisade')
  const table = new NftTable(listing)
  const evaluator = new Evaluator(inForce, inDoubt)
  const sendable: (Candidate & { readonly shot: Shot })[] = []
  for (const candidate of candidates(inForce, evaluator)) {
    const compiled: Verdict = table.forwards(routed(candidate)) ? 'Allow' : 'Drop'
    count.compared += 1
    if (compiled !== candidate.declared) {
      return { packet: candidate.packet, declared: candidate.declared, compiled }
    }
    const shot = shotOf(candidate)
    if (shot !== undefined) sendable.push({ ...candidate, shot })
  }
  const targets = withoutReplies(chosen(sendable))
  return (await shoot(field, targets, count)) ?? misstated(model, targets)
}

/** Of what was sent: the first packet of which the proofs say something else than the declared rules. */
function misstated(model: Model, targets: readonly Candidate[]): Difference | undefined {
  const proofs = new Map<VpcIndex, Proof>()
  for (const { packet, declared, from, to } of targets) {
    const vpc = model.instance(from ?? to ?? '')?.vpc
    if (vpc === undefined) throw new Error(`${packet.from} and ${packet.to} are in no VPC`)
    const proof = proofs.get(vpc) ?? new Proof(model, vpc)
    proofs.set(vpc, proof)
    const stated = proof.statements(packet, declared)
    if (Object.values(stated).some((verdict) => verdict !== declared)) {
      return { packet, declared, compiled: declared, stated }
    }
  }
  return undefined
}

async function shoot(
  field: Field,
  targets: readonly (Candidate & { readonly shot: Shot })[],
  count: Count,
): Promise<Difference | undefined> {
  const outcomes = await sendAll(field, targets, FIRST_WAIT_MS)
  const late = targets.filter(({ declared }, index) => declared === 'Allow' && outcomes[index] !== 'Answered')
  const second = await sendAll(field, late, SECOND_WAIT_MS)
  count.sent += targets.length
  for (const [index, target] of targets.entries()) {
    const again = late.indexOf(target)
    const measured = (again === -1 ? outcomes[index] : second[again]) ?? 'Silent'
    if (measured === 'Answered') count.passed += 1
    const { packet, declared } = target
    if (measured !== (declared === 'Allow' ? 'Answered' : 'Silent')) {
      return { packet, declared, compiled: declared, measured }
    }
  }
  return undefined
}

function sendAll(
  field: Field,
  targets: readonly { readonly shot: Shot }[],
  waitMs: number,
): Promise<readonly string[]> {
  return field.send(
    targets.map(({ shot }) => shot),
    waitMs,
  )
}

interface Candidate {
  readonly packet: Packet
  readonly declared: Verdict
  readonly from: ObjectKey | undefined
  readonly to: ObjectKey | undefined
}

/**
 * Boundary packets with at least one end that is an instance in force, under an address that it is declared
 * with; of many, some at even distances.
 */
function candidates(objects: readonly PalisadeObject[], evaluator: Evaluator): readonly Candidate[] {
  const instances = objects.filter((object) => object.kind === 'Instance')
  const owners = new Map(
    instances.flatMap((instance) =>
      (instance.spec.addresses ?? []).map((address) => [address, instance] as const),
    ),
  )
  const packets = new Map<string, Packet>()
  for (const vpc of objects.filter((object) => object.kind === 'VPC')) {
    const { addresses, payloads } = boundariesOf(vpc, objects)
    const boundaries = { addresses, payloads: [...EVERYDAY, ...payloads] }
    for (const instance of instances.filter(({ spec }) => spec.vpcRef.name === vpc.metadata.name)) {
      for (const direction of ['Ingress', 'Egress'] as const) {
        for (const packet of packetsAt(instance, direction, boundaries)) {
          if (owners.get(packet.from) === owners.get(packet.to) || !isBetweenEnds(packet, owners)) continue
          packets.set(JSON.stringify(packet), packet)
        }
      }
    }
  }
  return evenly([...packets.values()], MOST_COMPARED).map((packet) => {
    const sender = owners.get(packet.from)
    const receiver = owners.get(packet.to)
    const mayLeave = sender === undefined || evaluator.decide(sender, 'Egress', packet) === 'Allow'
    const mayEnter = receiver === undefined || evaluator.decide(receiver, 'Ingress', packet) === 'Allow'
    return {
      packet,
      declared: mayLeave && mayEnter ? 'Allow' : 'Drop',
      from: sender && keyOf(sender),
      to: receiver && keyOf(receiver),
    }
  })
}

/** Packets that can be sent, whatever the rules of a world speak of. */
const EVERYDAY = [
  { protocol: 6, port: 47_011, sourcePort: 45_011 },
  { protocol: 17, port: 47_012, sourcePort: 45_012 },
  { protocol: 1, icmp: { type: 8, code: 0 } },
  { protocol: 58, icmp: { type: 128, code: 0 } },
]

/** Not from or to a machine under an address that it is not declared with: that is spoofing, which rules do not speak of. */
function isBetweenEnds({ from, to }: Packet, owners: ReadonlyMap<string, unknown>): boolean {
  return [from, to].every(
    (address) => isRoutable(address) && (owners.has(address) || !MACHINE_OF.has(address)),
  )
}

const UNROUTED = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/96',
  'fe80::/10',
  'ff00::/8',
]

const isRoutable = (address: string): boolean => !UNROUTED.some((prefix) => isInPrefix(address, prefix))

function routed({ packet, from, to }: Candidate): Parameters<NftTable['forwards']>[0] {
  const { sourcePort, port, icmp } = packet
  return {
    in: from === undefined ? 'uplink' : portName(from),
    out: to === undefined ? 'uplink' : portName(to),
    mac: from === undefined ? '02:ff:ff:ff:ff:ff' : derivedMac(from),
    from: packet.from,
    to: packet.to,
    protocol: packet.protocol,
    ...(sourcePort !== undefined && { sourcePort }),
    ...(port !== undefined && { port }),
    ...(icmp !== undefined && { icmp }),
  }
}

/** Undefined for what cannot be sent without raw sockets, or is never answered. */
function shotOf({ packet, from }: Candidate): Shot | undefined {
  const { protocol, port, sourcePort, icmp } = packet
  const ends = { by: from ?? 'internet', from: packet.from, to: packet.to }
  if (protocol === 6 || protocol === 17) {
    if (port === undefined || sourcePort === undefined || port === 0 || sourcePort === 0) return undefined
    return { ...ends, protocol: protocol === 6 ? 'TCP' : 'UDP', port, sourcePort }
  }
  if (protocol === 1 && icmp?.type === 8 && icmp.code === 0 && !packet.from.includes(':')) {
    return { ...ends, protocol: 'ICMP' }
  }
  if (protocol === 58 && icmp?.type === 128 && icmp.code === 0 && packet.from.includes(':')) {
    return { ...ends, protocol: 'ICMPv6' }
  }
  return undefined
}

/** Without packets that would belong to the connection of another one, as its replies. */
function withoutReplies<T extends { readonly shot: Shot }>(all: readonly T[]): readonly T[] {
  const tuples = new Set<string>()
  return all.filter(({ shot: { protocol, from, to, port = 0, sourcePort = 0 } }) => {
    tuples.add([protocol, from, sourcePort, to, port].join(' '))
    return !tuples.has([protocol, to, port, from, sourcePort].join(' '))
  })
}

/** Those that are allowed and those that are not alike, and few echo requests. */
function chosen<T extends { readonly declared: Verdict; readonly shot: Shot }>(
  all: readonly T[],
): readonly T[] {
  const isEcho = ({ shot }: T): boolean => shot.port === undefined
  const withPorts = all.filter((one) => !isEcho(one))
  return [
    ...evenly(
      withPorts.filter(({ declared }) => declared === 'Allow'),
      MOST_SENT / 2,
    ),
    ...evenly(
      withPorts.filter(({ declared }) => declared === 'Drop'),
      MOST_SENT / 2,
    ),
    ...evenly(all.filter(isEcho), MOST_ECHOES),
  ]
}

/** So many of a list, at even distances. */
function evenly<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list
  return Array.from({ length: most }, (_, index) => list[Math.floor((index * list.length) / most)]).filter(
    (item) => item !== undefined,
  )
}
