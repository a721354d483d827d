import { effectiveRemoteKey } from '../../api/effective-remotes.ts'
import type { EffectiveRule, InstanceStatus } from '../../api/types.gen.ts'
import { digestText } from '../../core/digest.ts'
import { parseKey, type ObjectKey } from '../../core/key.ts'
import type { Model } from '../../policy/model/model.ts'
import type { RuleSet } from '../../policy/ruleset.ts'
import { cutList, type ListBounds } from './cut-list.ts'

/** A remote group is listed with its addresses up to this many; beyond, it is counted roughly. */
export const LISTED_ADDRESSES = 16

/**
 * What the rules of one direction take in a status. Two directions, the names of the groups (24 KiB) and
 * the conditions stay under 256 KiB, well under the 1.5 MB that an API server stores.
 */
const LISTED_RULES: ListBounds = { items: 4000, bytes: 100 * 1024 }

/** Sources listed of one rule. */
const LISTED_SOURCES = 1000

/** The rules of instances as their status shows them. */
interface ListedRules {
  readonly rules: Required<InstanceStatus>['effectiveRules']
  /** Of all that is shown: the rules alone do not say what their remotes stand for. */
  readonly digest: string
}

/** The rules of instances as status shows them; instances with one rule set share one listing. */
export class RuleListing {
  readonly #model: Model
  readonly #listedAddresses: number
  readonly #known = new Map<string, WeakMap<RuleSet, ListedRules>>()

  constructor(model: Model, listedAddresses: number) {
    this.#model = model
    this.#listedAddresses = listedAddresses
  }

  of(instance: ObjectKey, ruleSet: RuleSet): ListedRules {
    const { namespace } = parseKey(instance)
    let known = this.#known.get(namespace)
    if (known === undefined) {
      known = new WeakMap()
      this.#known.set(namespace, known)
    }
    const listed = known.get(ruleSet) ?? this.#list(namespace, ruleSet)
    known.set(ruleSet, listed)
    return listed
  }

  /** What remotes stand for may have changed. */
  forget(): void {
    this.#known.clear()
  }

  #list(namespace: string, ruleSet: RuleSet): ListedRules {
    const ingress = this.#cut(namespace, ruleSet.ingress)
    const egress = this.#cut(namespace, ruleSet.egress)
    const rules = {
      digest: ruleSet.digest,
      ...(ingress.length < ruleSet.ingress.length && { ingressCount: ruleSet.ingress.length }),
      ...(egress.length < ruleSet.egress.length && { egressCount: ruleSet.egress.length }),
      ingress,
      egress,
    }
    return { rules, digest: digestText(JSON.stringify(rules)) }
  }

  #cut(namespace: string, rules: readonly EffectiveRule[]): readonly EffectiveRule[] {
    return cutList(this.#resolved(namespace, rules), LISTED_RULES)
  }

  /** One by one, since of 10,000 rules a thousand are shown. */
  *#resolved(namespace: string, rules: readonly EffectiveRule[]): Generator<EffectiveRule> {
    for (const rule of rules) {
      const sources = rule.sources.slice(0, LISTED_SOURCES)
      yield resolveRemote({ ...rule, sources }, namespace, this.#model, this.#listedAddresses)
    }
  }
}

/** A rule with what its remote stands for: every address where they are few, else about how many. */
export function resolveRemote(
  rule: EffectiveRule,
  namespace: string,
  model: Model,
  listedAddresses: number,
): EffectiveRule {
  const key = effectiveRemoteKey(rule.remote, namespace)
  if (key === undefined) return rule
  const addresses = model.prefixes(key) ?? []
  const detail =
    addresses.length <= listedAddresses ? { addresses } : { addressCount: roughCount(addresses.length) }
  return { ...rule, remote: { ...rule.remote, ...detail } }
}

/** Rounded down to a power of two, so that one member more does not rewrite every status that names the group. */
export function roughCount(count: number): string {
  return `${String(2 ** Math.floor(Math.log2(count)))}+`
}
