import { keyOf } from '../../api/objects.ts'
import type { EffectiveRule, ReachabilityCheck } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import { hasPorts, ICMP, ICMPV6 } from '../../net/protocol.ts'
import { TRAFFIC, type TrafficPoint } from '../../net/traffic.ts'
import type { Model } from '../model/model.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import { Reachability, type ReachabilityMemory } from '../reachability/reachability.ts'
import { isDecided } from '../reachability/relation.ts'
import { askedTraffic } from './asked.ts'
import { brokenPart } from './broken-part.ts'
import { resolveEnd, type Endpoint } from './ends.ts'
import { PartyIndex, type Part } from './parts.ts'
import { Past } from './past.ts'
import { vpcKeyOf } from '../references.ts'

/** What is left of a connection once its ends are known. */
export interface Packet {
  readonly protocol: number
  readonly port?: number
  readonly icmp?: { readonly type: number; readonly code: number }
}

/** A connection that breaks a promise; it stands for all that are decided alike. */
export interface Violation {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly traffic: Packet
  /** The rule that allows or denies it. */
  readonly rule: EffectiveRule | undefined
}

/** What was found of one check. */
export interface Assessment {
  readonly violation: Violation | undefined
  /** Names that stand for nothing. */
  readonly missing: readonly string[]
  /** The instances at its ends. */
  readonly instances: ReadonlySet<ObjectKey>
}

/** What a model has in force at one moment, for checks to be held against; to be made anew when the model changes. */
export class Evidence {
  readonly model: Model
  readonly #memory: ReachabilityMemory
  readonly #indexes = new Map<VpcIndex, PartyIndex>()

  constructor(model: Model, memory: ReachabilityMemory) {
    this.model = model
    this.#memory = memory
  }

  get book(): ReachabilityMemory['book'] {
    return this.#memory.book
  }

  vpcOf(check: ReachabilityCheck): VpcIndex | undefined {
    return this.model.vpc(vpcKeyOf(check))
  }

  indexOf(vpc: VpcIndex): PartyIndex {
    const known = this.#indexes.get(vpc) ?? new PartyIndex(Reachability.of(this.model, vpc, this.#memory))
    this.#indexes.set(vpc, known)
    return known
  }
}

/**
 * Whether a promise holds in what a model has in force: exactly, for every address, protocol and port.
 *
 * With `before`, only what was not broken already in that model counts: what a change would make worse.
 */
export function assess(check: ReachabilityCheck, now: Evidence, before?: Evidence): Assessment {
  const vpc = now.vpcOf(check)
  if (vpc === undefined) {
    return { violation: undefined, missing: [`VPC ${check.spec.vpcRef.name}`], instances: new Set() }
  }
  const from = resolveEnd(check.spec.from, check, vpc, now.model, now.book)
  const to = resolveEnd(check.spec.to, check, vpc, now.model, now.book)
  const index = now.indexOf(vpc)
  const old = before?.vpcOf(check)
  const past = before && old && new Past(check, before.indexOf(old))
  const keys = [...from.instances, ...to.instances].flatMap(({ instance }) => instance?.key ?? [])
  return {
    violation: violationIn(check, index, index.partsOf(from), index.partsOf(to), past),
    missing: [...from.missing, ...to.missing],
    instances: new Set(keys),
  }
}

function violationIn(
  check: ReachabilityCheck,
  { reachability }: PartyIndex,
  senders: readonly Part[],
  receivers: readonly Part[],
  past: Past | undefined,
): Violation | undefined {
  const asked = { IPv4: askedTraffic(check.spec, 'IPv4'), IPv6: askedTraffic(check.spec, 'IPv6') }
  for (const whole of senders) {
    for (const other of receivers) {
      if (!isDecided(whole.party, other.party)) continue
      const wanted = asked[whole.party.family]
      const broken = brokenPart(check, wanted, reachability.traffic(whole.party, other.party))
      if (TRAFFIC.isEmpty(broken)) continue
      for (const [sender, receiver, was] of past?.cut(whole, other, wanted) ?? [
        [whole, other, TRAFFIC.empty],
      ]) {
        const pair = distinctPair(sender, receiver)
        const worse = TRAFFIC.difference(broken, was)
        const point = TRAFFIC.first(worse)
        if (pair === undefined || point === undefined) continue
        const rule = decidingRule(reachability, sender, receiver, point)
        return { ...pair, traffic: packetOf(point), rule }
      }
    }
  }
  return undefined
}

/** Two ends that can speak: not one instance with itself. */
function distinctPair(sender: Part, receiver: Part): Pick<Violation, 'from' | 'to'> | undefined {
  for (const from of sender.samples) {
    for (const to of receiver.samples) {
      if (from.instance === undefined || from.instance !== to.instance) return { from, to }
    }
  }
  return undefined
}

/** The rule that denies, the sender's first, else the receiver's that allows, else the sender's. */
function decidingRule(
  { decisions }: Reachability,
  { party: from }: Part,
  { party: to }: Part,
  point: TrafficPoint,
): EffectiveRule | undefined {
  const decides = (
    rules: readonly EffectiveRule[] | undefined,
    other: Part['party'],
  ): EffectiveRule | undefined =>
    decisions.shares(rules ?? [], other).find(({ traffic }) => TRAFFIC.contains(traffic, point))?.rule
  const out = decides(from.ruleSet?.egress, to)
  if (out?.action === 'Drop') return out
  return decides(to.ruleSet?.ingress, from) ?? out
}

function packetOf([protocol, [first, second]]: TrafficPoint): Packet {
  if (protocol === ICMP || protocol === ICMPV6) return { protocol, icmp: { type: first, code: second } }
  return hasPorts(protocol) ? { protocol, port: first } : { protocol }
}

/** The checks in force, in the order of their keys. */
export function checksOf(model: Model): readonly ReachabilityCheck[] {
  return [...model.checks()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
