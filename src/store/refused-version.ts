import { isLabelSelector } from '../api/label-selector.ts'
import { isStoredObject } from '../api/stored-object.ts'
import type { ObjectKey } from '../core/key.ts'
import { isList, isRecord } from '../core/record.ts'
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
  return (vpc === undefined || typeof vpc === 'string') && isLabelSelector(selector)
}
