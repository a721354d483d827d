import { keyOf, namespaceOf } from '../../api/objects.ts'
import type { EffectiveRule, ReachabilityCheck } from '../../api/types.gen.ts'
import { objectKey } from '../../core/key.ts'
import { formatAddress, type Address } from '../../net/address.ts'
import type { Model } from '../model/model.ts'
import { Decider, type Endpoint, type Traffic } from './decide.ts'
import { FAMILIES, resolveEnd, type ResolvedEnd } from './ends.ts'
import { trafficCells } from './traffic.ts'

/** A connection that breaks a promise; it stands for all that are decided alike. */
export interface Violation {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly traffic: Traffic
  /** The rule that allows or denies it. */
  readonly rule: EffectiveRule | undefined
}

/** What was found of one check. */
export interface Assessment {
  readonly violation: Violation | undefined
  /** Names that stand for nothing. */
  readonly missing: readonly string[]
}

/**
 * Whether a promise holds in what a model has in force: exactly, for every address, protocol and port. Ends that
 * no rule tells apart are looked at once, and so are ports between the same two bounds.
 *
 * With `before`, only what was not broken already in that model counts: what a change would make worse.
 */
export function assess(check: ReachabilityCheck, model: Model, before?: Model): Assessment {
  const after = deciderOf(check, model)
  if (after === undefined) return { violation: undefined, missing: [`VPC ${check.spec.vpcRef.name}`] }
  const from = resolveEnd(check.spec.from, check, after.vpc, model)
  const to = resolveEnd(check.spec.to, check, after.vpc, model)
  const missing = [...from.missing, ...to.missing]
  const past = before === undefined ? undefined : new Past(check, before)
  for (const violation of violations(check, after, from, to, past)) {
    if (past?.wasBroken(violation) !== true) return { violation, missing }
  }
  return { violation: undefined, missing }
}

function deciderOf(check: ReachabilityCheck, model: Model): Decider | undefined {
  const vpc = model.vpc(objectKey('VPC', namespaceOf(check), check.spec.vpcRef.name))
  return vpc && new Decider(model, vpc)
}

function* violations(
  { spec }: ReachabilityCheck,
  decider: Decider,
  from: ResolvedEnd,
  to: ResolvedEnd,
  past: Past | undefined,
): Generator<Violation> {
  const senders = new Kinds(decider, from, to, 'ingress', past)
  const receivers = new Kinds(decider, to, from, 'egress', past)
  for (const sender of senders.all) {
    for (const receiver of receivers.all) {
      const pair = distinctPair(sender, receiver)
      if (pair === undefined) continue
      const rules = [...decider.rules(pair.from, 'egress'), ...decider.rules(pair.to, 'ingress')]
      const bounds = past === undefined ? rules : [...rules, ...past.rules(pair.from, pair.to)]
      for (const traffic of trafficCells(spec, bounds)) {
        if (!fits(traffic, pair.from.address)) continue
        const { allowed, rule } = decider.decide(pair.from, pair.to, traffic)
        if (allowed === (spec.expect === 'Denied')) yield { ...pair, traffic, rule }
      }
    }
  }
}

/** ICMP is of IPv4 and ICMPv6 of IPv6: the other way round there is no such packet. */
function fits({ protocol }: Traffic, { family }: Address): boolean {
  if (protocol === 1) return family === 'IPv4'
  return protocol !== 58 || family === 'IPv6'
}

/** Two ends that can speak: of one family, and not one instance with itself. */
function distinctPair(
  senders: readonly Endpoint[],
  receivers: readonly Endpoint[],
): Pick<Violation, 'from' | 'to'> | undefined {
  for (const from of senders) {
    for (const to of receivers) {
      if (from.address.family !== to.address.family) return undefined
      const isSame = from.instance !== undefined && from.instance === to.instance
      if (!isSame && (from.instance ?? to.instance) !== undefined) return { from, to }
    }
  }
  return undefined
}

/** The endpoints of one end, those together that no rule of the other end tells apart; two of each are kept. */
class Kinds {
  readonly #kinds = new Map<string, Endpoint[]>()

  constructor(
    decider: Decider,
    end: ResolvedEnd,
    other: ResolvedEnd,
    side: 'ingress' | 'egress',
    past: Past | undefined,
  ) {
    const rules = new Set(other.instances.flatMap((peer) => decider.rules(peer, side)))
    const marks = [...rules].flatMap((rule) => decider.addresses(rule) ?? [])
    const pastMarks = past?.marks(other, side) ?? []
    const every = [...marks, ...pastMarks]
    const add = (endpoint: Endpoint): void => {
      const { family, value } = endpoint.address
      const bits = every.map((mark) => (mark[family].contains(value) ? '1' : '0')).join('')
      const identity = [
        family,
        endpoint.instance?.signature.class?.identity,
        past?.identity(endpoint),
        bits,
      ].join('|')
      const known = this.#kinds.get(identity)
      if (known === undefined) this.#kinds.set(identity, [endpoint])
      else if (known.length < 2 && known[0]?.instance !== endpoint.instance) known.push(endpoint)
    }
    for (const endpoint of end.instances) add(endpoint)
    for (const family of FAMILIES) {
      for (const value of firstsOf(end, family, every)) {
        add({ address: { family, value }, instance: undefined })
      }
      for (const value of past?.addressesIn(end, family) ?? []) {
        add({ address: { family, value }, instance: undefined })
      }
    }
  }

  get all(): Iterable<readonly Endpoint[]> {
    return this.#kinds.values()
  }
}

type Sets = NonNullable<ResolvedEnd['outside']>

/** One address of each part into which the bounds of the marks cut the outside of an end. */
function firstsOf(
  { outside }: ResolvedEnd,
  family: Address['family'],
  marks: readonly Sets[],
): ReadonlySet<bigint> {
  if (outside === undefined) return new Set()
  const bounds = marks.flatMap((mark) =>
    mark[family].intervals.flatMap(({ first, last }) => [first, last + 1n]),
  )
  const set = outside[family]
  return new Set([
    ...set.intervals.map(({ first }) => first),
    ...bounds.filter((bound) => set.contains(bound)),
  ])
}

/** What was in force before a change, for telling what is new. */
class Past {
  readonly #check: ReachabilityCheck
  readonly #decider: Decider | undefined
  readonly #byAddress = new Map<string, Endpoint>()

  constructor(check: ReachabilityCheck, model: Model) {
    this.#check = check
    this.#decider = deciderOf(check, model)
    if (this.#decider === undefined) return
    const everything = { cidrs: ['0.0.0.0/0', '::/0'] }
    for (const endpoint of resolveEnd(everything, check, this.#decider.vpc, model).instances) {
      this.#byAddress.set(formatAddress(endpoint.address), endpoint)
    }
  }

  wasBroken({ from, to, traffic }: Violation): boolean {
    const [sender, receiver] = [this.#at(from), this.#at(to)]
    // Of a machine that was not there nothing could be broken.
    if (sender === undefined || receiver === undefined || this.#decider === undefined) return false
    return this.#decider.decide(sender, receiver, traffic).allowed === (this.#check.spec.expect === 'Denied')
  }

  rules(from: Endpoint, to: Endpoint): readonly EffectiveRule[] {
    const [sender, receiver] = [this.#at(from), this.#at(to)]
    return [
      ...(sender === undefined ? [] : (this.#decider?.rules(sender, 'egress') ?? [])),
      ...(receiver === undefined ? [] : (this.#decider?.rules(receiver, 'ingress') ?? [])),
    ]
  }

  marks(other: ResolvedEnd, side: 'ingress' | 'egress'): readonly Sets[] {
    const decider = this.#decider
    if (decider === undefined) return []
    const peers = other.instances.flatMap((peer) => this.#at(peer) ?? [])
    const rules = new Set(peers.flatMap((peer) => decider.rules(peer, side)))
    return [...rules].flatMap((rule) => decider.addresses(rule) ?? [])
  }

  identity(endpoint: Endpoint): string {
    const known = this.#at(endpoint)
    return known === undefined ? 'new' : (known.instance?.signature.class?.identity ?? 'outside')
  }

  /** Addresses that are outside now and were an instance's. */
  *addressesIn({ outside }: ResolvedEnd, family: Address['family']): Generator<bigint> {
    for (const { address } of this.#byAddress.values()) {
      if (address.family === family && outside?.[family].contains(address.value) === true) yield address.value
    }
  }

  /** Who had the address; undefined for an instance that was not there with it. */
  #at(endpoint: Endpoint): Endpoint | undefined {
    const known = this.#byAddress.get(formatAddress(endpoint.address))
    if (endpoint.instance === undefined) return known ?? endpoint
    return known?.instance?.key === endpoint.instance.key ? known : undefined
  }
}

/** A check as an object in force. */
export function checksOf(model: Model): readonly ReachabilityCheck[] {
  const found: ReachabilityCheck[] = []
  for (const object of model.objects()) if (object.kind === 'ReachabilityCheck') found.push(object)
  return found.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
