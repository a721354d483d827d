import type { EffectiveRule } from '../../api/types.gen.ts'
import { displayKey } from '../../core/key.ts'
import type { Position } from '../../core/diagnostic.ts'
import { printYaml } from '../../manifest/print.ts'
import type { Direction } from '../../policy/profile.ts'
import type { Answer, Case, Side } from '../../policy/reachability/explanation.ts'
import type { Remedy } from '../../policy/reachability/remedy.ts'
import { trafficText } from '../../policy/reachability/traffic-text.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'
import { ruleLine } from './rule-text.ts'

/** The answer to one question of the command line. */
export interface ExplanationResult {
  readonly from: string
  readonly to: string
  readonly traffic: string
  readonly answer: Answer
  /** Why there is no case to look at, where there is none. */
  readonly reason?: string
  readonly cases: readonly Case[]
}

/** Where a rule is written. */
export type Place = (source: string, direction: Direction) => Position | undefined

const ANSWERS: Readonly<Record<Answer, string>> = {
  Allowed: 'allowed',
  Denied: 'denied',
  Partly: 'allowed in part',
}

/** For a person, in one piece that can be pasted into a ticket. */
export function explanationLines(result: ExplanationResult, place: Place, paint: Paint): readonly string[] {
  const { from, to, traffic, answer, reason, cases } = result
  const colour = answer === 'Allowed' ? paint.green : answer === 'Denied' ? paint.red : paint.yellow
  return [
    `${printable(`${from} -> ${to} ${traffic}`)}: ${colour(ANSWERS[answer])}`,
    ...(reason === undefined ? [] : [`  ${printable(reason)}`]),
    ...cases.flatMap((one) => caseLines(one, place)),
    ...(answer === 'Denied' ? [] : ['Replies pass without a rule of their own: connections are tracked.']),
  ]
}

function caseLines(one: Case, place: Place): readonly string[] {
  const allowed = one.answer === 'Partly' ? `: ${trafficText(one.allowed)}` : ''
  return [
    printable(`${one.family} ${one.from} -> ${one.to}: ${ANSWERS[one.answer]}${allowed}`),
    ...one.sides.flatMap((side) => sideLines(side, place)),
  ]
}

function sideLines(side: Side, place: Place): readonly string[] {
  const { direction, who, answer, deciding, alsoAllowing, remedy } = side
  const isWhole = deciding.length === 1
  return [
    printable(`  ${direction.toLowerCase()} of ${who}: ${ANSWERS[answer]}`),
    ...deciding.flatMap(({ rule, traffic }) =>
      ruleLines(isWhole ? 'decided by' : `${trafficText(traffic)} decided by`, rule, direction, place),
    ),
    ...alsoAllowing.flatMap((rule) =>
      ruleLines(answer === 'Denied' ? 'outranked:' : 'would be allowed also by', rule, direction, place),
    ),
    ...(remedy === undefined ? [] : remedyLines(remedy)),
  ]
}

function ruleLines(
  intro: string,
  rule: EffectiveRule,
  direction: Direction,
  place: Place,
): readonly string[] {
  const places = rule.sources.flatMap((source) => {
    const position = place(source, direction)
    return position === undefined ? [] : [`${position.file}:${position.line}:${position.column}`]
  })
  return [
    printable(`    ${intro} ${ruleLine(rule, direction)}`),
    ...places.map((text) => printable(`      at ${text}`)),
  ]
}

function remedyLines(remedy: Remedy): readonly string[] {
  switch (remedy.type) {
    case 'AddRule': {
      const side = remedy.direction === 'Ingress' ? 'ingress' : 'egress'
      const yaml = printYaml([remedy.rule]).trimEnd().split('\n')
      return [
        printable(`    to allow it, add to spec.${side} of ${displayKey(remedy.group)}:`),
        ...yaml.map((line) => `      ${printable(line)}`),
        ...(remedy.wider === undefined
          ? []
          : [
              printable(
                `    or, for all members of ${remedy.wider}, remote: {securityGroupRef: {name: ${remedy.wider}}}`,
              ),
            ]),
      ]
    }
    case 'ChangeRules':
      return [printable(`    to allow it, these would have to change: ${remedy.sources.join(', ')}`)]
    case 'NoRule':
      return remedy.reasons.map((reason) => printable(`    no rule can allow it: ${reason}`))
    case 'JoinGroup':
      return ['    to allow it, put the instance into a group that allows it']
  }
}
