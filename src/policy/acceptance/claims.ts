import { namespaceOf } from '../../api/objects.ts'
import type { Instance } from '../../api/types.gen.ts'
import { displayKey, type ObjectKey } from '../../core/key.ts'
import { canonicalAddress } from '../../net/address.ts'
import type { ClaimList, Entry } from './entry.ts'
import { finding, type Finding } from './finding.ts'

/** An instance that wants what its declared version claims, and what else was found of that. */
export interface Claimant {
  readonly entry: Entry
  readonly instance: Instance
  readonly claims: ClaimList
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
  readonly #holders = new Map<string, Entry>()

  /** Records what an instance in force holds. */
  hold(entry: Entry): void {
    for (const identity of entry.claims) this.#holders.set(identity, entry)
  }

  release(entry: Entry): void {
    for (const identity of entry.claims) {
      if (this.#holders.get(identity) === entry) this.#holders.delete(identity)
    }
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
    const wanted = new Map<string, Entry>()
    for (const { entry, claims } of this.#holders.size === 0 ? [] : candidates) {
      if (!entry.isMoving) continue
      for (const identity of claims) if (this.#holders.get(identity) === entry) wanted.set(identity, entry)
    }
    const found = new Map<Entry, readonly Finding[]>()
    for (const { entry, instance, claims } of candidates) {
      if (!entry.isMoving) continue
      const findings: Finding[] = []
      for (const [index, identity] of claims.entries()) {
        const holder = this.#holders.get(identity)
        const kept = holder !== undefined && !holder.isMoving ? holder : wanted.get(identity)
        if (kept === undefined) wanted.set(identity, entry)
        else if (kept !== entry) findings.push(taken(instance, index, kept.key))
      }
      if (findings.length > 0) found.set(entry, findings)
    }
    return found
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

/** What an instance claims: its addresses in the order declared, then its attachment point. */
export function claimsOf(instance: Instance): ClaimList {
  const { addresses = [], attachment, vpcRef } = instance.spec
  const network = `${namespaceOf(instance)}/${vpcRef.name}`
  const claims = addresses.map((text) => `${network} ${canonicalAddress(text) ?? text}`)
  if (attachment === undefined) return claims
  const { nodeName, netns, host } = attachment
  const point = host === true ? 'host' : `${netns ?? ''} ${attachment.interface ?? ''}`
  claims.push(`node ${nodeName} ${point}`)
  return claims
}
