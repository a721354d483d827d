import { API_VERSION } from '../../src/api/objects.ts'
import type { ReachabilityCheck, ReachabilityCheckSpec } from '../../src/api/types.gen.ts'
import type { Address } from '../../src/net/address.ts'
import { TRAFFIC, trafficOf, type Traffic } from '../../src/net/traffic.ts'
import { assess, Evidence } from '../../src/policy/assurance/evaluate.ts'
import type { Model } from '../../src/policy/model/model.ts'
import type { VpcIndex } from '../../src/policy/model/vpc-index.ts'
import { differenceOf, type Difference } from '../../src/policy/reachability/difference.ts'
import { explain } from '../../src/policy/reachability/explanation.ts'
import { matrixOf, type Matrix } from '../../src/policy/reachability/matrix.ts'
import { Reachability, ReachabilityMemory } from '../../src/policy/reachability/reachability.ts'
import { addressOf, endOf, pointOf } from '../reference/model-terms.ts'
import type { Packet, Verdict } from '../reference/packet.ts'

/** What each way of asking says of one packet. */
export type Statements = Readonly<Record<'matrix' | 'explain' | 'plan' | 'check', Verdict>>

/** What `matrix`, `explain`, `plan` and checks say of packets in one VPC. */
export class Proof {
  readonly #vpc: VpcIndex
  readonly #reachability: Reachability
  readonly #matrix: Matrix
  /** Of everything that is in force, against nothing. */
  readonly #plan: Difference
  readonly #evidence: Evidence

  constructor(model: Model, vpc: VpcIndex) {
    this.#vpc = vpc
    this.#reachability = Reachability.of(model, vpc)
    this.#matrix = matrixOf(this.#reachability)
    this.#plan = differenceOf(Reachability.nothing(), this.#reachability)
    this.#evidence = new Evidence(model, new ReachabilityMemory())
  }

  /** `declared` is what is true: of a check, the one that would tell otherwise is asked. */
  statements(packet: Packet, declared: Verdict): Statements {
    const point = pointOf(packet)
    const from = addressOf(packet.from)
    const to = addressOf(packet.to)
    const says = (traffic: Traffic): Verdict => (TRAFFIC.contains(traffic, point) ? 'Allow' : 'Drop')
    return {
      matrix: says(this.#cell(from, to)),
      explain: says(this.#explained(packet, from, to)),
      plan: says(this.#opened(from, to)),
      check: this.#checked(packet, declared),
    }
  }

  #cell(from: Address, to: Address): Traffic {
    const has = (address: Address) => (end: Matrix['ends'][number]) =>
      end.addresses.get(address.family)?.contains(address.value) === true
    const [source, target] = [this.#matrix.ends.find(has(from)), this.#matrix.ends.find(has(to))]
    const cell = this.#matrix.cells.find((one) => one.from === source && one.to === target)
    return cell?.traffic.get(from.family) ?? TRAFFIC.empty
  }

  #explained(packet: Packet, from: Address, to: Address): Traffic {
    const cases = explain(this.#vpc, this.#reachability, {
      from: [endOf(from)],
      to: [endOf(to)],
      traffic: trafficOf(exactly(packet)),
      asked: { protocol: packet.protocol },
    })
    return cases.reduce((sum, { allowed }) => TRAFFIC.union(sum, allowed), TRAFFIC.empty)
  }

  #opened(from: Address, to: Address): Traffic {
    const change = this.#plan.changes.find(
      (one) =>
        one.from.after.family === from.family &&
        one.from.addresses.contains(from.value) &&
        one.to.addresses.contains(to.value),
    )
    return change?.opened ?? TRAFFIC.empty
  }

  /**
   * A check speaks of every source port, and of every type of ICMP, so one packet can break it and not prove it:
   * that none passes is broken by one that does, and that all pass by one that does not.
   */
  #checked({ from, to, protocol, port }: Packet, declared: Verdict): Verdict {
    const spec: ReachabilityCheckSpec = {
      vpcRef: { name: this.#vpc.object.metadata.name },
      from: { cidrs: [from] },
      to: { cidrs: [to] },
      protocol,
      ...(port !== undefined && { ports: [port] }),
      expect: declared === 'Allow' ? 'Denied' : 'Allowed',
    }
    const check: ReachabilityCheck = {
      apiVersion: API_VERSION,
      kind: 'ReachabilityCheck',
      metadata: { name: 'asked' },
      spec,
    }
    const isBroken = assess(check, this.#evidence).violation !== undefined
    return isBroken === (declared === 'Allow') ? 'Allow' : 'Drop'
  }
}

function exactly({ protocol, port, sourcePort, icmp }: Packet): Parameters<typeof trafficOf>[0] {
  if (icmp !== undefined) return { protocol, icmp }
  const one = (number: number | undefined): { first: number; last: number }[] =>
    number === undefined ? [] : [{ first: number, last: number }]
  return { protocol, ports: one(port), sourcePorts: one(sourcePort) }
}
