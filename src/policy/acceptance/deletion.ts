import { KINDS, namespaceOf, type PalisadeObject } from '../../api/objects.ts'
import { kindOfKey, type ObjectKey } from '../../core/key.ts'
import type { Model } from '../model/model.ts'
import { ruleRemoteKey } from '../references.ts'
import type { Entries } from './entry.ts'
import type { ReferenceIndex } from './reference-index.ts'

/**
 * Which of the deleted objects have to stay, and who needs them. Objects that only other deleted
 * objects need may go together, so groups that name each other can be deleted in one change; an
 * object that a kept one needs is kept too.
 */
export function blockedDeletions(
  deleted: ReadonlySet<ObjectKey>,
  references: ReferenceIndex,
  entries: Entries,
  model: Model,
): ReadonlyMap<ObjectKey, readonly ObjectKey[]> {
  const kept = new Map<ObjectKey, readonly ObjectKey[]>()
  for (let before = -1; kept.size !== before;) {
    before = kept.size
    for (const key of deleted) {
      const entry = entries.get(key)
      const needed = (entry === undefined ? [] : [...references.dependents(entry)]).filter(
        (referrer) =>
          referrer !== key && (!deleted.has(referrer) || kept.has(referrer)) && blocks(key, referrer, model),
      )
      if (needed.length > 0) kept.set(key, [...new Set(needed)].sort())
    }
  }
  return kept
}

/** The deleted objects that nothing keeps, those that refer to others before what they refer to. */
export function inOrderOfDeletion(
  deleted: ReadonlySet<ObjectKey>,
  kept: ReadonlyMap<ObjectKey, unknown>,
): readonly ObjectKey[] {
  const rank = (key: ObjectKey): number => KINDS.findIndex((kind) => kind === kindOfKey(key))
  return [...deleted].filter((key) => !kept.has(key)).sort((a, b) => rank(b) - rank(a))
}

/**
 * Profiles may let a group go that is in use or named: its members lose it, rules that name it end. Never a Drop
 * rule, which a version that is in force since another profile applied may have.
 */
function blocks(key: ObjectKey, referrer: ObjectKey, model: Model): boolean {
  const target = model.object(key)
  if (target?.kind !== 'SecurityGroup' || drops(model.object(referrer), key)) return true
  const deletion = model.vpcOf(target)?.profile.spec.deletion
  const kind = kindOfKey(referrer)
  return (kind === 'Instance' ? deletion?.used : deletion?.referenced) !== 'Cascade'
}

function drops(referrer: PalisadeObject | undefined, key: ObjectKey): boolean {
  if (referrer?.kind !== 'SecurityGroup') return false
  const { ingress = [], egress = [] } = referrer.spec
  const namespace = namespaceOf(referrer)
  return [...ingress, ...egress].some(
    (rule) => rule.action === 'Drop' && ruleRemoteKey(rule, namespace) === key,
  )
}
