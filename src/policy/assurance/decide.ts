import type { EffectiveRule } from '../../api/types.gen.ts'
import { objectKey, parseKey } from '../../core/key.ts'
import type { Address } from '../../net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../../net/interval-set.ts'
import { parsePorts } from '../../net/ports.ts'
import { lastAddress, parsePrefix, type Prefix } from '../../net/prefix.ts'
import { parseProtocol } from '../../net/protocol.ts'
import type { Model } from '../model/model.ts'
import type { InstanceNode } from '../model/nodes.ts'
import type { VpcIndex } from '../model/vpc-index.ts'

/** One end of a connection: an address, and the instance of the VPC that has it, if one does. */
export interface Endpoint {
  readonly address: Address
  readonly instance: InstanceNode | undefined
}

/** What is left of a connection once its ends are known. */
export interface Traffic {
  readonly protocol: number
  readonly port?: number
  readonly sourcePort?: number
  readonly icmp?: { readonly type: number; readonly code: number }
}

/** How one end decides; an end that is no instance has no say. */
export interface Decision {
  readonly allowed: boolean
  /** The rule of the end that denies it, the sender's first, else of the receiver, else of the sender. */
  readonly rule: EffectiveRule | undefined
}

/** Matches the rules of one VPC against connections (design, section 3), with prefixes and lists read once. */
export class Decider {
  readonly #model: Model
  readonly vpc: VpcIndex
  readonly #sets = new Map<string, Readonly<Record<Address['family'], IntervalSet<bigint>>>>()

  constructor(model: Model, vpc: VpcIndex) {
    this.#model = model
    this.vpc = vpc
  }

  decide(from: Endpoint, to: Endpoint, traffic: Traffic): Decision {
    const out = this.#deciding(from, to, traffic, 'egress')
    if (out?.action === 'Drop') return { allowed: false, rule: out }
    const into = this.#deciding(to, from, traffic, 'ingress')
    if (into?.action === 'Drop') return { allowed: false, rule: into }
    return { allowed: true, rule: into ?? out }
  }

  /** The rules of an end for one way; none where it is no instance. */
  rules({ instance }: Endpoint, side: 'ingress' | 'egress'): readonly EffectiveRule[] {
    return instance === undefined ? [] : this.vpc.ruleSet(instance)[side]
  }

  /** The addresses of a remote that is a prefix or a list; undefined where it is a group, or everything. */
  addresses({ remote }: EffectiveRule): Readonly<Record<Address['family'], IntervalSet<bigint>>> | undefined {
    const name =
      remote.cidr ?? (remote.addressGroup === undefined ? undefined : `list ${remote.addressGroup}`)
    if (name === undefined) return undefined
    let set = this.#sets.get(name)
    if (set === undefined) {
      const key = objectKey('AddressGroup', parseKey(this.vpc.key).namespace, remote.addressGroup ?? '')
      set = addressSets(remote.cidr === undefined ? (this.#model.prefixes(key) ?? []) : [remote.cidr])
      this.#sets.set(name, set)
    }
    return set
  }

  #deciding(
    end: Endpoint,
    peer: Endpoint,
    traffic: Traffic,
    side: 'ingress' | 'egress',
  ): EffectiveRule | undefined {
    return this.rules(end, side).find((rule) => this.#matches(rule, peer, traffic))
  }

  #matches(rule: EffectiveRule, peer: Endpoint, traffic: Traffic): boolean {
    if (rule.etherType !== undefined && rule.etherType !== peer.address.family) return false
    return isTraffic(rule, traffic) && this.#isRemote(rule, peer)
  }

  #isRemote(rule: EffectiveRule, { address, instance }: Endpoint): boolean {
    const { securityGroup } = rule.remote
    if (securityGroup === undefined) {
      return this.addresses(rule)?.[address.family].contains(address.value) ?? true
    }
    return (instance?.signature.groups ?? []).some(({ key }) => parseKey(key).name === securityGroup)
  }
}

function isTraffic({ protocol, ports, sourcePorts, icmp }: EffectiveRule, traffic: Traffic): boolean {
  if (protocol !== 'All' && parseProtocol(protocol) !== traffic.protocol) return false
  if (icmp !== undefined && icmp.type !== traffic.icmp?.type) return false
  if (icmp?.code !== undefined && icmp.code !== traffic.icmp?.code) return false
  return hasPort(ports, traffic.port) && hasPort(sourcePorts, traffic.sourcePort)
}

function hasPort(ports: EffectiveRule['ports'], port: number | undefined): boolean {
  if (ports === undefined) return true
  const parsed = parsePorts(ports)
  return (
    parsed.ok && port !== undefined && parsed.ranges.some(({ first, last }) => first <= port && port <= last)
  )
}

/** Prefixes as sets of addresses, one for each family. */
export function addressSets(
  texts: readonly string[],
): Readonly<Record<Address['family'], IntervalSet<bigint>>> {
  const prefixes = texts.map(readPrefix)
  const of = (family: Address['family']): IntervalSet<bigint> =>
    IntervalSet.of(
      BIG_INTEGERS,
      prefixes
        .filter((prefix) => prefix.family === family)
        .map((prefix) => ({ first: prefix.first, last: lastAddress(prefix) })),
    )
  return { IPv4: of('IPv4'), IPv6: of('IPv6') }
}

function readPrefix(text: string): Prefix {
  const result = parsePrefix(text)
  if (!result.ok) throw new Error(`${text} is not a prefix`)
  return result.prefix
}
