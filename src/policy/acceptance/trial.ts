import { keyOf, type PalisadeObject } from '../../api/objects.ts'
import type { Instance, SecurityGroup } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Model } from '../model/model.ts'
import { Checks, NOTHING_SUPPOSED } from './checks.ts'
import { claimsOf } from './claim-table.ts'
import type { Claimant } from './claimant.ts'
import type { Claims } from './claims.ts'
import type { Code } from './codes.ts'
import { blockedDeletions } from './deletion.ts'
import { byAge, newEntry, type Entries, type Entry } from './entry.ts'
import { isRefused, type Finding } from './finding.ts'
import { jointMove, mayWaitForGroups, mayWaitForMembers } from './joint-move.ts'
import { giveUpHopeless, mayBeMutual, mutualCandidates } from './judged-together.ts'
import type { PendingSelections } from './pending-selections.ts'
import type { QuotaLedger } from './quota-ledger.ts'
import type { ReferenceIndex } from './reference-index.ts'
import { changeOf, type Waiting } from './waiting.ts'

/** What acceptance goes by; a trial reads it and changes nothing. */
export interface TrialGround {
  readonly model: Model
  readonly entries: Entries
  readonly ledger: QuotaLedger
  readonly pending: PendingSelections
  readonly references: ReferenceIndex
  readonly claims: Claims
  readonly waiting: Waiting
  readonly withdrawn: ReadonlySet<ObjectKey>
}

/** What speaks against an instance only for as long as another holds what it claims. */
const CLAIM_CODES: ReadonlySet<Code> = new Set(['AddressTaken', 'AttachmentTaken'])

/**
 * What acceptance would say of one object, were it declared or withdrawn now. Nothing is changed and nothing is
 * computed anew, so that it can be asked while somebody waits for the answer.
 *
 * Objects that wait for this one are looked at only as far as they decide about it: groups that can be accepted
 * together, instances that exchange addresses. What they in turn would use up of a quota is not foreseen: where
 * that refuses this one, its conditions say so later.
 */
export class Trial {
  readonly #ground: TrialGround

  constructor(ground: TrialGround) {
    this.#ground = ground
  }

  declare(object: PalisadeObject): readonly Finding[] {
    const key = keyOf(object)
    const { model, ledger, pending, entries } = this.#ground
    const isDeclared = (other: ObjectKey): boolean =>
      other === key || entries.get(other)?.declared !== undefined
    const checks = new Checks(model, ledger, pending, isDeclared)
    const findings = checks.check(this.#entry(key), object, NOTHING_SUPPOSED)
    if (object.kind === 'SecurityGroup') {
      return this.#movable(object, this.#together(object, findings, checks))
    }
    if (object.kind === 'Instance') return this.#movable(object, this.#claiming(object, findings))
    return findings
  }

  /**
   * What speaks against the object as long as others that wait do not move with it is said and does not refuse:
   * whether they can is not foreseen.
   */
  #movable(object: SecurityGroup | Instance, findings: readonly Finding[]): readonly Finding[] {
    const mayMove = object.kind === 'Instance' ? mayWaitForGroups(findings) : mayWaitForMembers(findings)
    if (!isRefused(findings) || !mayMove) return findings
    const { entries, pending } = this.#ground
    const key = keyOf(object)
    const others = this.#concernedBy(object)
    const order = entries.get(key)?.declared?.order ?? Infinity
    const own = { ...newEntry(key), declared: { key, object, order }, findings }
    const isOpen = jointMove([own, ...others], pending) !== undefined
    return isOpen ? findings.map((one) => ({ ...one, refuses: false })) : findings
  }

  /** The declared version of an object; undefined where there is none that is valid by itself. */
  declared(key: ObjectKey): PalisadeObject | undefined {
    return this.#ground.entries.get(key)?.declared?.object
  }

  /** Who would keep an object from going. */
  withdraw(key: ObjectKey): readonly ObjectKey[] {
    const { model, entries, references, withdrawn } = this.#ground
    if (model.object(key) === undefined) return []
    return blockedDeletions(new Set([...withdrawn, key]), references, entries, model).get(key) ?? []
  }

  /** Those that wait, and that a new version of an object may help. */
  #concernedBy(object: PalisadeObject): readonly Entry[] {
    const { entries, waiting } = this.#ground
    const key = keyOf(object)
    return [...waiting.concernedBy([changeOf(key, object, entries.get(key))])].filter(
      (other) => other.key !== key,
    )
  }

  /** What is known of a key; of a newcomer nothing, and the entries stay as they are. */
  #entry(key: ObjectKey): Entry {
    return this.#ground.entries.get(key) ?? newEntry(key)
  }

  /** Supposes that all that wait can be accepted, where that would help. */
  #together(group: SecurityGroup, findings: readonly Finding[], checks: Checks): readonly Finding[] {
    if (!isRefused(findings) || !mayBeMutual(findings)) return findings
    const { entries, references, waiting } = this.#ground
    const key = keyOf(group)
    const supposed = mutualCandidates(this.#concernedBy(group))
    // What was found of those that name it may be only that it is not declared.
    for (const referrer of references.referrers(key)) {
      const entry = entries.get(referrer)
      const other = entry !== undefined && waiting.has(entry) ? entry.declared?.object : undefined
      if (other?.kind !== 'SecurityGroup') continue
      if (mayBeMutual(checks.check(this.#entry(referrer), other, NOTHING_SUPPOSED))) {
        supposed.set(referrer, other)
      }
    }
    supposed.set(key, group)
    giveUpHopeless(supposed, (other, candidate, optimism) =>
      checks.check(this.#entry(other), candidate, optimism),
    )
    return supposed.has(key) ? checks.check(this.#entry(key), group, supposed) : findings
  }

  /** Settles its claims with those that wait for nothing but theirs: what it gives up may be what they want. */
  #claiming(instance: Instance, findings: readonly Finding[]): readonly Finding[] {
    if (isRefused(findings)) return findings
    const { claims } = this.#ground
    const key = keyOf(instance)
    const entry = this.#entry(key)
    const own: Claimant = { entry, instance, claims: claimsOf(instance), findings }
    const others = this.#concernedBy(instance).flatMap(claimantOf)
    const candidates = [own, ...others].sort((a, b) => byAge(a.entry, b.entry))
    return claims.conflicts(candidates).get(key) ?? findings
  }
}

function claimantOf(entry: Entry): readonly Claimant[] {
  const { declared, findings } = entry
  const instance = declared?.object
  if (instance?.kind !== 'Instance') return []
  if (!findings.every(({ code, refuses }) => !refuses || CLAIM_CODES.has(code))) return []
  return [{ entry, instance, claims: claimsOf(instance), findings }]
}
