import type { Instance } from '../../api/types.gen.ts'
import { resolveRemote } from '../../controller/status/instance-status.ts'
import { parseKey } from '../../core/key.ts'
import type { ObjectKey } from '../../core/key.ts'
import { printYaml } from '../../manifest/print.ts'
import type { ClusterOptions } from '../cluster/options.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { findInstance } from '../instance-name.ts'
import { writeLines, type Io } from '../io.ts'
import { paintFor } from '../output/paint.ts'
import { printable, printableJson } from '../output/printable.ts'
import { deniedText, rulesJson, rulesLines, type InstanceRules } from '../output/rules-table.ts'
import type { Store } from '../../store/store.ts'
import { countedRules } from '../counted-rules.ts'
import { openRemembered } from '../remembered.ts'
import { restoredModel } from '../wiring.ts'

export interface RulesOptions extends ClusterOptions {
  readonly state: string
  readonly output: 'table' | 'yaml' | 'json'
  readonly namespace?: string
  readonly hits?: boolean
}

/** The effective rules of one instance as a console shows them, complete down to the implicit rule. */
export async function rules(io: Io, word: string, options: RulesOptions): Promise<ExitStatus> {
  const { store, namespace } = await openRemembered(options)
  const inventory = await store.readInventory()
  const found = findInstance(word, namespace, inventory.entries.keys())
  if (!found.ok) {
    io.stderr.write(`error: ${printable(found.reason)}\n`)
    return EXIT.bad
  }
  const model = restoredModel(inventory)
  const inForce = rulesInForce(found.key, model)
  const conditions = await conditionsOf(store, found.key)
  const refused = conditions.find(({ type, status }) => type === 'Programmed' && status === 'False')
  if (refused !== undefined) {
    io.stderr.write(`warning: these rules are not programmed: ${printable(refused.message)}\n`)
  }
  const reason = conditions.find(({ type, status }) => type === 'Ready' && status !== 'True')?.message
  const counted = options.hits === true ? countedRules(found.key, model, store.hits?.read()) : undefined
  if (typeof counted === 'string') io.stderr.write(`warning: ${printable(counted)}\n`)
  const hits = typeof counted === 'object' ? counted : undefined
  const result = {
    key: found.key,
    inForce,
    ...(reason !== undefined && { reason }),
    ...(hits !== undefined && { hits }),
  }
  switch (options.output) {
    case 'json':
      writeLines(io.stdout, [printableJson(rulesJson(result))])
      break
    case 'yaml':
      io.stdout.write(printYaml(rulesJson(result)))
      break
    case 'table':
      writeLines(
        io.stdout,
        inForce === undefined
          ? deniedText(result)
          : rulesLines(found.key, inForce, {
              paint: paintFor(io.stdout, io),
              width: io.stdout.columns,
              ...(hits !== undefined && { hits, now: io.now() }),
            }),
      )
  }
  return EXIT.done
}

function rulesInForce(key: ObjectKey, model: ReturnType<typeof restoredModel>): InstanceRules | undefined {
  const found = model.instance(key)
  const programmed = model.instanceRuleset(key)
  if (found === undefined || programmed === undefined) return undefined
  const { namespace } = parseKey(key)
  const { digest, ingress, egress } = programmed.ruleSet
  return {
    vpc: parseKey(programmed.vpc).name,
    addresses: programmed.addresses,
    groups: found.node.signature.groups.map((group) => parseKey(group.key).name),
    digest,
    ingress: ingress.map((rule) => resolveRemote(rule, namespace, model, Infinity)),
    egress: egress.map((rule) => resolveRemote(rule, namespace, model, Infinity)),
  }
}

async function conditionsOf(
  store: Store,
  key: ObjectKey,
): Promise<NonNullable<NonNullable<Instance['status']>['conditions']>> {
  const [object] = await store.readStatus([key])
  return object?.status?.conditions ?? []
}
