import type { ObjectKey } from '../../core/key.ts'
import { claimCount, ClaimTable, type ClaimSet } from './claim-table.ts'
import { taken, type Claimant } from './claimant.ts'
import type { Entry } from './entry.ts'
import { NO_FINDINGS, type Finding } from './finding.ts'
import { Settlement } from './settlement.ts'

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

  /** Which of the candidates, in the order of their age, cannot have what they claim, and who has it. */
  conflicts(candidates: readonly Claimant[]): ReadonlyMap<ObjectKey, readonly Finding[]> {
    const settlement = new Settlement(this.#holders, candidates)
    const refused = new Map<ObjectKey, readonly Finding[]>()
    for (const candidate of candidates) {
      const findings = settlement.against(candidate)
      if (findings.length > 0) refused.set(candidate.entry.key, findings)
    }
    return refused
  }
}
