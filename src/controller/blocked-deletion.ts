import type { Diagnostic } from '../core/diagnostic.ts'
import { displayKey, kindOfKey, type ObjectKey } from '../core/key.ts'
import type { Model } from '../policy/model/model.ts'
import type { ControllerCode } from './codes.ts'
import { blockedSentence, namesOf } from './status/conditions.ts'

/** Says that an object would be kept if it were deleted, and who would keep it. */
export function hinderedDeletion(key: ObjectKey, blockedBy: readonly ObjectKey[], model: Model): Diagnostic {
  const need = blockedBy.length === 1 ? 'needs' : 'need'
  const message = `${displayKey(key)} cannot be deleted, since ${namesOf(blockedBy)} still ${need} it`
  return { ...blockedDeletion(key, blockedBy, model), message, hint: 'take it out of them first' }
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
