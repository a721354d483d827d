import { objectKey, parseKey, type ObjectKey } from '../../../core/key.ts'
import { assertPrograms } from '../../../lab/environment.ts'
import type { RunningLab, RunningNetwork } from '../../../lab/lab-file.ts'
import { coveringProbes } from '../../../lab/probe/covering.ts'
import { isAllowed, verdictsOf, type EndVerdict } from '../../../lab/probe/expectation.ts'
import type { Probe } from '../../../lab/probe/probe.ts'
import { tryProbes } from '../../../lab/probe/trial.ts'
import { topologyOf } from '../../../lab/topology.ts'
import type { Model } from '../../../policy/model/model.ts'
import type { InstanceRuleset } from '../../../policy/ruleset.ts'
import type { PrefixesOf } from '../../../policy/verdict.ts'
import { EXIT, type ExitStatus } from '../../exit-status.ts'
import { writeLines, type Io } from '../../io.ts'
import { count } from '../../output/count.ts'
import {
  disagreementLines,
  isDisagreement,
  trialJson,
  trialTable,
  type Trial,
} from '../../output/trial-table.ts'
import { printableJson } from '../../output/printable.ts'
import { PROBER } from '../../lab-wiring.ts'
import { openState, restoredModel } from '../../wiring.ts'
import { needLab } from './running.ts'

export interface LabTestOptions {
  readonly state: string
  readonly output: 'table' | 'json'
}

/** Sends real packets at the boundaries of every rule, and compares what comes through with what should. */
export async function labTest(io: Io, { state, output }: LabTestOptions): Promise<ExitStatus> {
  assertPrograms(io.env['PATH'], [['ping', 'iputils-ping']])
  const lab = needLab(state)
  const store = await openState(state)
  const model = restoredModel(await store.readInventory())
  const started = io.now().getTime()
  const due = lab.networks.flatMap((network) => dueIn(network, lab, model, started))
  const outcomes = await tryProbes(due, PROBER)
  const trials = due.map(({ probe, verdicts }, index): Trial => {
    return { probe, verdicts, outcome: outcomes[index] ?? 'Silent' }
  })
  const wrong = trials.filter(isDisagreement)
  if (output === 'json') writeLines(io.stdout, [printableJson(trialJson(trials))])
  else {
    const seconds = ((io.now().getTime() - started) / 1000).toFixed(1)
    writeLines(io.stdout, [
      ...trialTable(trials, io.stdout.columns),
      ...disagreementLines(wrong),
      `${count(trials.length, 'probe')} in ${seconds} s, ${count(wrong.length, 'disagreement')}`,
    ])
  }
  return wrong.length === 0 ? EXIT.done : EXIT.bad
}

interface DueProbe {
  readonly probe: Probe
  readonly verdicts: readonly EndVerdict[]
  readonly sender: number
  readonly allowed: boolean
}

/** Source ports below those that systems give out by themselves. */
const SOURCE_PORTS = { first: 20_000, count: 12_000 }

function dueIn(network: RunningNetwork, lab: RunningLab, model: Model, salt: number): readonly DueProbe[] {
  const senders = new Map(lab.instances.map(({ key, pid }) => [key, pid]))
  const instances = rulesetsOf(network.vpc, model)
  const ports = topologyOf(model).get(network.vpc)?.ports ?? []
  const prefixesOf = prefixesIn(model, parseKey(network.vpc).namespace)
  const probes = coveringProbes({
    instances: [...instances.values()].filter(({ instance }) => senders.has(instance)),
    prefixesOf,
    gateways: new Set(ports.flatMap(({ gateways }) => gateways)),
  })
  const due = probes.map((bare, index) => {
    // Another one each time, so that no connection of an earlier test is still remembered.
    const sourcePort = SOURCE_PORTS.first + ((salt + index) % SOURCE_PORTS.count)
    const probe = bare.port === undefined ? bare : { sourcePort, ...bare }
    const verdicts = verdictsOf(probe, instances, prefixesOf)
    const { instance } = probe.from
    const sender = (instance === undefined ? undefined : senders.get(instance)) ?? network.internet
    return { probe, verdicts, sender, allowed: isAllowed(verdicts) }
  })
  return withoutReplies(due)
}

/** Without packets that would belong to the connection of another one, as its replies. */
function withoutReplies(due: readonly DueProbe[]): readonly DueProbe[] {
  const tuples = new Set<string>()
  return due.filter(({ probe: { protocol, from, to, port, sourcePort } }) => {
    if (port === undefined) return true
    tuples.add([protocol, from.address, sourcePort, to.address, port].join(' '))
    return !tuples.has([protocol, to.address, port, from.address, sourcePort].join(' '))
  })
}

function rulesetsOf(vpc: ObjectKey, model: Model): ReadonlyMap<ObjectKey, InstanceRuleset> {
  const nodes = model.vpc(vpc)?.instances ?? []
  return new Map(
    nodes.flatMap(({ key }) => {
      const ruleset = model.instanceRuleset(key)
      return ruleset === undefined ? [] : [[key, ruleset] as const]
    }),
  )
}

/** A remote that does not resolve stands for nobody. */
function prefixesIn(model: Model, namespace: string): PrefixesOf {
  return ({ securityGroup, addressGroup }) => {
    const key =
      securityGroup === undefined
        ? objectKey('AddressGroup', namespace, addressGroup ?? '')
        : objectKey('SecurityGroup', namespace, securityGroup)
    return model.prefixes(key) ?? []
  }
}
