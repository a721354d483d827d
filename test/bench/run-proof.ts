import { performance } from 'node:perf_hooks'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { ReachabilityCheck } from '../../src/api/types.gen.ts'
import { parseKey } from '../../src/core/key.ts'
import { BIG_INTEGERS, IntervalSet } from '../../src/net/interval-set.ts'
import { Acceptance } from '../../src/policy/acceptance/acceptance.ts'
import { ChangeScope } from '../../src/policy/assurance/affected.ts'
import { assess, Evidence } from '../../src/policy/assurance/evaluate.ts'
import type { Model } from '../../src/policy/model/model.ts'
import type { VpcIndex } from '../../src/policy/model/vpc-index.ts'
import { parseAskedTraffic } from '../../src/policy/reachability/asked-traffic.ts'
import { explain } from '../../src/policy/reachability/explanation.ts'
import { matrixOf } from '../../src/policy/reachability/matrix.ts'
import { Reachability, ReachabilityMemory } from '../../src/policy/reachability/reachability.ts'
import { connectionsBetween, reachabilitySnapshot } from '../../src/policy/reachability/snapshot.ts'
import { changedGroup, proofChecks, proofObjects } from './proof-workload.ts'
import { standardProfile } from './standard-profile.ts'

/**
 * Questions about who reaches whom, in a process of its own. Arguments: instances, groups, rules, and `matrix` for
 * that alone. Prints JSON: milliseconds, the median of some turns each but for the matrix, which is the first.
 */
const [instances = 0, groups = 0, rules = 0] = process.argv.slice(2, 5).map(Number)
const size = { instances, groups, rules }
const objects = [standardProfile(), ...proofObjects(size)]
const acceptance = new Acceptance()
const { model } = acceptance
put(objects)
const vpc = vpcOf(model)

const matrixMilliseconds = timed(() => {
  const { cells } = matrixOf(Reachability.of(model, vpc))
  if (cells.length < groups) throw new Error(`only ${String(cells.length)} cells came out`)
})
const peakMegabytes = process.resourceUsage().maxRSS / 1024
const more = process.argv[5] === 'matrix' ? {} : otherFigures()
process.stdout.write(`${JSON.stringify({ matrixMilliseconds, peakMegabytes, ...more })}\n`)

function otherFigures(): object {
  const memory = new ReachabilityMemory()
  return {
    explainMilliseconds: explainMilliseconds(memory),
    differenceMilliseconds: median(turns(10, (turn) => difference(turn, memory))),
    checksMilliseconds: checksMilliseconds(memory),
  }
}

function put(changed: readonly PalisadeObject[]): void {
  const declare = changed.map((object, order) => ({ key: keyOf(object), object, order }))
  acceptance.apply({ declare, withdraw: [] })
  model.drain()
}

/** One question on average, of 1,000 between instances and from outside, once the relation is there. */
function explainMilliseconds(memory: ReachabilityMemory): number {
  const reachability = Reachability.of(model, vpc, memory)
  const asked = parseAskedTraffic('TCP/443')
  if (!asked.ok) throw new Error(asked.reason)
  const nodes = [...vpc.instances]
  const count = 1000
  const milliseconds = timed(() => {
    for (let turn = 0; turn < count; turn += 1) {
      const [from, to] = [nodes[(turn * 37) % nodes.length], nodes[(turn * 101 + 5) % nodes.length]]
      if (from === undefined || to === undefined || from === to) continue
      const ends = [from, to].map((node) => {
        const [address] = memory.book.of(node)
        if (address === undefined) throw new Error(`${node.key} has no address`)
        const { family, value } = address
        return [{ family, addresses: IntervalSet.of(BIG_INTEGERS, [{ first: value, last: value }]) }]
      })
      const [sender = [], receiver = []] = ends
      const question = { from: sender, to: receiver, ...asked.value }
      if (explain(vpc, reachability, question).length !== 1) throw new Error('no answer came back')
    }
  })
  return milliseconds / count
}

/** From the rules as they are after a change of one rule to what that opens and closes, in words. */
function difference(turn: number, memory: ReachabilityMemory): number {
  const before = reachabilitySnapshot(model, memory)
  put([changedGroup(objects, turn)])
  return timed(() => {
    const [found] = connectionsBetween(before, reachabilitySnapshot(model, memory))
    if (found === undefined) throw new Error('a rule changed and no connection did')
  })
}

/** From the rules as they are after a change of one rule to the verdict on 1,000 checks. */
function checksMilliseconds(memory: ReachabilityMemory): number {
  const checks = proofChecks(1000, size)
  const evidence = new Evidence(model, memory)
  const known = new Map(checks.map((check) => [check, assess(check, evidence)]))
  return median(
    turns(10, (turn) => {
      const group = changedGroup(objects, turn)
      put([group])
      const members = vpc.instances.filter(({ signature }) =>
        signature.groups.some(({ key }) => parseKey(key).name === group.metadata.name),
      )
      const touched = members.flatMap(({ key }) => model.instanceRuleset(key) ?? [])
      const change = { put: touched, remove: [], putRemotes: new Map(), removeRemotes: [] }
      return timed(() => {
        const scope = new ChangeScope(model, [keyOf(group)], change)
        const now = new Evidence(model, memory)
        for (const [check, last] of known) {
          verdict(check, scope.concerns(check, last) ? assess(check, now) : last)
        }
      })
    }),
  )
}

function verdict(check: ReachabilityCheck, { violation }: ReturnType<typeof assess>): void {
  if (violation !== undefined) throw new Error(`${keyOf(check)} is broken`)
}

function vpcOf(from: Model): VpcIndex {
  const [found] = from.vpcs()
  if (found === undefined) throw new Error('the VPC was not accepted')
  return found
}

function turns(count: number, run: (turn: number) => number): readonly number[] {
  return Array.from({ length: count }, (_, turn) => run(turn))
}

function timed(run: () => void): number {
  const from = performance.now()
  run()
  return performance.now() - from
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Infinity
}
