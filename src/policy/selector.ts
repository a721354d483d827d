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

/** Labels as one text, unambiguous whatever they hold since lengths say where each ends; JSON would take twice the time. */
export function labelIdentity(labels: Labels): string {
  const keys = Object.keys(labels)
  if (keys.length > 1) keys.sort()
  let text = ''
  for (const key of keys) {
    const value = labels[key] ?? ''
    text += `${String(key.length)}:${key}${String(value.length)}:${value}`
  }
  return text
}

/** Shared: a group that selects every instance is in most VPCs. */
const EVERYTHING: CompiledSelector = { identity: labelIdentity({}), anchors: undefined, matches: () => true }

export function compileSelector(selector: LabelSelector): CompiledSelector {
  if (selector.matchLabels === undefined && selector.matchExpressions === undefined) return EVERYTHING
  return new Selector(selector)
}

/** Computes its anchors when asked, since a network has tens of thousands of selectors and few ask again. */
class Selector implements CompiledSelector {
  readonly identity: string
  readonly #labels: Labels
  readonly #keys: readonly string[]
  readonly #requirements: readonly LabelSelectorRequirement[]

  constructor({ matchLabels = {}, matchExpressions = NO_REQUIREMENTS }: LabelSelector) {
    this.#labels = matchLabels
    this.#keys = Object.keys(matchLabels)
    this.#requirements = matchExpressions
    this.identity = selectorIdentity(matchLabels, matchExpressions)
  }

  get anchors(): readonly string[] | undefined {
    const [first] = this.#keys
    if (first !== undefined) return [labelPair(first, this.#labels[first] ?? '')]
    const choice = this.#requirements.find(({ operator }) => operator === 'In')
    return choice?.values?.map((value) => labelPair(choice.key, value))
  }

  matches(labels: Labels): boolean {
    for (const key of this.#keys) if (valueOf(labels, key) !== this.#labels[key]) return false
    for (const requirement of this.#requirements) if (!satisfies(labels, requirement)) return false
    return true
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

function selectorIdentity(matchLabels: Labels, requirements: readonly LabelSelectorRequirement[]): string {
  const labels = labelIdentity(matchLabels)
  if (requirements.length === 0) return labels
  const canonical = requirements.map((requirement) =>
    canonicalJson({ ...requirement, values: [...(requirement.values ?? [])].sort() }),
  )
  return canonicalJson({ labels, requirements: canonical.sort() })
}
