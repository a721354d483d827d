import type { Action, ObjectChange, Plan, RemoteChange } from '../../controller/plan.ts'
import { displayKey } from '../../core/key.ts'
import { count, listed } from '../output/count.ts'
import { summarise } from '../output/plan-text.ts'
import { printable } from '../output/printable.ts'

/** Objects and address lists named in one line. */
const LISTED = 3

/** What changed and what came of it: `SecurityGroup default/web changed (spec.ingress.https): 2 instances, +1 -1 rules`. */
export function changeLine(plan: Plan): string {
  const cause = plan.objects.length === 0 ? 'rules programmed anew' : objectsText(plan.objects)
  return printable(`${cause}: ${effectText(plan)}`)
}

const WORDS: Readonly<Record<Action, string>> = { Create: 'created', Change: 'changed', Delete: 'deleted' }

function objectsText(objects: readonly ObjectChange[]): string {
  const texts = objects.map(({ action, key, fields }) => {
    const detail = fields.length === 0 ? '' : ` (${fields.join(', ')})`
    return `${displayKey(key)} ${WORDS[action]}${detail}`
  })
  return listed(texts, LISTED)
}

function effectText(plan: Plan): string {
  const { instances, rulesAdded, rulesRemoved } = summarise(plan)
  const rules = `${count(instances, 'instance')}, +${rulesAdded} -${rulesRemoved} rules`
  const effects = [...(instances > 0 ? [rules] : []), ...addressTexts(plan.remotes)]
  return effects.length === 0 ? 'no rules differ' : effects.join('; ')
}

function addressTexts(remotes: readonly RemoteChange[]): readonly string[] {
  if (remotes.length === 0) return []
  const texts = remotes.map(({ remote, added, removed }) => {
    return `${displayKey(remote)} +${added.length} -${removed.length} addresses`
  })
  return [listed(texts, LISTED)]
}
