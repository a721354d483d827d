import type { Plan } from '../../controller/plan.ts'
import { parseKey } from '../../core/key.ts'
import { findingJson, objectJson } from './findings-json.ts'
import { summarise } from './plan-text.ts'
import type { PlannedTurn, ShownPlan } from './planned-turn.ts'

/** A plan for scripts: what `plan -o json` and `apply -o json` print. */
export function planJson({
  findings,
  heldBack,
  blocked,
  ...done
}: Omit<PlannedTurn, 'isMisdirected'>): object {
  return {
    ...shownJson(done),
    heldBack: heldBack.map(objectJson),
    blocked: blocked !== undefined,
    ...(blocked !== undefined && {
      asked: {
        blockedBy: blocked.checks.map(objectJson),
        ...shownJson(blocked),
        summary: summarise(blocked.plan),
      },
    }),
    findings: findings.map(findingJson),
    summary: summarise(done.plan),
  }
}

function shownJson({ plan, connections }: ShownPlan): object {
  if (connections === undefined) return changesJson(plan)
  return {
    ...changesJson(plan),
    connections: connections.map(({ vpc, opens, closes }) => ({ vpc: objectJson(vpc), opens, closes })),
  }
}

function changesJson({ objects, instances, remotes }: Plan): object {
  return {
    objects: objects.map(({ action, key, fields }) => ({ action, ...objectJson(key), fields })),
    instances: instances.map(({ action, instances: keys, rules }) => ({
      action,
      instances: keys.map((key) => {
        const { namespace, name } = parseKey(key)
        return { namespace, name }
      }),
      rules,
    })),
    addresses: remotes.map(({ remote, added, removed }) => ({ ...objectJson(remote), added, removed })),
  }
}
