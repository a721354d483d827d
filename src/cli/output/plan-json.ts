import type { Turn } from '../../controller/loop.ts'
import type { Plan } from '../../controller/plan.ts'
import { parseKey } from '../../core/key.ts'
import type { VpcConnections } from '../../policy/reachability/snapshot.ts'
import { findingJson, objectJson } from './findings-json.ts'
import { summarise } from './plan-text.ts'

/** What there is to say of a turn besides its plan. */
type PlannedTurn = Pick<Turn, 'findings' | 'heldBack'> &
  Partial<Pick<Turn, 'blocked'>> & {
    /** Absent where nobody has asked what opens and closes. */
    readonly connections?: readonly VpcConnections[]
    readonly blockedConnections?: readonly VpcConnections[] | undefined
  }

/** A plan for scripts: what `plan -o json` and `apply -o json` print. */
export function planJson(
  plan: Plan,
  { findings, heldBack, blocked, connections, blockedConnections }: PlannedTurn,
): object {
  return {
    ...changesJson(plan),
    ...connectionsJson(connections),
    heldBack: heldBack.map(objectJson),
    blocked: blocked !== undefined,
    ...(blocked !== undefined && {
      asked: {
        blockedBy: blocked.checks.map(objectJson),
        ...changesJson(blocked.plan),
        ...connectionsJson(blockedConnections),
        summary: summarise(blocked.plan),
      },
    }),
    findings: findings.map(findingJson),
    summary: summarise(plan),
  }
}

function connectionsJson(connections: readonly VpcConnections[] | undefined): object {
  if (connections === undefined) return {}
  return {
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
