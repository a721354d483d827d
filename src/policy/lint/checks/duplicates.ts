import { aboutRule, type LintFinding } from '../finding.ts'
import type { LintRule, LintWorld } from '../world.ts'

/**
 * Rules that say the same: in one group, or in two groups of which some instance has both. The effective rules
 * have merged them already and name them all.
 */
export function* duplicateRules({ model, rules }: LintWorld): Generator<LintFinding> {
  const bySource = new Map(rules.map((rule) => [identityOf(rule.vpc.key, rule.direction, rule.source), rule]))
  const told = new Set<LintRule>()
  for (const vpc of model.vpcs()) {
    // Of several twins, that which the first instance has is named.
    for (const instance of vpc.instances.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
      const { ingress, egress } = vpc.ruleSet(instance)
      for (const [direction, list] of [
        ['Ingress', ingress],
        ['Egress', egress],
      ] as const) {
        for (const { sources } of list) {
          const [first, ...twins] = sources
          for (const source of twins) {
            const rule = bySource.get(identityOf(vpc.key, direction, source))
            if (first === undefined || rule === undefined || told.has(rule) || !isOwn(rule)) continue
            told.add(rule)
            yield aboutRule(rule, `says the same as ${first}`, 'remove one of them')
          }
        }
      }
    }
  }
}

/** What profiles bring is not for anybody to remove. */
const isOwn = ({ path }: LintRule): boolean => path.length > 2

const identityOf = (...parts: readonly string[]): string => parts.join(' ')
