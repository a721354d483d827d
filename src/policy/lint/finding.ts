import { displayKey, type ObjectKey } from '../../core/key.ts'
import type { GroupNode } from '../model/nodes.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import type { LintRule, Path } from './world.ts'

/** What a check found, before its code and severity are put to it. */
export interface LintFinding {
  readonly object: ObjectKey
  readonly path: Path
  readonly message: string
  readonly hint: string
}

/** About a group; a default group that palisade made is no object of anybody's, so its VPC stands for it. */
export function aboutGroup(
  { vpc, group }: { readonly vpc: VpcIndex; readonly group: GroupNode },
  path: Path,
  problem: string,
  hint: string,
): LintFinding {
  const message = `${displayKey(group.key)}: ${problem}`
  return group.generated
    ? { object: vpc.key, path: [], message, hint }
    : { object: group.key, path, message, hint }
}

export function aboutRule(rule: LintRule, problem: string, hint: string): LintFinding {
  const name = rule.source.slice(rule.source.indexOf('/') + 1)
  const side = rule.direction === 'Ingress' ? 'ingress' : 'egress'
  return aboutGroup(rule, rule.path, `${side} rule ${name} ${problem}`, hint)
}
