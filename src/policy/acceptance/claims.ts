import type { Instance } from '../../api/types.gen.ts'
import { displayKey, type ObjectKey } from '../../core/key.ts'
import { claimCount, ClaimTable, type ClaimSet } from './claim-table.ts'
import type { Entry } from './entry.ts'
import { finding, NO_FINDINGS, type Finding } from './finding.ts'

/** An instance that wants what its declared version claims, and what else was found of that. */
export interface Claimant {
  readonly entry: Entry
  readonly instance: Instance
  readonly claims: ClaimSet
  readonly findings: readonly Finding[]
}

/**
 * Who holds which address of which VPC, and which attachment point.
 *
 * Of two instances that want one address, the one that has it in force keeps it; of two newcomers
 * the older gets it. Instances may exchange addresses in one change: what its holder gives up with
 * an accepted version is free.
 */
export class Claims {
  readonly #holders = new ClaimTable<Entry>()

  /** Records what an instance in force holds. */
  hold(entry: Entry): void {
    const { claims } = entry
    for (let index = 0; index < claimCount(claims); index += 1) this.#holders.set(claims, index, entry)
  }

  /** Records that an instance in force holds something else than before; a newcomer has taken it already. */
  change(entry: Entry, claims: ClaimSet): void {
    if (entry.claims === claims) return
    this.release(entry)
    entry.claims = claims
    this.hold(entry)
  }

  release(entry: Entry): void {
    this.#holders.release(entry.claims, entry)
  }

  /** Holds all that a newcomer claims, or nothing where somebody has any of it, and says who. */
  take({ entry, instance, claims }: Claimant): readonly Finding[] {
    let findings = NO_FINDINGS
    for (let index = 0; index < claimCount(claims); index += 1) {
      const holder = this.#holders.claim(claims, index, entry)
      if (holder !== entry) findings = [...findings, taken(instance, index, holder.key)]
    }
    if (findings.length === 0) entry.claims = claims
    else this.#holders.release(claims, entry)
    return findings
  }

  /**
   * Which of the candidates, in the order of their age, cannot have what they claim. One that is refused keeps what it
   * holds, which may refuse another: hence the rounds, each of which finds at least one more that keeps something.
   * Who holds nothing is asked anew in each, since what refused it may be refused by then.
   */
  conflicts(candidates: readonly Claimant[]): ReadonlyMap<ObjectKey, readonly Finding[]> {
    const refused = new Map<ObjectKey, readonly Finding[]>()
    for (let left = candidates; ;) {
      const { found, inVain } = this.#settle(left)
      for (const [{ key }, findings] of found) refused.set(key, findings)
      if (inVain.size === 0 || found.size === inVain.size) return refused
      // What stood against these is refused itself, so they are judged again without it.
      left = left.filter(({ entry }) => !found.has(entry) || inVain.has(entry))
      for (const { key } of inVain) refused.delete(key)
    }
  }

  /** What refuses whom; `inVain`: those that nothing stands against once all of these are refused. */
  #settle(candidates: readonly Claimant[]): { found: Map<Entry, readonly Finding[]>; inVain: Set<Entry> } {
    const keeping = new Map<Entry, readonly Finding[]>()
    const inVain = new Set<Entry>()
    for (const { entry } of candidates) entry.isMoving = true
    for (;;) {
      const { wanted, found } = this.#round(candidates)
      const more = [...found].filter(([entry]) => claimCount(entry.claims) > 0)
      for (const [entry, findings] of more) {
        keeping.set(entry, findings)
        entry.isMoving = false
      }
      if (more.length > 0) continue
      for (const candidate of candidates) {
        const { entry, claims } = candidate
        const first = keeping.get(entry)
        if (first === undefined) continue
        const last = this.#against(candidate, (index) => wanted.get(claims, index))
        if (last.length === 0) inVain.add(entry)
        found.set(entry, last.length === 0 ? first : last)
      }
      for (const { entry } of candidates) entry.isMoving = false
      return { found, inVain }
    }
  }

  /** Who gets what, and what refuses the others, if all that move give up what they hold. */
  #round(candidates: readonly Claimant[]): {
    wanted: ClaimTable<Entry>
    found: Map<Entry, readonly Finding[]>
  } {
    const wanted = new ClaimTable<Entry>()
    for (const { entry, claims } of this.#holders.isEmpty ? [] : candidates) {
      if (!entry.isMoving) continue
      for (let index = 0; index < claimCount(claims); index += 1) {
        if (this.#holders.get(claims, index) === entry) wanted.set(claims, index, entry)
      }
    }
    const found = new Map<Entry, readonly Finding[]>()
    for (const candidate of candidates) {
      const { entry, claims } = candidate
      if (!entry.isMoving) continue
      const findings = this.#against(candidate, (index) => wanted.claim(claims, index, entry))
      if (findings.length === 0) continue
      // One that does not get all takes nothing.
      wanted.release(claims, entry)
      found.set(entry, findings)
    }
    return { wanted, found }
  }

  /** Who has what a candidate claims: one that keeps it, or whoever `next` names of those that move. */
  #against(
    { entry, instance, claims }: Claimant,
    next: (index: number) => Entry | undefined,
  ): readonly Finding[] {
    let findings = NO_FINDINGS
    for (let index = 0; index < claimCount(claims); index += 1) {
      const holder = this.#holders.get(claims, index)
      const kept = holder !== undefined && !holder.isMoving ? holder : (next(index) ?? entry)
      if (kept !== entry) findings = [...findings, taken(instance, index, kept.key)]
    }
    return findings
  }
}

/** The claim after the last address is the attachment point. */
function taken(instance: Instance, index: number, holder: ObjectKey): Finding {
  const address = instance.spec.addresses?.[index]
  const hint = (what: string): string => `choose another ${what}, or take it away from ${displayKey(holder)}`
  if (address === undefined) {
    const problem = `the attachment point belongs to ${displayKey(holder)}`
    return finding('AttachmentTaken', instance, ['spec', 'attachment'], problem, { hint: hint('one') })
  }
  const problem = `${address} belongs to ${displayKey(holder)}`
  return finding('AddressTaken', instance, ['spec', 'addresses', index], problem, { hint: hint('address') })
}
