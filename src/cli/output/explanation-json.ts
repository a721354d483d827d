import type { EffectiveRule } from '../../api/types.gen.ts'
import type { Direction } from '../../policy/profile.ts'
import type { Side } from '../../policy/reachability/explanation.ts'
import { trafficText } from '../../policy/reachability/traffic-text.ts'
import type { ExplanationResult, Place } from './explanation-text.ts'

/** The same content as the text, for scripts. */
export function explanationJson(result: ExplanationResult, place: Place): unknown {
  const { cases, ...rest } = result
  return {
    ...rest,
    cases: cases.map(({ allowed, sides, ...one }) => ({
      ...one,
      allowed: trafficText(allowed),
      ends: sides.map((side) => sideJson(side, place)),
    })),
  }
}

function sideJson({ direction, who, answer, deciding, alsoAllowing, remedy }: Side, place: Place): unknown {
  return {
    direction,
    who,
    answer,
    deciding: deciding.map(({ rule, traffic }) => ({
      traffic: trafficText(traffic),
      ...ruleJson(rule, direction, place),
    })),
    alsoAllowing: alsoAllowing.map((rule) => ruleJson(rule, direction, place)),
    ...(remedy !== undefined && { remedy }),
  }
}

function ruleJson(
  rule: EffectiveRule,
  direction: Direction,
  place: Place,
): Readonly<Record<string, unknown>> {
  return { rule, places: rule.sources.flatMap((source) => place(source, direction) ?? []) }
}
