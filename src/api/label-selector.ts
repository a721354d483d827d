import { isList, isRecord, isStringList } from '../core/record.ts'
import type { LabelSelector, LabelSelectorRequirement } from './types.gen.ts'

/** Whether a value is a label selector, to the last word: what would be passed over could have told instances apart. */
export function isLabelSelector(value: unknown): value is LabelSelector {
  if (!isRecord(value)) return false
  const { matchLabels = {}, matchExpressions = [], ...rest } = value
  return (
    Object.keys(rest).length === 0 &&
    isRecord(matchLabels) &&
    isStringList(Object.values(matchLabels)) &&
    isList(matchExpressions) &&
    matchExpressions.every(isRequirement)
  )
}

function isRequirement(value: unknown): value is LabelSelectorRequirement {
  if (!isRecord(value)) return false
  const { key, operator, values = [] } = value
  const isOperator = ['In', 'NotIn', 'Exists', 'DoesNotExist'].some((known) => known === operator)
  return typeof key === 'string' && isOperator && isStringList(values)
}
