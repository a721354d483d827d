import { ruleId } from '../controller/hit-sampler.ts'
import { displayKey, type ObjectKey } from '../core/key.ts'
import type { Model } from '../policy/model/model.ts'
import type { CountedRule, HitSample } from '../store/store.ts'

/** What the rules of one instance have counted, each in the place of its rule; undefined: not looked at yet. */
export interface CountedRules {
  /** RFC 3339. */
  readonly countedAt: string
  readonly everySeconds: number
  /** How many other instances count into the same rules. */
  readonly others: number
  readonly ingress: readonly (RuleHits | undefined)[]
  readonly egress: readonly (RuleHits | undefined)[]
}

export type RuleHits = Omit<CountedRule, 'id'>

/** A sentence where nothing counts the rules of this instance. */
export function countedRules(
  key: ObjectKey,
  model: Model,
  sample: HitSample | undefined,
): CountedRules | string {
  if (sample === undefined) {
    return 'nothing has been counted: palisade run --firewall nft and lab up count'
  }
  const programmed = model.instanceRuleset(key)
  const counted = sample.ruleSets.find(({ instances }) => instances.includes(key))
  if (programmed === undefined || counted === undefined) {
    return `${displayKey(key)} had not been enforced when hits were last counted, at ${sample.at}`
  }
  const byId = new Map(counted.rules.map(({ id, ...hits }) => [id, hits]))
  const { ingress, egress } = programmed.ruleSet
  return {
    countedAt: sample.at,
    everySeconds: sample.everySeconds,
    others: counted.instances.length - 1,
    ingress: ingress.map((rule) => byId.get(ruleId(rule, 'Ingress'))),
    egress: egress.map((rule) => byId.get(ruleId(rule, 'Egress'))),
  }
}
