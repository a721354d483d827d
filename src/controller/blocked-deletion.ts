import type { Diagnostic } from '../core/diagnostic.ts'
import { displayKey, kindOfKey, type ObjectKey } from '../core/key.ts'
import type { Model } from '../policy/model/model.ts'
import type { ControllerCode } from './codes.ts'
import { blockedSentence, namesOf } from './status/conditions.ts'

/**
 * Says that an object would be kept if it were deleted, and who would keep it. An error where instances use it; what
 * only other objects name goes with them, and groups that name each other can go in no other way.
 */
export function hinderedDeletion(key: ObjectKey, blockedBy: readonly ObjectKey[], model: Model): Diagnostic {
  const users = blockedBy.filter((referrer) => kindOfKey(referrer) === 'Instance')
  const told = users.length > 0 ? users : blockedBy
  const who = `${namesOf(told)} still ${told.length === 1 ? 'needs' : 'need'} it`
  const { code, profileText, object } = blockedDeletion(key, blockedBy, model)
  const isUsed = users.length > 0
  return {
    ...{ code, ...(profileText !== undefined && { profileText }), ...(object !== undefined && { object }) },
    severity: isUsed ? 'error' : 'warning',
    message: isUsed
      ? `${displayKey(key)} cannot be deleted, since ${who}`
      : `${displayKey(key)} stays in force for now, since ${who}`,
    hint: isUsed ? 'take it out of them first, or delete them' : 'it goes when they do not need it any more',
  }
}

/** Says that an object which the source no longer declares is kept, and who keeps it. */
export function blockedDeletion(key: ObjectKey, blockedBy: readonly ObjectKey[], model: Model): Diagnostic {
  const used = blockedBy.some((referrer) => kindOfKey(referrer) === 'Instance')
  const profile = model.group(key)?.vpc.profile
  const profileText = profile?.message(used ? 'deletionUsed' : 'deletionReferenced')
  return {
    code: 'DeletionBlocked' satisfies ControllerCode,
    severity: 'error',
    message: blockedSentence(key, blockedBy),
    hint: 'take it out of them first, or declare it again',
    ...(profileText !== undefined && { profileText }),
    object: key,
  }
}
