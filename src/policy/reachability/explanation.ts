import type { EffectiveRule } from '../../api/types.gen.ts'
import { TRAFFIC, type Traffic } from '../../net/traffic.ts'
import type { GroupNode } from '../model/nodes.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import type { Direction } from '../profile.ts'
import type { Share } from './decisions.ts'
import { endText, partOf, type End } from './end.ts'
import type { Party } from './party.ts'
import type { Reachability } from './reachability.ts'
import { remedyFor, type AskedRule, type Remedy } from './remedy.ts'

/** May these reach those, on this? */
export interface Question {
  readonly from: readonly End[]
  readonly to: readonly End[]
  readonly traffic: Traffic
  /** The traffic in the words of a rule, for the remedies. */
  readonly asked: AskedRule
}

export type Answer = 'Allowed' | 'Denied' | 'Partly'

/** What the rules of one end say. */
export interface Side {
  readonly direction: Direction
  /** The instances at this end. */
  readonly who: string
  readonly answer: Answer
  /** The rules that decide, each with the part of the question that it decides. */
  readonly deciding: readonly Share[]
  /** Other rules that would allow some of it: of what is allowed, to remove one rule is not enough. */
  readonly alsoAllowing: readonly EffectiveRule[]
  readonly remedy: Remedy | undefined
}

/** The answer for addresses that are treated alike. */
export interface Case {
  readonly from: string
  readonly to: string
  readonly family: End['family']
  readonly answer: Answer
  /** The part of the question that passes both ends. */
  readonly allowed: Traffic
  readonly sides: readonly Side[]
}

/** Answers a question for each pair of parties that its ends belong to, in the order of the parties. */
export function explain(vpc: VpcIndex, reachability: Reachability, question: Question): readonly Case[] {
  const cases: Case[] = []
  for (const own of parts(question.from, reachability)) {
    for (const other of parts(question.to, reachability)) {
      const [[from, source], [to, target]] = [own, other]
      if (from.family !== to.family || (source.ruleSet === undefined && target.ruleSet === undefined)) {
        continue
      }
      const allowed = TRAFFIC.intersection(reachability.traffic(source, target), question.traffic)
      const sides = [
        side('Egress', { vpc, reachability, question }, own, other),
        side('Ingress', { vpc, reachability, question }, other, own),
      ].filter((one) => one !== undefined)
      cases.push({
        from: endText(from, source),
        to: endText(to, target),
        family: from.family,
        answer: answerOf(allowed, question.traffic),
        allowed,
        sides,
      })
    }
  }
  return cases
}

/** The answer to the whole: allowed or denied only where every case is. */
export function summary(cases: readonly Case[]): Answer {
  const answers = new Set(cases.map(({ answer }) => answer))
  const [only] = answers
  if (only === undefined) return 'Denied'
  return answers.size === 1 ? only : 'Partly'
}

type Part = readonly [part: End, party: Party, whole: End]

function* parts(ends: readonly End[], { parties }: Reachability): Generator<Part> {
  for (const end of ends) {
    for (const party of parties) {
      const part = partOf(end, party)
      if (part !== undefined) yield [part, party, end]
    }
  }
}

interface Context {
  readonly vpc: VpcIndex
  readonly reachability: Reachability
  readonly question: Question
}

/** Undefined for an end that is no declared instance: it has no say. */
function side(
  direction: Direction,
  { vpc, reachability, question }: Context,
  [own, ownParty]: Part,
  [other, otherParty, wholeOther]: Part,
): Side | undefined {
  const { ruleSet } = ownParty
  if (ruleSet === undefined) return undefined
  const rules = direction === 'Egress' ? ruleSet.egress : ruleSet.ingress
  const { decisions } = reachability
  const allowed = TRAFFIC.intersection(decisions.allowed(rules, otherParty), question.traffic)
  const deciding = decisions.shares(rules, otherParty).flatMap(({ rule, traffic }): Share[] => {
    const decided = TRAFFIC.intersection(traffic, question.traffic)
    return TRAFFIC.isEmpty(decided) ? [] : [{ rule, traffic: decided }]
  })
  const answer = answerOf(allowed, question.traffic)
  const decisive = new Set(deciding.map(({ rule }) => rule))
  const denying = deciding.map(({ rule }) => rule).filter(({ action }) => action === 'Drop')
  return {
    direction,
    who: endText(own, ownParty),
    answer,
    deciding,
    alsoAllowing: decisions
      .matching(rules, otherParty, question.traffic)
      .filter((rule) => rule.action === 'Allow' && !decisive.has(rule)),
    remedy:
      answer === 'Allowed'
        ? undefined
        : remedyFor({
            vpc,
            direction,
            groups: groupsOf(own, ownParty),
            denying,
            asked: question.asked,
            other,
            wholeOther,
            otherGroups: groupsOf(other, otherParty),
          }),
  }
}

/** The groups that every one of these addresses has; instances of a party may differ in those that no rule names. */
function groupsOf({ addresses }: End, { members }: Party): readonly GroupNode[] {
  const owners = members.filter(({ address }) => addresses.contains(address))
  const [first, ...more] = owners.map(({ instance }) => instance.signature.groups)
  return (first ?? []).filter((group) => more.every((groups) => groups.includes(group)))
}

function answerOf(allowed: Traffic, asked: Traffic): Answer {
  if (TRAFFIC.isEmpty(allowed)) return 'Denied'
  return TRAFFIC.equals(allowed, asked) ? 'Allowed' : 'Partly'
}
