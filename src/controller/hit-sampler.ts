import type { EffectiveRule } from '../api/types.gen.ts'
import { canonicalJson, digestText } from '../core/digest.ts'
import type { ObjectKey } from '../core/key.ts'
import { FirewallError, type Firewall, type RuleSetHits } from '../firewall/firewall.ts'
import type { RuleSet } from '../policy/ruleset.ts'
import type { CountedRule, CountedRuleSet, HitNote } from '../store/store.ts'

/** Hits are counted by the kernel and looked at this often, so the time of the last one is known to so much. */
export const SAMPLE_EVERY_MS = 10_000

/** A large table takes seconds to list: at most so much of one processor's time goes into that. */
const LARGEST_SHARE = 0.05

export interface HitSamplerOptions {
  readonly firewall: Firewall
  readonly note: HitNote
  readonly now: () => Date
}

/** Notes again and again what every rule has counted, and by that when each was last hit. */
export class HitSampler {
  readonly #options: HitSamplerOptions
  #last: ReadonlyMap<ObjectKey, CountedRuleSet> | undefined
  readonly #ids = new WeakMap<RuleSet, readonly string[]>()

  constructor(options: HitSamplerOptions) {
    this.#options = options
  }

  /** Takes one sample; returns in how many milliseconds the next is due. A firewall that fails is asked again then. */
  async sample(): Promise<number> {
    const { firewall, note, now } = this.#options
    const last = this.#last ?? byInstance(note.read()?.ruleSets ?? [])
    const start = now()
    const counters = await unlessFailing(() => firewall.counters())
    if (counters === undefined || (counters.length === 0 && last.size === 0)) return SAMPLE_EVERY_MS
    const end = now()
    const due = Math.max(SAMPLE_EVERY_MS, (end.getTime() - start.getTime()) / LARGEST_SHARE)
    const ruleSets = counters.map((counted) => this.#timed(counted, last, end.toISOString()))
    this.#last = byInstance(ruleSets)
    await note.write({ at: end.toISOString(), everySeconds: Math.round(due / 1000), ruleSets })
    return due
  }

  #timed(
    { instances, ruleSet, ingress, egress }: RuleSetHits,
    last: ReadonlyMap<ObjectKey, CountedRuleSet>,
    now: string,
  ): CountedRuleSet {
    const before = instances.map((key) => last.get(key)).find((one) => one !== undefined)
    const rulesBefore = new Map(before?.rules.map((rule) => [rule.id, rule]))
    const hits = [...ingress, ...egress]
    const rules = this.#idsOf(ruleSet).map((id, index) => {
      const { packets, bytes } = hits[index] ?? { packets: 0, bytes: 0 }
      return timed({ id, packets, bytes }, rulesBefore.get(id), before === undefined ? undefined : now)
    })
    return { instances, rules }
  }

  #idsOf(ruleSet: RuleSet): readonly string[] {
    const known = this.#ids.get(ruleSet)
    if (known !== undefined) return known
    const { ingress, egress } = ruleSet
    const ids = [
      ...ingress.map((rule) => ruleId(rule, 'Ingress')),
      ...egress.map((rule) => ruleId(rule, 'Egress')),
    ]
    this.#ids.set(ruleSet, ids)
    return ids
  }
}

/** The same for the same rule in the same direction, whatever others there are. */
export function ruleId(rule: EffectiveRule, direction: 'Ingress' | 'Egress'): string {
  return digestText(`${direction} ${canonicalJson(rule)}`).slice('sha256:'.length, 'sha256:'.length + 24)
}

/** `now` is undefined where nobody has looked before: it is then not known when the rule was hit. */
function timed(rule: CountedRule, before: CountedRule | undefined, now: string | undefined): CountedRule {
  const since = before?.packets ?? 0
  // Fewer than before: the rule was programmed anew and has counted from nothing.
  const isHit = rule.packets > since || (rule.packets < since && rule.packets > 0)
  const lastHit = isHit ? now : before?.lastHit
  return lastHit === undefined ? rule : { ...rule, lastHit }
}

function byInstance(ruleSets: readonly CountedRuleSet[]): ReadonlyMap<ObjectKey, CountedRuleSet> {
  return new Map(ruleSets.flatMap((ruleSet) => ruleSet.instances.map((key) => [key, ruleSet] as const)))
}

async function unlessFailing<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof FirewallError) return undefined
    throw error
  }
}
