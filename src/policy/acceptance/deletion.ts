import { namespaceOf, type PalisadeObject } from '../../api/objects.ts'
import { kindOfKey, type ObjectKey } from '../../core/key.ts'
import type { Profile } from '../profile.ts'
import { ruleRemoteKey } from '../references.ts'

/** What decides whether a deleted object may go. */
export interface DeletionSurroundings {
  readonly referrers: (key: ObjectKey) => Iterable<ObjectKey>
  readonly object: (key: ObjectKey) => PalisadeObject | undefined
  /** The profile of a group's VPC. */
  readonly profileOf: (object: PalisadeObject) => Profile | undefined
}

/**
 * Which of the deleted objects have to stay, and who needs them. Objects that only other deleted
 * objects need may go together, so groups that name each other can be deleted in one change; an
 * object that a kept one needs is kept too.
 */
export function blockedDeletions(
  deleted: ReadonlySet<ObjectKey>,
  around: DeletionSurroundings,
): ReadonlyMap<ObjectKey, readonly ObjectKey[]> {
  const kept = new Map<ObjectKey, readonly ObjectKey[]>()
  for (let before = -1; kept.size !== before;) {
    before = kept.size
    for (const key of deleted) {
      const needed = [...around.referrers(key)].filter(
        (referrer) =>
          referrer !== key && (!deleted.has(referrer) || kept.has(referrer)) && blocks(key, referrer, around),
      )
      if (needed.length > 0) kept.set(key, [...new Set(needed)].sort())
    }
  }
  return kept
}

/**
 * Profiles may let a group go that is in use or named: its members lose it, rules that name it end. Never a Drop
 * rule, which a version that is in force since another profile applied may have.
 */
function blocks(key: ObjectKey, referrer: ObjectKey, { object, profileOf }: DeletionSurroundings): boolean {
  const target = object(key)
  if (target?.kind !== 'SecurityGroup' || drops(object(referrer), key)) return true
  const deletion = profileOf(target)?.spec.deletion
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
