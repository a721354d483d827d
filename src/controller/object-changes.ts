import type { PalisadeObject } from '../api/objects.ts'
import type { ObjectKey } from '../core/key.ts'
import type { Model } from '../policy/model/model.ts'
import { changedFields } from './object-diff.ts'
import type { ObjectChange } from './plan.ts'

/** What has become of the objects whose version in force changed, given what was in force of them before. */
export function objectChanges(
  before: ReadonlyMap<ObjectKey, PalisadeObject | undefined>,
  model: Model,
  isBuiltIn: (key: ObjectKey) => boolean,
): readonly ObjectChange[] {
  const changes: ObjectChange[] = []
  for (const [key, last] of before) {
    const next = model.object(key)
    if (last === next || isBuiltIn(key)) continue
    if (last === undefined) changes.push({ action: 'Create', key, fields: [] })
    else if (next === undefined) changes.push({ action: 'Delete', key, fields: [] })
    else changes.push({ action: 'Change', key, fields: changedFields(last, next) })
  }
  return changes.sort((a, b) => (a.key < b.key ? -1 : 1))
}
