import type { EffectiveRule, InstanceStatus } from '../../api/types.gen.ts'
import { objectKey, parseKey, type ObjectKey } from '../../core/key.ts'
import type { Model } from '../../policy/model/model.ts'
import type { RuleSet } from '../../policy/ruleset.ts'

/** A remote group is listed with its addresses up to this many; beyond, it is counted roughly. */
export const LISTED_ADDRESSES = 16

/**
 * Most bytes of JSON that the rules of one direction take in a status. Two directions and the rest
 * stay under 256 KiB, well under the 1.5 MB that an API server stores.
 */
const RULES_BYTES = 120 * 1024

type ListedRules = Required<InstanceStatus>['effectiveRules']

/** The rules of instances as status shows them; instances with one rule set share one text. */
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
    return {
      digest: ruleSet.digest,
      ...(ingress.length < ruleSet.ingress.length && { ingressCount: ruleSet.ingress.length }),
      ...(egress.length < ruleSet.egress.length && { egressCount: ruleSet.egress.length }),
      ingress,
      egress,
    }
  }

  #cut(namespace: string, rules: readonly EffectiveRule[]): readonly EffectiveRule[] {
    const listed: EffectiveRule[] = []
    let bytes = 0
    for (const rule of rules) {
      const resolved = resolveRemote(rule, namespace, this.#model, this.#listedAddresses)
      bytes += Buffer.byteLength(JSON.stringify(resolved))
      if (bytes > RULES_BYTES) break
      listed.push(resolved)
    }
    return listed
  }
}

/** A rule with what its remote stands for: every address where they are few, else about how many. */
export function resolveRemote(
  rule: EffectiveRule,
  namespace: string,
  model: Model,
  listedAddresses: number,
): EffectiveRule {
  const key = remoteKey(rule, namespace)
  if (key === undefined) return rule
  const addresses = model.prefixes(key) ?? []
  const detail =
    addresses.length <= listedAddresses ? { addresses } : { addressCount: roughCount(addresses.length) }
  return { ...rule, remote: { ...rule.remote, ...detail } }
}

function remoteKey({ remote }: EffectiveRule, namespace: string): ObjectKey | undefined {
  if (remote.securityGroup !== undefined) return objectKey('SecurityGroup', namespace, remote.securityGroup)
  if (remote.addressGroup !== undefined) return objectKey('AddressGroup', namespace, remote.addressGroup)
  return undefined
}

/** Rounded down to a power of two, so that one member more does not rewrite every status that names the group. */
export function roughCount(count: number): string {
  return `${String(2 ** Math.floor(Math.log2(count)))}+`
}
