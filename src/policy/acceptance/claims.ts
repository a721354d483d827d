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
   * Which of the candidates, in the order of their age, cannot have what they claim. A refused one
   * keeps what it holds, which may refuse another: hence the rounds, each of which refuses at least one.
   */
  conflicts(candidates: readonly Claimant[]): ReadonlyMap<ObjectKey, readonly Finding[]> {
    const refused = new Map<ObjectKey, readonly Finding[]>()
    for (const { entry } of candidates) entry.isMoving = true
    for (let before = -1; refused.size !== before;) {
      before = refused.size
      const round = this.#round(candidates)
      for (const [{ key }, findings] of round) refused.set(key, findings)
      for (const entry of round.keys()) entry.isMoving = false
    }
    for (const { entry } of candidates) entry.isMoving = false
    return refused
  }

  #round(candidates: readonly Claimant[]): ReadonlyMap<Entry, readonly Finding[]> {
    const wanted = new ClaimTable<Entry>()
    for (const { entry, claims } of this.#holders.isEmpty ? [] : candidates) {
      if (!entry.isMoving) continue
      for (let index = 0; index < claimCount(claims); index += 1) {
        if (this.#holders.get(claims, index) === entry) wanted.set(claims, index, entry)
      }
    }
    const found = new Map<Entry, readonly Finding[]>()
    for (const candidate of candidates) {
      const findings = candidate.entry.isMoving ? this.#settle(candidate, wanted) : NO_FINDINGS
      if (findings.length > 0) found.set(candidate.entry, findings)
    }
    return found
  }

  /** Takes what is free for a candidate, or nothing where somebody has any of it, and says who. */
  #settle({ entry, instance, claims }: Claimant, wanted: ClaimTable<Entry>): readonly Finding[] {
    let findings = NO_FINDINGS
    for (let index = 0; index < claimCount(claims); index += 1) {
      const holder = this.#holders.get(claims, index)
      const kept = holder !== undefined && !holder.isMoving ? holder : wanted.claim(claims, index, entry)
      if (kept !== entry) findings = [...findings, taken(instance, index, kept.key)]
    }
    if (findings.length > 0) wanted.release(claims, entry)
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
