import type { LabelSelector, LabelSelectorRequirement } from '../api/types.gen.ts'
import { canonicalJson } from '../core/digest.ts'

export type Labels = Readonly<Record<string, string>>

/** A label selector, ready to be matched. Semantics: Kubernetes' LabelSelector; `{}` matches everything. */
export interface CompiledSelector {
  /** Equal for selectors that were written alike up to order; groups with one identity share matching. */
  readonly identity: string
  /**
   * Label pairs of which a match has at least one, as `key=value`; undefined when no such pair is
   * known and every label set has to be tried.
   */
  readonly anchors: readonly string[] | undefined
  matches(labels: Labels): boolean
}

/** A pair as the index spells it. Pairs only find candidates, so an odd key can do no harm. */
export function labelPair(key: string, value: string): string {
  return `${key}=${value}`
}

/** Pairs as one text, unambiguous whatever they hold since lengths say where each ends; JSON would take twice the time. */
export function pairsIdentity(pairs: readonly (readonly [key: string, value: string])[]): string {
  let text = ''
  for (const [key, value] of pairs) text += `${key.length}:${key}${value.length}:${value}`
  return text
}

/** Shared: a group that selects every instance is in most VPCs. */
const EVERYTHING: CompiledSelector = { identity: pairsIdentity([]), anchors: undefined, matches: () => true }

export function compileSelector(selector: LabelSelector): CompiledSelector {
  if (selector.matchLabels === undefined && selector.matchExpressions === undefined) return EVERYTHING
  return new Selector(selector)
}

/** Computes its anchors when asked, since a network has tens of thousands of selectors and few ask again. */
class Selector implements CompiledSelector {
  readonly identity: string
  readonly #pairs: readonly (readonly [key: string, value: string])[]
  readonly #requirements: readonly LabelSelectorRequirement[]

  constructor({ matchLabels = {}, matchExpressions = NO_REQUIREMENTS }: LabelSelector) {
    const pairs = Object.entries(matchLabels)
    this.#pairs = pairs.length > 1 ? pairs.sort(([a], [b]) => (a < b ? -1 : 1)) : pairs
    this.#requirements = matchExpressions
    this.identity = selectorIdentity(pairs, matchExpressions)
  }

  get anchors(): readonly string[] | undefined {
    return selectorAnchors(this.#pairs, this.#requirements)
  }

  matches(labels: Labels): boolean {
    return (
      this.#pairs.every(([key, value]) => valueOf(labels, key) === value) &&
      this.#requirements.every((requirement) => satisfies(labels, requirement))
    )
  }
}

const NO_REQUIREMENTS: readonly LabelSelectorRequirement[] = []

/** A label may be called `constructor`, which every object inherits; only its own labels are an instance's. */
function valueOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}

function satisfies(labels: Labels, { key, operator, values = [] }: LabelSelectorRequirement): boolean {
  const value = valueOf(labels, key)
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
  }
}

function selectorIdentity(
  pairs: readonly (readonly [key: string, value: string])[],
  requirements: readonly LabelSelectorRequirement[],
): string {
  if (requirements.length === 0) return pairsIdentity(pairs)
  const canonical = requirements.map((requirement) =>
    canonicalJson({ ...requirement, values: [...(requirement.values ?? [])].sort() }),
  )
  return canonicalJson({ pairs, requirements: canonical.sort() })
}

function selectorAnchors(
  pairs: readonly (readonly [key: string, value: string])[],
  requirements: readonly LabelSelectorRequirement[],
): readonly string[] | undefined {
  const [first] = pairs
  if (first !== undefined) return [labelPair(...first)]
  const choice = requirements.find(({ operator }) => operator === 'In')
  return choice?.values?.map((value) => labelPair(choice.key, value))
}
