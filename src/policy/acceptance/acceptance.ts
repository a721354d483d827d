import { KINDS, keyOf, type Kind, type PalisadeObject } from '../../api/objects.ts'
import { kindOfKey, type ObjectKey } from '../../core/key.ts'
import type { ReadonlySmallSet } from '../../core/small-set.ts'
import { mayReplaceDefault } from '../model/default-groups.ts'
import { Model } from '../model/model.ts'
import { Checks, namedAlike, NOTHING_SUPPOSED } from './checks.ts'
import { claimsOf, NO_CLAIMS, type ClaimSet } from './claim-table.ts'
import { Claims } from './claims.ts'
import type { AcceptanceChange, AcceptanceResult, Declaration, Verdict } from './decision.ts'
import { blockedDeletions, inOrderOfDeletion } from './deletion.ts'
import { deselected, homeless } from './deselected.ts'
import { DirtyEntries } from './dirty-entries.ts'
import { byAge, Entries, verdictOf, type Entry } from './entry.ts'
import { isRefused, NO_FINDINGS, type Finding } from './finding.ts'
import { InstanceJudgement, type InstanceGround } from './instance-judgement.ts'
import { JointJudgement } from './joint-judgement.ts'
import { Outcome } from './outcome.ts'
import { PendingSelections, selectionsOf } from './pending-selections.ts'
import { countObject, QuotaLedger, vpcsCountedIn } from './quota-ledger.ts'
import { ReferenceIndex } from './reference-index.ts'
import { Trial } from './trial.ts'
import { changeOf, Waiting, type Change } from './waiting.ts'

/** What may have to be put back as it was. */
interface Moved {
  readonly entry: Entry
  /** The version in force until now. */
  readonly before: PalisadeObject | undefined
}

/**
 * Decides which version of every object is in force, and puts it into the model.
 *
 * Fail closed, and no running instance goes off the network for a typo: what is not accepted
 * changes nothing, the last accepted version stays. Under a quota the older is served first, and a
 * newcomer never evicts. A deleted object that others need is kept.
 */
export class Acceptance {
  /** What is in force. */
  readonly model: Model
  readonly #entries = new Entries()
  readonly #references: ReferenceIndex
  readonly #checks: Checks
  readonly #claims = new Claims()
  readonly #ledger = new QuotaLedger()
  /** Of groups whose declared version is not in force. */
  readonly #pending = new PendingSelections()
  readonly #withdrawn = new Set<ObjectKey>()
  /** Refused for want of something that another object may free. */
  readonly #waiting = new Waiting()
  #blocked: ReadonlyMap<ObjectKey, readonly ObjectKey[]> = new Map()
  readonly #dirty = new DirtyEntries()
  readonly #outcome = new Outcome()
  readonly #instances: InstanceJudgement
  readonly #joint: JointJudgement
  /** What has given up or taken something in the round at hand that others may wait for. */
  #changed: Change[] = []
  /** Answers what would be, and changes nothing. */
  readonly trial: Trial

  constructor() {
    const model = new Model(this.#entries)
    this.model = model
    this.#references = new ReferenceIndex(model, this.#entries)
    const isDeclared = (key: ObjectKey): boolean => this.#entries.get(key)?.declared !== undefined
    this.#checks = new Checks(model, this.#ledger, this.#pending, isDeclared)
    const ground: Pick<InstanceGround, 'checks' | 'claims' | 'judge' | 'attempt'> = {
      checks: this.#checks,
      claims: this.#claims,
      judge: (entry, object, findings, claims) => {
        this.#judge(entry, object, findings, claims)
      },
      attempt: (moving, action) => this.#attempt(moving, action),
    }
    this.#instances = new InstanceJudgement({
      ...ground,
      model,
      free: (given) => {
        this.#changed.push(given)
      },
    })
    this.#joint = new JointJudgement({
      ...ground,
      ...{ entries: this.#entries, pending: this.#pending, waiting: this.#waiting },
      ...{ dirty: this.#dirty, outcome: this.#outcome },
      enforce: (entry, object, claims) => {
        this.#enforce(entry, object, claims)
      },
    })
    const known = { model, entries: this.#entries, references: this.#references }
    const held = { claims: this.#claims, ledger: this.#ledger, pending: this.#pending }
    this.trial = new Trial({ ...known, ...held, waiting: this.#waiting, withdrawn: this.#withdrawn })
  }

  /**
   * Puts back what was in force before a restart, unchecked: it was accepted once. `refused` are declared groups of
   * which no version ever was: until somebody says what is declared now, no default group takes their names.
   */
  restore(objects: readonly PalisadeObject[], refused: readonly ObjectKey[] = []): void {
    for (const key of refused) this.model.reserve(key)
    for (const kind of KINDS) {
      for (const object of objects) {
        if (object.kind !== kind || !this.model.canHold(object)) continue
        const entry = this.#entries.obtain(keyOf(object))
        this.#enforce(entry, object)
        this.#references.index(entry)
      }
    }
    for (const object of objects) this.#withdrawn.add(keyOf(object))
    this.#outcome.drain()
    this.#dirty.clear()
  }

  apply({ declare, withdraw }: AcceptanceChange): AcceptanceResult {
    this.#waiting.begin()
    this.#changed = []
    for (const declaration of declare) this.#declare(this.#entries.obtain(declaration.key), declaration)
    for (const key of withdraw) this.#withdraw(this.#entries.obtain(key))
    for (const key of this.#withdrawn) {
      if (kindOfKey(key) === 'Instance') this.#drop(this.#entries.obtain(key))
    }
    // Who waits is looked at together with the newcomers, so that what is free goes to the older.
    this.#lookAgain(this.#begun(declare, withdraw))
    // Each further round follows from a deletion, or from versions put into force, of which there are finitely many.
    do this.#round()
    while (this.#dirty.size > 0 || this.#joint.moveTogether())
    const recounted = new Set(vpcsCountedIn(this.#ledger.drain(), this.model))
    return { ...this.#outcome.drain(), referred: this.#references.drain(), recounted }
  }

  verdict(key: ObjectKey): Verdict {
    return verdictOf(this.#entries.get(key))
  }

  /** Who needs an object that was deleted and is kept; undefined for every other. */
  blockedBy(key: ObjectKey): readonly ObjectKey[] | undefined {
    return this.#blocked.get(key)
  }

  referrers(key: ObjectKey): ReadonlySmallSet<ObjectKey> {
    return this.#references.referrers(key)
  }

  /** Used and limit of what is counted over a VPC. */
  usage(scope: string): number {
    return this.#ledger.used(scope)
  }

  #declare(entry: Entry, declaration: Declaration): void {
    const { key, declared } = entry
    entry.declared = declaration
    this.#withdrawn.delete(key)
    this.#dirty.add(entry)
    if (entry.enforced !== undefined) return
    this.#reserve(entry)
    if (declared === undefined) this.#dirty.addDependents(entry, this.#references, this.#entries)
  }

  /**
   * A default group gives way to a declared one as soon as that is declared: until it is accepted, nothing of
   * either is in force.
   */
  #reserve({ key, kind, declared }: Entry): void {
    this.#setReserved(key, kind === 'SecurityGroup' && mayReplaceDefault(declared?.object))
  }

  /** Those that wait for the default group, or need not any more, have to say so. */
  #setReserved(key: ObjectKey, isReserved: boolean): void {
    if (this.model.isReserved(key) === isReserved) return
    if (isReserved) this.model.reserve(key)
    else this.model.unreserve(key)
    this.#dirty.addDeclared(homeless(key, this.model), this.#entries)
  }

  #withdraw(entry: Entry): void {
    const { key } = entry
    entry.declared = undefined
    entry.findings = NO_FINDINGS
    this.#waiting.delete(entry)
    this.#pending.delete(key)
    this.#dirty.delete(entry)
    this.#outcome.judged(entry)
    this.#setReserved(key, false)
    this.#references.index(entry)
    if (entry.enforced === undefined) {
      this.#dirty.addDependents(entry, this.#references, this.#entries)
      this.#entries.settle(entry)
    } else this.#withdrawn.add(key)
  }

  /** What a change is about, and what went as it began. */
  *#begun(declare: readonly Declaration[], withdraw: readonly ObjectKey[]): Generator<Change> {
    for (const { key, object } of declare) yield changeOf(key, object, this.#entries.get(key))
    for (const key of withdraw) yield { key, point: undefined }
    yield* this.#changed
  }

  #round(): void {
    this.#changed = []
    for (const kind of KINDS) this.#judgeKind(kind)
    this.#delete()
    this.#lookAgain(this.#changed)
  }

  /** Has those that wait judged again, as far as changes may help them. */
  #lookAgain(changes: Iterable<Change>): void {
    for (const entry of this.#waiting.concernedBy(changes)) this.#dirty.add(entry)
  }

  #judgeKind(kind: Kind): void {
    const entries = this.#dirty.take(kind)
    for (const entry of entries) {
      if (entry.declared === undefined) continue
      this.#outcome.judged(entry)
      if (entry.declared.object === undefined) this.#passOver(entry)
    }
    entries.sort(byAge)
    if (kind === 'Instance') {
      this.#instances.judge(entries)
      return
    }
    for (const entry of entries) {
      const object = entry.declared?.object
      if (object !== undefined) {
        this.#judge(entry, object, this.#checks.check(entry, object, NOTHING_SUPPOSED))
      }
    }
    if (kind === 'SecurityGroup') this.#joint.judgeGroups()
  }

  /** What was found of an earlier version says nothing about one that is not even valid. */
  #passOver(entry: Entry): void {
    entry.findings = NO_FINDINGS
    this.#waiting.delete(entry)
    this.#pending.set(entry.key, entry.declared?.selects ?? [])
    this.#references.index(entry)
  }

  /**
   * Puts back what was in force before a move that could not be finished. It frees nothing that was not free
   * before: to say otherwise would try the same again for ever.
   */
  #takeBack(moved: readonly Moved[], changed: readonly Change[]): void {
    for (const { entry, before } of moved) {
      if (before === undefined) {
        this.#drop(entry)
        this.#reserve(entry)
      } else {
        this.#enforce(entry, before)
        this.#references.index(entry)
      }
    }
    this.#changed = [...changed]
  }

  /** What an attempt puts into force is taken back where it fails. */
  #attempt<Failure>(
    moving: readonly { readonly entry: Entry }[],
    action: () => Failure | undefined,
  ): Failure | undefined {
    const moved = moving.map(({ entry }) => ({ entry, before: entry.enforced }))
    const changed = [...this.#changed]
    const failure = action()
    if (failure !== undefined) this.#takeBack(moved, changed)
    return failure
  }

  #judge(entry: Entry, object: PalisadeObject, findings: readonly Finding[], claims?: ClaimSet): void {
    const { key } = entry
    entry.findings = findings.length === 0 ? NO_FINDINGS : findings
    if (isRefused(findings)) {
      this.#waiting.add(entry)
      this.#pending.set(key, selectionsOf(object))
    } else {
      this.#waiting.delete(entry)
      this.#pending.delete(key)
      this.#enforce(entry, object, claims)
    }
    this.#references.index(entry)
  }

  /** `claims`: what an instance claims, where it is known already. */
  #enforce(entry: Entry, object: PalisadeObject, claims?: ClaimSet): void {
    const { key, enforced: last } = entry
    if (last === object) return
    this.#dirty.addDeclared(deselected(last, object, this.model), this.#entries)
    this.model.put(object, entry, claims?.addresses)
    this.#setReserved(key, false)
    if (last !== undefined) this.#changed.push({ key, point: entry.claims.point })
    this.#claims.change(
      entry,
      object.kind === 'Instance' ? (claims ?? claimsOf(object, entry.vpc?.key)) : NO_CLAIMS,
    )
    // Who waits for its new place has to say who has it now.
    const { point } = entry.claims
    if (this.#waiting.isWanted(point)) this.#changed.push({ key: undefined, point })
    countObject(this.#ledger, key, object, this.model)
    this.#outcome.enforced(entry, last)
    if (!namedAlike(last, object)) this.#dirty.addDependents(entry, this.#references, this.#entries)
  }

  #delete(): void {
    const before = this.#blocked
    this.#blocked = blockedDeletions(this.#withdrawn, this.#references, this.#entries, this.model)
    for (const key of [...before.keys(), ...this.#blocked.keys()]) {
      const entry = this.#entries.obtain(key)
      this.#outcome.judged(entry)
      this.#entries.settle(entry)
    }
    for (const key of inOrderOfDeletion(this.#withdrawn, this.#blocked)) this.#drop(this.#entries.obtain(key))
  }

  #drop(entry: Entry): void {
    const { key, enforced: object } = entry
    this.#withdrawn.delete(key)
    if (object !== undefined) {
      this.#changed.push({ key, point: entry.claims.point })
      this.#claims.release(entry)
      this.#dirty.addDeclared(deselected(object, undefined, this.model), this.#entries)
      this.model.remove(key)
      entry.claims = NO_CLAIMS
      this.#ledger.release(key)
      this.#references.index(entry)
      this.#outcome.enforced(entry, object)
      this.#dirty.addDependents(entry, this.#references, this.#entries)
    }
    this.#entries.settle(entry)
  }
}
