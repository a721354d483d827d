import { KINDS } from '../../api/objects.ts'
import { isEmptyPlan } from '../../controller/plan.ts'
import type { Action, InstanceChange, Plan, RemoteChange } from '../../controller/plan.ts'
import { displayKey, kindOfKey, parseKey, type ObjectKey } from '../../core/key.ts'
import { count, listed } from './count.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'
import { ruleLine } from './rule-text.ts'

/** Whether the plan is still to be carried out or has been. */
export type Tense = 'future' | 'past'

/** Names and addresses in one line; `-o json` has all. */
const LISTED = 5

/** A plan for people: objects, then the rules of instances that change alike, then addresses, then sums. */
export function planLines(plan: Plan, tense: Tense, paint: Paint): readonly string[] {
  if (isEmptyPlan(plan)) return [NOTHING[tense]]
  const { objects, instances, remotes } = plan
  return [
    ...objects
      .toSorted((a, b) => kindOrder(a.key) - kindOrder(b.key))
      .map(({ action, key, fields }) => {
        const detail = fields.length === 0 ? '' : ` (${fields.join(', ')})`
        return marked(action, `${WORDS[tense][action]} ${displayKey(key)}${detail}`, paint)
      }),
    ...instances.flatMap((change) => instanceLines(change, paint)),
    ...remotes.flatMap((change) => remoteLines(change, paint)),
    paint.bold(summary(plan, tense)),
  ]
}

/** Referents first, as one reads a network. */
const kindOrder = (key: ObjectKey): number => KINDS.findIndex((kind) => kind === kindOfKey(key))

const NOTHING: Readonly<Record<Tense, string>> = {
  future: 'Nothing would change.',
  past: 'Nothing to change: all that is declared and accepted is in force.',
}

const WORDS: Readonly<Record<Tense, Readonly<Record<Action, string>>>> = {
  future: { Create: 'create', Change: 'change', Delete: 'delete' },
  past: { Create: 'created', Change: 'changed', Delete: 'deleted' },
}

function marked(action: Action, text: string, paint: Paint): string {
  const plain = printable(text)
  switch (action) {
    case 'Create':
      return paint.green(`+ ${plain}`)
    case 'Change':
      return paint.yellow(`~ ${plain}`)
    case 'Delete':
      return paint.red(`- ${plain}`)
  }
}

function instanceLines({ action, instances, rules }: InstanceChange, paint: Paint): readonly string[] {
  const who = `${count(instances.length, HOLDERS[action], `${HOLDERS[action]}s`)}: ${listed(instances.map(nameOf), LISTED)}`
  const what = rules.length === 0 ? 'same rules, other addresses or attachment' : 'rules'
  return [
    paint.bold(printable(`  ${what} of ${who}`)),
    ...rules.map((change) => {
      const text = `${change.direction.toLowerCase()} ${ruleLine(change.rule, change.direction)}`
      return `    ${marked(change.action === 'Add' ? 'Create' : 'Delete', text, paint)}`
    }),
  ]
}

const HOLDERS: Readonly<Record<Action, string>> = {
  Create: 'new instance',
  Change: 'instance',
  Delete: 'removed instance',
}

function remoteLines({ remote, added, removed }: RemoteChange, paint: Paint): readonly string[] {
  return [
    paint.bold(printable(`  addresses of ${displayKey(remote)}`)),
    ...(added.length === 0 ? [] : [`    ${marked('Create', listed(added, LISTED), paint)}`]),
    ...(removed.length === 0 ? [] : [`    ${marked('Delete', listed(removed, LISTED), paint)}`]),
  ]
}

/** How much a plan changes. */
export interface PlanSummary {
  readonly created: number
  readonly changed: number
  readonly deleted: number
  /** Instances that get or lose rules. */
  readonly instances: number
  /** Rules that are different; what several instances share counts once. */
  readonly rulesAdded: number
  readonly rulesRemoved: number
}

export function summarise({ objects, instances }: Plan): PlanSummary {
  const rules = instances.flatMap((change) => change.rules)
  const of = (action: Action): number => objects.filter((change) => change.action === action).length
  return {
    created: of('Create'),
    changed: of('Change'),
    deleted: of('Delete'),
    instances: instances.reduce((sum, change) => sum + change.instances.length, 0),
    rulesAdded: rules.filter(({ action }) => action === 'Add').length,
    rulesRemoved: rules.filter(({ action }) => action === 'Remove').length,
  }
}

function summary(plan: Plan, tense: Tense): string {
  const { created, changed, deleted, instances, rulesAdded, rulesRemoved } = summarise(plan)
  const verb = tense === 'future' ? 'to ' : ''
  const { Create, Change, Delete } = WORDS[tense]
  const objects = `${count(created, 'object')} ${verb}${Create}, ${changed} ${verb}${Change}, ${deleted} ${verb}${Delete}`
  const add = tense === 'future' ? 'to add' : 'added'
  const remove = tense === 'future' ? 'to remove' : 'removed'
  return `${objects}; ${count(instances, 'instance')}: ${count(rulesAdded, 'rule')} ${add}, ${rulesRemoved} ${remove}.`
}

/** Without the kind where there is only one. */
function nameOf(key: ObjectKey): string {
  const { namespace, name } = parseKey(key)
  return `${namespace}/${name}`
}
