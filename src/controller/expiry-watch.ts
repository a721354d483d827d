import type { Diagnostic } from '../core/diagnostic.ts'
import { displayKey, type ObjectKey } from '../core/key.ts'
import { formatMoment, type Moment } from '../core/moment.ts'
import { endingRules, type EndingRule } from '../policy/expiry.ts'
import type { Model } from '../policy/model/model.ts'
import type { ControllerCode } from './codes.ts'

const HOUR_MS = 3_600_000

/** How long beforehand it is said that a rule will close: a day, to renew it in calm, and an hour. Nearest first. */
const NOTICES = [
  { ahead: HOUR_MS, text: 'within an hour' },
  { ahead: 24 * HOUR_MS, text: 'within a day' },
] as const

/** What time does to the rules in force, as of one moment. */
interface Review {
  /** Groups of which something else is to be said than before. */
  readonly changed: readonly ObjectKey[]
  /** The latest end that has passed; undefined when none has. */
  readonly ended: Moment | undefined
  /** When something will end, or there will be something to say; undefined: never. */
  readonly next: Moment | undefined
}

/** Says which rules will expire and which have. */
export class ExpiryWatch {
  readonly #model: Model
  #findings: ReadonlyMap<ObjectKey, readonly Diagnostic[]> = new Map()

  constructor(model: Model) {
    this.#model = model
  }

  findings(group: ObjectKey): readonly Diagnostic[] {
    return this.#findings.get(group) ?? []
  }

  review(now: Moment): Review {
    const before = this.#findings
    const findings = new Map<ObjectKey, readonly Diagnostic[]>()
    const ends: Moment[] = []
    for (const { key, object } of this.#model.endingGroups()) {
      const ending = endingRules(object)
      for (const { end } of ending) ends.push(end)
      const found = ending.flatMap((rule) => findingOf(key, rule, now) ?? [])
      if (found.length > 0) findings.set(key, found)
    }
    this.#findings = findings
    const moments = ends.flatMap((end) => [end, ...NOTICES.map(({ ahead }) => end - ahead)])
    const keys = new Set([...before.keys(), ...findings.keys()])
    return {
      changed: [...keys].filter((key) => textOf(before.get(key)) !== textOf(findings.get(key))),
      ended: ends.filter((end) => end <= now).reduce(later, undefined),
      next: moments.filter((moment) => moment > now).reduce(earlier, undefined),
    }
  }
}

function findingOf(group: ObjectKey, { rule, end, path }: EndingRule, now: Moment): Diagnostic | undefined {
  const about = { severity: 'warning', object: group, path } as const
  const subject = `${displayKey(group)}: rule ${rule.name}`
  if (end <= now) {
    return {
      ...about,
      code: 'RuleExpired' satisfies ControllerCode,
      message: `${subject} has expired at ${formatMoment(end)} and contributes nothing`,
      hint: 'remove it, or give it a later time if it is still needed',
    }
  }
  const notice = NOTICES.find(({ ahead }) => end - ahead <= now)
  if (notice === undefined) return undefined
  return {
    ...about,
    code: 'RuleExpiresSoon' satisfies ControllerCode,
    message: `${subject} will close ${notice.text}, at ${formatMoment(end)}`,
    hint: 'give it a later time if it is needed longer',
  }
}

const textOf = (findings: readonly Diagnostic[] | undefined): string => JSON.stringify(findings ?? [])

const later = (a: Moment | undefined, b: Moment): Moment => (a === undefined || b > a ? b : a)

const earlier = (a: Moment | undefined, b: Moment): Moment => (a === undefined || b < a ? b : a)
