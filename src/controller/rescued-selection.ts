import type { LabelSelector, LabelSelectorRequirement } from '../api/types.gen.ts'
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
  return [{ vpc, selector: readSelector(instanceSelector) ?? {} }]
}

function readSelector(value: unknown): LabelSelector | undefined {
  if (!isRecord(value)) return undefined
  const { matchLabels = {}, matchExpressions = [], ...rest } = value
  if (Object.keys(rest).length > 0 || !isTexts(matchLabels) || !Array.isArray(matchExpressions)) {
    return undefined
  }
  const requirements: readonly unknown[] = matchExpressions
  return requirements.every(isRequirement) ? { matchLabels, matchExpressions: requirements } : undefined
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string')
}

function isRequirement(value: unknown): value is LabelSelectorRequirement {
  if (!isRecord(value)) return false
  const { key, operator, values = [] } = value
  const isOperator = ['In', 'NotIn', 'Exists', 'DoesNotExist'].some((known) => known === operator)
  return typeof key === 'string' && isOperator && Array.isArray(values) && values.every(isText)
}

const isText = (value: unknown): boolean => typeof value === 'string'
