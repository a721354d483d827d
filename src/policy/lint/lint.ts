import { keyOf, type PalisadeObject } from '../../api/objects.ts'
import type { Diagnostic } from '../../core/diagnostic.ts'
import { displayKey } from '../../core/key.ts'
import { nearest } from '../../core/nearest.ts'
import type { Model } from '../model/model.ts'
import { IGNORE_CODES, isLintCode, LINT_CHECKS, type LintCode } from './lint-checks.ts'
import { IGNORE_ANNOTATION, ignoreEntries } from './lint-ignore.ts'
import { lintWorld } from './world.ts'

/** A finding, and why nobody need act on it, where an annotation says so. */
export interface LintResult {
  readonly finding: Diagnostic
  readonly reason?: string
}

/** Everything that lint finds in what is in force, what annotations silence included. In a stable order. */
export function lint(model: Model): readonly LintResult[] {
  const world = lintWorld(model)
  const found = Object.entries(LINT_CHECKS).flatMap(([code, { severity, find }]) =>
    [...find(world)].map((one): Diagnostic => ({ code, severity, ...one })),
  )
  const ignored = [...model.objects()].map((object) => new Ignored(object))
  const ofObject = new Map(ignored.map((one) => [one.key, one]))
  const results = found.map((finding): LintResult => {
    const reason = ofObject.get(finding.object ?? '')?.reasonFor(finding.code)
    return reason === undefined ? { finding } : { finding, reason }
  })
  const about = ignored.flatMap((one) => one.findings()).map((finding) => ({ finding }))
  return [...results, ...about].sort(byObject)
}

function byObject(a: LintResult, b: LintResult): number {
  const [left, right] = [orderOf(a), orderOf(b)]
  return left < right ? -1 : Number(left > right)
}

const orderOf = ({ finding }: LintResult): string =>
  [finding.object, JSON.stringify(finding.path), finding.code, finding.message].join('|')

/** What one object asks to be silent about. */
class Ignored {
  readonly key: string
  readonly #object: PalisadeObject
  readonly #used = new Set<string>()

  constructor(object: PalisadeObject) {
    this.key = keyOf(object)
    this.#object = object
  }

  reasonFor(code: string): string | undefined {
    const entry = ignoreEntries(this.#object).find((one) => one.code === code && one.reason !== '')
    if (entry !== undefined) this.#used.add(code)
    return entry?.reason
  }

  /** To be asked when every finding has been held against it. */
  findings(): readonly Diagnostic[] {
    return ignoreEntries(this.#object).flatMap(({ code, reason }) => {
      if (!isLintCode(code)) {
        const meant = nearest(code, Object.keys(LINT_CHECKS))
        const hint = meant === undefined ? 'docs/reference/lint.md lists the codes' : `did you mean ${meant}?`
        return [this.#finding('IgnoreUnknown', `${code} is no code of lint`, hint)]
      }
      if (reason === '') {
        const problem = `${code} is not silenced, since no reason is given`
        return [this.#finding('IgnoreWithoutReason', problem, `write "${code}: " and the reason`)]
      }
      if (this.#used.has(code)) return []
      return [this.#finding('IgnoreUnused', `${code} finds nothing here`, 'remove the entry')]
    })
  }

  #finding(code: keyof typeof IGNORE_CODES & LintCode, problem: string, hint: string): Diagnostic {
    return {
      code,
      severity: IGNORE_CODES[code].severity,
      message: `${displayKey(this.key)}: ${IGNORE_ANNOTATION}: ${problem}`,
      hint,
      object: this.key,
      path: ['metadata', 'annotations', IGNORE_ANNOTATION],
    }
  }
}
