import { isLabelSelector } from '../api/label-selector.ts'
import { isRecord, type UnknownRecord } from '../core/record.ts'
import type { Selection } from '../policy/acceptance/decision.ts'

/**
 * What a group that is not valid was to select, read from the document itself: a typing error in one of its rules
 * must not let those that it selects run without it. What cannot be read is taken to mean every instance.
 */
export function rescuedSelections({ kind, spec }: UnknownRecord): readonly Selection[] {
  if (kind !== 'SecurityGroup' || !isRecord(spec)) return []
  const { instanceSelector, vpcRef } = spec
  if (instanceSelector === undefined || instanceSelector === null) return []
  const vpc = isRecord(vpcRef) && typeof vpcRef['name'] === 'string' ? vpcRef['name'] : undefined
  return [{ vpc, selector: isLabelSelector(instanceSelector) ? instanceSelector : {} }]
}
