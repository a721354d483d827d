import type { ObjectKey } from '../core/key.ts'
import type { AcceptanceResult } from '../policy/acceptance/decision.ts'
import type { Model } from '../policy/model/model.ts'
import { changedFields } from './object-diff.ts'
import type { ObjectChange } from './plan.ts'

/** What has become of the objects whose version in force changed. */
export function objectChanges(
  { enforced, before }: Pick<AcceptanceResult, 'enforced' | 'before'>,
  model: Model,
  isBuiltIn: (key: ObjectKey) => boolean,
): readonly ObjectChange[] {
  const changes: ObjectChange[] = []
  for (const key of enforced) {
    const last = before.get(key)
    const next = model.object(key)
    if (last === next || isBuiltIn(key)) continue
    if (last === undefined) changes.push({ action: 'Create', key, fields: [] })
    else if (next === undefined) changes.push({ action: 'Delete', key, fields: [] })
    else changes.push({ action: 'Change', key, fields: changedFields(last, next) })
  }
  return changes.sort((a, b) => (a.key < b.key ? -1 : 1))
}
