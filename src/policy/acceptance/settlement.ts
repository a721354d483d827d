import { claimCount, ClaimTable, hasClaim, type ClaimSet } from './claim-table.ts'
import { taken, type Claimant } from './claimant.ts'
import type { Entry } from './entry.ts'
import { NO_FINDINGS, type Finding } from './finding.ts'

/**
 * Who of some instances gets what it claims, where they compete, exchange or wait for each other. One that is refused
 * keeps what it holds, and who holds nothing takes nothing from anybody by being refused.
 *
 * First those are refused that want what somebody keeps in any case, and all that depend on them. Then whoever exchanges
 * nothing but what they hold get it: nobody else could have any of it. Then the rest by their age, each together with all
 * that have to leave something for it: these get all that they want, or it is refused.
 */
export class Settlement {
  readonly #holders: ClaimTable<Entry>
  readonly #moving: ReadonlyMap<Entry, Claimant>
  /** By holder: who cannot move unless that one does. */
  readonly #dependants = new Map<Entry, Entry[]>()
  readonly #refused = new Set<Entry>()
  readonly #granted = new Set<Entry>()
  /** What those get that have been granted what they want. */
  readonly #given = new ClaimTable<Entry>()

  /** `candidates` in the order of their age; `holders`: who holds what in force. */
  constructor(holders: ClaimTable<Entry>, candidates: readonly Claimant[]) {
    this.#holders = holders
    this.#moving = new Map(candidates.map((candidate) => [candidate.entry, candidate]))
    for (const candidate of candidates) this.#depend(candidate)
    if (this.#dependants.size > 0) this.#grantRings(candidates)
    for (const { entry } of candidates) {
      if (this.#refused.has(entry) || this.#granted.has(entry)) continue
      if (!this.#grant(entry)) this.#refuse(entry)
    }
  }

  /** Who has what a candidate does not get; nothing where it gets all. */
  against({ entry, instance, claims }: Claimant): readonly Finding[] {
    if (!this.#refused.has(entry)) return NO_FINDINGS
    let findings = NO_FINDINGS
    for (const index of indicesOf(claims)) {
      const holder = this.#holders.get(claims, index)
      const hasLeft = holder === undefined || this.#granted.has(holder)
      const owner = hasLeft ? this.#given.get(claims, index) : holder
      if (owner !== undefined && owner !== entry) findings = [...findings, taken(instance, index, owner.key)]
    }
    return findings
  }

  #depend({ entry, claims }: Claimant): void {
    for (const index of indicesOf(claims)) {
      const holder = this.#holders.get(claims, index)
      if (holder === undefined || holder === entry) continue
      const next = this.#moving.get(holder)?.claims
      if (next === undefined || hasClaim(next, claims, index) || this.#refused.has(holder)) {
        this.#refuse(entry)
      } else {
        const dependants = this.#dependants.get(holder)
        if (dependants === undefined) this.#dependants.set(holder, [entry])
        else dependants.push(entry)
      }
    }
  }

  /** Refuses one, and all that would need what it keeps by that. */
  #refuse(entry: Entry): void {
    const refused = [entry]
    for (let one = refused.pop(); one !== undefined; one = refused.pop()) {
      if (this.#refused.has(one)) continue
      this.#refused.add(one)
      for (const dependant of this.#dependants.get(one) ?? []) refused.push(dependant)
    }
  }

  /** Follows from each the one whose place it takes, as far as that is only one, until that leads back. */
  #grantRings(candidates: readonly Claimant[]): void {
    const seen = new Set<Entry>()
    for (const { entry: start } of candidates) {
      const path = new Set<Entry>()
      let at: Entry | undefined = start
      while (at !== undefined && !seen.has(at)) {
        seen.add(at)
        path.add(at)
        at = this.#predecessor(at)
      }
      if (at !== undefined && path.has(at)) this.#grant(at)
    }
  }

  /** Who holds all that one wants and does not hold. */
  #predecessor(entry: Entry): Entry | undefined {
    const candidate = this.#moving.get(entry)
    if (candidate === undefined || this.#refused.has(entry)) return undefined
    const { claims } = candidate
    const holders = new Set(indicesOf(claims).map((index) => this.#holders.get(claims, index)))
    holders.delete(entry)
    const [only] = holders
    return holders.size === 1 ? only : undefined
  }

  /** Gives one all that it wants, together with all that have to leave something for it; or nothing to anybody. */
  #grant(entry: Entry): boolean {
    const together = new Set([entry])
    const isGranted = this.#giveAll(together)
    for (const one of together) {
      const candidate = this.#moving.get(one)
      if (isGranted) this.#granted.add(one)
      else if (candidate !== undefined) this.#given.release(candidate.claims, one)
    }
    return isGranted
  }

  /** `together` grows while it is gone through: by whoever has to leave something for another of them. */
  #giveAll(together: Set<Entry>): boolean {
    for (const one of together) {
      const claims = this.#moving.get(one)?.claims
      if (claims === undefined) return false
      for (const index of indicesOf(claims)) {
        if (this.#given.claim(claims, index, one) !== one) return false
        const holder = this.#holders.get(claims, index)
        if (holder !== undefined && holder !== one && !this.#granted.has(holder)) together.add(holder)
      }
    }
    return true
  }
}

const indicesOf = (claims: ClaimSet): number[] =>
  Array.from({ length: claimCount(claims) }, (_, index) => index)
