import type { EffectiveRule, Rule } from '../../api/types.gen.ts'
import type { Moment } from '../../core/moment.ts'
import { isExpired } from '../expiry.ts'
import { sourcedRules } from '../group-rules.ts'
import type { Model } from '../model/model.ts'
import type { GroupNode } from '../model/nodes.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import { policyRule } from '../policy-rule.ts'
import { DIRECTIONS, type Direction } from '../profile.ts'

export type Path = readonly (string | number)[]

/** One rule of a group in force, as it is written and as it is evaluated. */
export interface LintRule {
  readonly vpc: VpcIndex
  readonly group: GroupNode
  readonly direction: Direction
  /** As status calls it: `web/https`, `web/template:WebServerLinux/ssh`. */
  readonly source: string
  readonly declared: Rule
  readonly effective: EffectiveRule
  /** Where it is written; the template, or nothing, where its profile brings it. */
  readonly path: Path
}

/** What the checks look at: everything in force, and its rules one by one. */
export interface LintWorld {
  readonly model: Model
  readonly groups: readonly { readonly vpc: VpcIndex; readonly group: GroupNode }[]
  readonly rules: readonly LintRule[]
}

export function lintWorld(model: Model): LintWorld {
  model.drain()
  const groups = [...model.vpcs()].flatMap((vpc) => [...vpc.groups.values()].map((group) => ({ vpc, group })))
  return { model, groups, rules: groups.flatMap(({ vpc, group }) => rulesOf(vpc, group, model.now)) }
}

/** Those that have not expired. */
function rulesOf(vpc: VpcIndex, group: GroupNode, now: Moment): readonly LintRule[] {
  return DIRECTIONS.flatMap((direction) =>
    sourcedRules(group.object, vpc.profile, direction)
      .filter(({ rule }) => !isExpired(rule, now))
      .map(({ source, rule }) => ({
        vpc,
        group,
        direction,
        source,
        declared: rule,
        effective: policyRule(rule, source, vpc.profile).rule,
        path: pathOf(group, direction, rule),
      })),
  )
}

function pathOf({ object }: GroupNode, direction: Direction, rule: Rule): Path {
  const side = direction === 'Ingress' ? 'ingress' : 'egress'
  const index = object.spec[side]?.indexOf(rule) ?? -1
  if (index !== -1) return ['spec', side, index]
  return object.spec.template === undefined ? ['spec'] : ['spec', 'template']
}

/** Whether a rule holds for the whole Internet, of both families or one. */
export function isAnywhere({ remote }: EffectiveRule): boolean {
  const { cidr, securityGroup, addressGroup } = remote
  if (securityGroup !== undefined || addressGroup !== undefined) return false
  return cidr === undefined || cidr === '0.0.0.0/0' || cidr === '::/0'
}
