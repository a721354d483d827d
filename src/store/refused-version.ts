import { isStoredObject } from '../api/stored-object.ts'
import type { LabelSelector, LabelSelectorRequirement } from '../api/types.gen.ts'
import type { ObjectKey } from '../core/key.ts'
import { isList, isRecord, isStringList } from '../core/record.ts'
import type { Selection } from '../policy/acceptance/decision.ts'
import type { RefusedVersion } from './store.ts'

/** Whether a value read back is what was written of a version that is not in force. */
export function isRefusedVersion(value: unknown, key: ObjectKey): value is RefusedVersion {
  if (!isRecord(value)) return false
  const { digest, object, selects } = value
  return (
    typeof digest === 'string' &&
    (object === undefined || isStoredObject(object, key)) &&
    (selects === undefined || (isList(selects) && selects.every(isSelection)))
  )
}

/** What would select nobody by mistake would let those in that are to wait. */
function isSelection(value: unknown): value is Selection {
  if (!isRecord(value)) return false
  const { vpc, selector } = value
  return (vpc === undefined || typeof vpc === 'string') && isSelector(selector)
}

function isSelector(value: unknown): value is LabelSelector {
  if (!isRecord(value)) return false
  const { matchLabels = {}, matchExpressions = [] } = value
  return (
    isRecord(matchLabels) &&
    Object.values(matchLabels).every((text) => typeof text === 'string') &&
    isList(matchExpressions) &&
    matchExpressions.every(isRequirement)
  )
}

function isRequirement(value: unknown): value is LabelSelectorRequirement {
  if (!isRecord(value)) return false
  const { key, operator, values = [] } = value
  return typeof key === 'string' && typeof operator === 'string' && isStringList(values)
}
