import { performance } from 'node:perf_hooks'
import { GCProfiler } from 'node:v8'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import { Acceptance } from '../../src/policy/acceptance/acceptance.ts'
import { Model } from '../../src/policy/model/model.ts'
import { standardProfile } from './standard-profile.ts'
import { WORKLOADS } from './workloads.ts'

/**
 * One workload in a process of its own, so that memory is its own: objects in memory, through acceptance and the
 * model, to every instance's effective rules with digests and to the addresses of everything that they name.
 * Mode `model` leaves acceptance out: Antrea's test computes groups and policies as well, and admits nothing, which
 * is the work of a webhook there. Prints JSON.
 */
const [name, mode] = process.argv.slice(2)
const workload = WORKLOADS.find((candidate) => candidate.name === name)
if (workload === undefined) throw new Error(`there is no workload ${name ?? ''}`)

const objects = [standardProfile(), ...workload.build()]
global.gc?.()
const collections = new GCProfiler()
collections.start()
const acceptance = new Acceptance()
const model = mode === 'model' ? new Model() : acceptance.model
const started = performance.now()
if (mode === 'model') for (const object of objects) model.put(object)
else acceptance.apply({ declare: declarations(objects), withdraw: [] })
const touched = model.drain()
const digests = rulesOf(touched.instances)
const addresses = addressesOf(touched.remotes)
const seconds = (performance.now() - started) / 1000
const heapMegabytes = largestHeap() / 2 ** 20
const processMegabytes = process.resourceUsage().maxRSS / 1024
const changes = mode === 'change' ? changeLatencies() : []
const queries = mode === 'query' ? querySeconds() : undefined
process.stdout.write(
  `${JSON.stringify({ seconds, heapMegabytes, processMegabytes, digests, addresses, changes, queries })}\n`,
)

/** Bytes of the heap and of what it holds outside, garbage included: just before a collection it is largest. */
function largestHeap(): number {
  const { heapUsed, external } = process.memoryUsage()
  const before = collections.stop().statistics.map(({ beforeGC }) => {
    return beforeGC.heapStatistics.usedHeapSize + beforeGC.heapStatistics.externalMemory
  })
  return before.reduce((largest, size) => Math.max(largest, size), heapUsed + external)
}

function declarations(all: readonly PalisadeObject[]): Parameters<Acceptance['apply']>[0]['declare'] {
  return all.map((object, order) => ({ key: keyOf(object), object, order }))
}

function rulesOf(instances: Iterable<string>): number {
  let count = 0
  for (const key of instances) if (model.instanceRuleset(key)?.ruleSet.digest !== undefined) count += 1
  return count
}

function addressesOf(remotes: Iterable<string>): number {
  let count = 0
  for (const key of remotes) count += model.remote(key)?.length ?? 0
  return count
}

/** Milliseconds from one changed group or instance to the new plan, 500 of each in turn. */
function changeLatencies(): number[] {
  const candidates = objects.filter(({ kind }) => kind === 'SecurityGroup' || kind === 'Instance')
  const step = Math.floor(candidates.length / 1000)
  return candidates
    .filter((_, index) => index % step === 0)
    .map((object, turn) => {
      const changed = change(object, turn)
      const from = performance.now()
      const result = acceptance.apply({
        declare: [{ key: keyOf(changed), object: changed, order: turn }],
        withdraw: [],
      })
      const reached = model.drain()
      rulesOf(reached.instances)
      addressesOf(reached.remotes)
      if ([...result.enforced].length !== 1) throw new Error(`${keyOf(changed)} was not accepted`)
      return performance.now() - from
    })
}

function change(object: PalisadeObject, turn: number): PalisadeObject {
  if (object.kind === 'SecurityGroup') {
    const rule = {
      name: 'new',
      protocol: 'TCP',
      ports: [1 + (turn % 60_000)],
      remote: { cidr: '192.0.2.0/24' },
    }
    return { ...object, spec: { ...object.spec, egress: [rule] } }
  }
  if (object.kind !== 'Instance') return object
  const address = `172.16.${String(turn >> 8)}.${String(turn & 255)}`
  return { ...object, spec: { ...object.spec, addresses: [address] } }
}

/** Seconds for 1,000 questions "what applies to this instance", every rule with its remote's addresses. */
function querySeconds(): number {
  const instances = objects.filter(({ kind }) => kind === 'Instance').slice(0, 1000)
  const from = performance.now()
  let rules = 0
  for (const object of instances) {
    const found = model.instanceRuleset(keyOf(object))
    rules += (found?.ruleSet.ingress.length ?? 0) + (found?.ruleSet.egress.length ?? 0)
  }
  if (rules < 10_000_000) throw new Error(`only ${String(rules)} rules came back`)
  return (performance.now() - from) / 1000
}
