import type { Diagnostic } from '../core/diagnostic.ts'
import { kindOfKey, type ObjectKey } from '../core/key.ts'
import type { Model } from '../policy/model/model.ts'
import type { ControllerCode } from './codes.ts'
import { blockedSentence } from './status/conditions.ts'

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
