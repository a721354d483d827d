import { KINDS, keyOf, type Kind, type PalisadeObject } from '../../api/objects.ts'
import type { Instance, SecurityGroup } from '../../api/types.gen.ts'
import { kindOfKey, type ObjectKey } from '../../core/key.ts'
import type { ReadonlySmallSet } from '../../core/small-set.ts'
import { mayReplaceDefault } from '../model/default-groups.ts'
import type { Model } from '../model/model.ts'
import { Checks, namedAlike, NOTHING_SUPPOSED } from './checks.ts'
import { Claims } from './claims.ts'
import type { AcceptanceChange, AcceptanceResult, Declaration, Verdict } from './decision.ts'
import { blockedDeletions } from './deletion.ts'
import { deselected } from './deselected.ts'
import { DirtyKeys } from './dirty-keys.ts'
import type { Finding } from './finding.ts'
import { giveUpHopeless, mayBeMutual } from './judged-together.ts'
import { PendingSelections, selectionsOf } from './pending-selections.ts'
import { countObject, QuotaLedger, vpcsCountedIn } from './quota-ledger.ts'
import { ReferenceIndex } from './reference-index.ts'

const NO_FINDINGS: readonly Finding[] = []

/**
 * Decides which version of every object is in force, and puts it into the model.
 *
 * Fail closed, and no running instance goes off the network for a typo: what is not accepted
 * changes nothing, the last accepted version stays. Under a quota the older is served first, and a
 * newcomer never evicts. A deleted object that others need is kept.
 */
export class Acceptance {
  readonly #model: Model
  readonly #declared = new Map<ObjectKey, Declaration>()
  readonly #findings = new Map<ObjectKey, readonly Finding[]>()
  readonly #references = new ReferenceIndex()
  readonly #checks: Checks
  readonly #claims = new Claims()
  readonly #ledger = new QuotaLedger()
  /** Of groups whose declared version is not in force. */
  readonly #pending = new PendingSelections()
  readonly #withdrawn = new Set<ObjectKey>()
  /** Refused for want of something that another object may free. */
  readonly #waiting = new Set<ObjectKey>()
  #blocked: ReadonlyMap<ObjectKey, readonly ObjectKey[]> = new Map()
  readonly #dirty = new DirtyKeys()
  #enforced = new Map<ObjectKey, PalisadeObject | undefined>()
  #judged = new Set<ObjectKey>()
  #freed = false

  constructor(model: Model) {
    this.#model = model
    this.#checks = new Checks(model, this.#ledger, this.#pending, (key) => this.#declared.has(key))
  }

  /** Puts back what was in force before a restart, unchecked: it was accepted once. */
  restore(objects: readonly PalisadeObject[]): void {
    for (const kind of KINDS) {
      for (const object of objects) {
        if (object.kind === kind && this.#model.canHold(object)) this.#enforce(object)
      }
    }
    for (const object of objects) this.#withdrawn.add(keyOf(object))
    this.#enforced.clear()
    this.#dirty.clear()
  }

  apply({ declare, withdraw }: AcceptanceChange): AcceptanceResult {
    for (const [key, declaration] of declare) this.#declare(key, declaration)
    for (const key of withdraw) this.#withdraw(key)
    for (const key of this.#withdrawn) if (kindOfKey(key) === 'Instance') this.#drop(key)
    // Who waits is looked at together with the newcomers, so that what is free goes to the older.
    if (declare.size + withdraw.length > 0) for (const key of this.#waiting) this.#dirty.add(key)
    // Each further round follows from a deletion, of which there are finitely many.
    do this.#round()
    while (this.#dirty.size > 0)
    const recounted = new Set(vpcsCountedIn(this.#ledger.drain(), this.#model))
    const referred = this.#references.drain()
    const result = { enforced: this.#enforced, judged: this.#judged, referred, recounted }
    this.#enforced = new Map()
    this.#judged = new Set()
    return result
  }

  verdict(key: ObjectKey): Verdict {
    const declared = this.#declared.get(key)?.object
    const findings = this.#findings.get(key) ?? NO_FINDINGS
    const enforced = declared !== undefined && this.#model.object(key) === declared
    return { findings, accepted: enforced && !findings.some(({ refuses }) => refuses) }
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

  #declare(key: ObjectKey, declaration: Declaration): void {
    const known = this.#declared.has(key)
    this.#declared.set(key, declaration)
    this.#withdrawn.delete(key)
    this.#dirty.add(key)
    if (this.#model.object(key) !== undefined) return
    // A default group gives way to a declared one as soon as that is declared: until it is accepted,
    // nothing of either is in force.
    if (mayReplaceDefault(key, declaration.object)) this.#model.reserve(key)
    else this.#model.unreserve(key)
    if (!known) this.#markReferrers(key)
  }

  #withdraw(key: ObjectKey): void {
    this.#declared.delete(key)
    this.#findings.delete(key)
    this.#waiting.delete(key)
    this.#pending.delete(key)
    this.#dirty.delete(key)
    this.#judged.add(key)
    this.#model.unreserve(key)
    this.#indexReferences(key)
    if (this.#model.object(key) === undefined) {
      this.#markReferrers(key)
      this.#freed = true
    } else this.#withdrawn.add(key)
  }

  #round(): void {
    this.#freed = false
    for (const kind of KINDS) this.#judgeKind(kind)
    this.#delete()
    if (this.#hasFreed()) for (const key of this.#waiting) this.#dirty.add(key)
  }

  /** Judging and deleting free what others wait for; asked through a method, since they set it. */
  #hasFreed(): boolean {
    return this.#freed
  }

  #judgeKind(kind: Kind): void {
    const candidates = this.#dirty.take(kind).flatMap((key) => {
      const declaration = this.#declared.get(key)
      if (declaration === undefined) return []
      this.#judged.add(key)
      const { object, order, selects } = declaration
      if (object !== undefined) return [{ object, order, key }]
      // What was found of an earlier version says nothing about one that is not even valid.
      this.#findings.delete(key)
      this.#waiting.delete(key)
      this.#pending.set(key, selects ?? [])
      this.#indexReferences(key)
      return []
    })
    candidates.sort((a, b) => a.order - b.order || (a.key < b.key ? -1 : 1))
    if (kind === 'Instance') {
      this.#judgeInstances(candidates.flatMap(({ object }) => (object.kind === 'Instance' ? [object] : [])))
      return
    }
    for (const { object } of candidates) this.#judge(object, this.#checks.check(object, NOTHING_SUPPOSED))
    if (kind === 'SecurityGroup') this.#judgeTogether()
  }

  /**
   * Instances compete for addresses, so their claims are settled together. Each that is accepted may
   * use up what the next one counts on; where that refuses one whose address another was to take
   * over, all is taken back and settled again without it.
   */
  #judgeInstances(instances: readonly Instance[]): void {
    const checked = new Map<Instance, readonly Finding[]>()
    for (const instance of instances) {
      const findings = this.#checks.instance(instance)
      if (findings.some(({ refuses }) => refuses)) this.#judge(instance, findings)
      else checked.set(instance, findings)
    }
    for (;;) {
      const conflicts = this.#claims.conflicts([...checked.keys()])
      for (const instance of checked.keys()) {
        const findings = conflicts.get(keyOf(instance))
        if (findings === undefined) continue
        this.#judge(instance, findings)
        checked.delete(instance)
      }
      const failed = this.#moveInstances(checked)
      if (failed === undefined) return
      checked.delete(failed)
    }
  }

  /** Puts instances into force one by one; undoes it all and names the first that may not keep its place. */
  #moveInstances(checked: ReadonlyMap<Instance, readonly Finding[]>): Instance | undefined {
    const moving = [...checked.keys()]
    const before = this.#inForce(moving)
    for (const last of before) if (last?.kind === 'Instance') this.#claims.release(last)
    const freed = this.#freed
    for (const [index, instance] of moving.entries()) {
      const quotas = this.#checks.quotas(instance)
      this.#judge(instance, quotas.length === 0 ? (checked.get(instance) ?? NO_FINDINGS) : quotas)
      if (quotas.length === 0 || before[index] === undefined) continue
      this.#takeBack(moving.slice(0, index), before, freed)
      for (const last of before) if (last?.kind === 'Instance') this.#claims.hold(last)
      return instance
    }
    // One that keeps its version was not put into force anew, and holds what it held.
    for (const last of this.#inForce(moving)) if (last?.kind === 'Instance') this.#claims.hold(last)
    return undefined
  }

  #inForce(objects: readonly PalisadeObject[]): readonly (PalisadeObject | undefined)[] {
    return objects.map((object) => this.#model.object(keyOf(object)))
  }

  /**
   * Puts back what was in force before a move that could not be finished. It frees nothing that was not free
   * before: to say otherwise would try the same again for ever.
   */
  #takeBack(
    moved: readonly PalisadeObject[],
    before: readonly (PalisadeObject | undefined)[],
    freed: boolean,
  ): void {
    for (const [position, object] of moved.entries()) {
      const last = before[position]
      if (last === undefined) this.#drop(keyOf(object))
      else this.#enforce(last)
    }
    this.#freed = freed
  }

  /**
   * Groups whose Drop rules name each other, or that share members and change their type: each waits for the
   * other, though together they can be accepted. Supposes that all that wait can be, and gives up those for which that is not enough.
   */
  #judgeTogether(): void {
    const supposed = new Map<ObjectKey, SecurityGroup>()
    for (const key of this.#waiting) {
      const object = this.#declared.get(key)?.object
      const isMutual = mayBeMutual(this.#findings.get(key) ?? NO_FINDINGS)
      if (object?.kind === 'SecurityGroup' && isMutual) supposed.set(key, object)
    }
    for (;;) {
      giveUpHopeless(supposed, (group, optimism) => this.#checks.check(group, optimism))
      const failed = this.#enforceTogether(supposed)
      if (failed === undefined) return
      supposed.delete(failed)
    }
  }

  /** Puts groups into force one by one; undoes it all and names the first for which the others leave no room. */
  #enforceTogether(supposed: ReadonlyMap<ObjectKey, SecurityGroup>): ObjectKey | undefined {
    const order = (key: ObjectKey): number => this.#declared.get(key)?.order ?? Infinity
    const groups = [...supposed.values()].sort((a, b) => order(keyOf(a)) - order(keyOf(b)))
    const before = this.#inForce(groups)
    const freed = this.#freed
    const dirty = this.#dirty.take('SecurityGroup')
    const failed = groups.findIndex((group) => {
      const findings = this.#checks.check(group, supposed)
      this.#judge(group, findings)
      return findings.some(({ refuses }) => refuses)
    })
    if (failed !== -1) {
      const moved = groups.slice(0, failed)
      this.#takeBack(moved, before, freed)
      for (const group of moved) this.#judge(group, this.#checks.check(group, NOTHING_SUPPOSED))
      // What came and went at once is nothing that others have to be judged by anew.
      this.#dirty.take('SecurityGroup')
    }
    for (const key of dirty) this.#dirty.add(key)
    const group = groups[failed]
    return group && keyOf(group)
  }

  #judge(object: PalisadeObject, findings: readonly Finding[]): void {
    const key = keyOf(object)
    const refused = findings.some(({ refuses }) => refuses)
    if (findings.length === 0) this.#findings.delete(key)
    else this.#findings.set(key, findings)
    if (refused) {
      this.#waiting.add(key)
      this.#pending.set(key, selectionsOf(object))
    } else {
      this.#waiting.delete(key)
      this.#pending.delete(key)
      this.#enforce(object)
    }
    this.#indexReferences(key)
  }

  #enforce(object: PalisadeObject): void {
    const key = keyOf(object)
    const last = this.#model.object(key)
    if (last === object) return
    if (last?.kind === 'Instance') this.#claims.release(last)
    this.#markDirty(deselected(last, object, this.#model))
    this.#model.put(object)
    this.#model.unreserve(key)
    if (object.kind === 'Instance') this.#claims.hold(object)
    countObject(this.#ledger, object, this.#model)
    this.#indexReferences(key)
    this.#noteEnforced(key, last)
    if (last !== undefined) this.#freed = true
    if (!namedAlike(last, object)) this.#markReferrers(key)
  }

  /** A profile decides over everything in its VPCs, a VPC over everything in it, the rest over those that name it. */
  #markReferrers(key: ObjectKey): void {
    for (const referrer of this.#referrersOf(key)) {
      if (!this.#declared.has(referrer)) continue
      this.#dirty.add(referrer)
      if (kindOfKey(key) === 'CloudProfile') this.#markReferrers(referrer)
    }
  }

  #markDirty(keys: Iterable<ObjectKey>): void {
    for (const key of keys) if (this.#declared.has(key)) this.#dirty.add(key)
  }

  #delete(): void {
    const before = this.#blocked
    this.#blocked = blockedDeletions(this.#withdrawn, {
      referrers: (key) => this.#referrersOf(key),
      object: (key) => this.#model.object(key),
      profileOf: (object) =>
        object.kind === 'SecurityGroup' ? this.#model.vpcOf(object)?.profile : undefined,
    })
    for (const key of new Set([...before.keys(), ...this.#blocked.keys()])) this.#judged.add(key)
    const going = [...this.#withdrawn].filter((key) => !this.#blocked.has(key))
    const rank = (key: ObjectKey): number => KINDS.findIndex((kind) => kind === kindOfKey(key))
    for (const key of going.sort((a, b) => rank(b) - rank(a))) this.#drop(key)
  }

  #drop(key: ObjectKey): void {
    const object = this.#model.object(key)
    this.#withdrawn.delete(key)
    if (object === undefined) return
    if (object.kind === 'Instance') this.#claims.release(object)
    this.#markDirty(deselected(object, undefined, this.#model))
    this.#model.remove(key)
    this.#ledger.release(key)
    this.#indexReferences(key)
    this.#noteEnforced(key, object)
    this.#freed = true
    this.#markReferrers(key)
  }

  #noteEnforced(key: ObjectKey, before: PalisadeObject | undefined): void {
    if (!this.#enforced.has(key)) this.#enforced.set(key, before)
  }

  /** The model knows what is in a VPC, so those references are not held a second time. */
  *#referrersOf(key: ObjectKey): Generator<ObjectKey> {
    yield* this.#references.referrers(key)
    const vpc = this.#model.vpc(key)
    if (vpc === undefined) return
    yield* vpc.instances.keys()
    for (const group of vpc.groups.values()) if (!group.generated) yield group.key
  }

  #indexReferences(key: ObjectKey): void {
    this.#references.index(key, this.#declared.get(key)?.object, this.#model.object(key))
  }
}
