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
  const [only] = keys
  if (only !== undefined && keys.length === 1) return pairIdentity(only, labels[only] ?? '')
  return keys.map((key) => pairIdentity(key, labels[key] ?? '')).join(':')
}

/** Joined, as keys of objects are. */
function pairIdentity(key: string, value: string): string {
  return [key.length, key, value.length, value].join(':')
}

/** Shared: a group that selects every instance is in most VPCs. */
const EVERYTHING: CompiledSelector = { identity: labelIdentity({}), anchors: undefined, matches: () => true }

export function compileSelector(selector: LabelSelector): CompiledSelector {
  return isEverything(selector) ? EVERYTHING : new Selector(selectorIdentity(selector), selector)
}

/** Compiles what is written alike once: many VPCs are cast in one mould. Forgets it all when told to. */
export class SelectorCompiler {
  readonly #known = new Map<string, CompiledSelector>()

  compile(selector: LabelSelector): CompiledSelector {
    if (isEverything(selector)) return EVERYTHING
    const identity = selectorIdentity(selector)
    const known = this.#known.get(identity)
    if (known !== undefined) return known
    const compiled = new Selector(identity, withOwnTexts(selector))
    this.#known.set(identity, compiled)
    return compiled
  }

  forget(): void {
    this.#known.clear()
  }
}

function isEverything({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return matchLabels === undefined && matchExpressions === undefined
}

/** A parser cuts texts out of the file, all of which each of them keeps; others may use the selector when that file is gone. */
function withOwnTexts({ matchLabels, matchExpressions }: LabelSelector): LabelSelector {
  const labels = Object.entries(matchLabels ?? NO_LABELS).map(
    ([key, value]) => [key, ownText(value)] as const,
  )
  return {
    ...(matchLabels && { matchLabels: Object.fromEntries(labels) }),
    ...(matchExpressions && {
      matchExpressions: matchExpressions.map(({ key, operator, values }) => ({
        key: ownText(key),
        operator,
        ...(values && { values: values.map(ownText) }),
      })),
    }),
  }
}

/** The same text, cut out of nothing but itself. */
const ownText = (text: string): string => ` ${text}`.slice(1)

/** Computes its anchors when asked, since a network has tens of thousands of selectors and few ask again. */
class Selector implements CompiledSelector {
  readonly identity: string
  readonly #labels: Labels
  readonly #keys: readonly string[]
  readonly #requirements: readonly LabelSelectorRequirement[]

  constructor(
    identity: string,
    { matchLabels = NO_LABELS, matchExpressions = NO_REQUIREMENTS }: LabelSelector,
  ) {
    this.#labels = matchLabels
    this.#keys = Object.keys(matchLabels)
    this.#requirements = matchExpressions
    this.identity = identity
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

const NO_LABELS: Labels = {}
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

function selectorIdentity({
  matchLabels = NO_LABELS,
  matchExpressions = NO_REQUIREMENTS,
}: LabelSelector): string {
  const labels = labelIdentity(matchLabels)
  if (matchExpressions.length === 0) return labels
  const canonical = matchExpressions.map((requirement) =>
    canonicalJson({ ...requirement, values: [...(requirement.values ?? [])].sort() }),
  )
  return canonicalJson({ labels, requirements: canonical.sort() })
}
