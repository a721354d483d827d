import type { PalisadeObject } from '../../api/objects.ts'
import type { SecurityGroup } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import { NOTHING_SUPPOSED, type Checks } from './checks.ts'
import type { ClaimSet } from './claim-table.ts'
import type { Claims } from './claims.ts'
import type { DirtyEntries } from './dirty-entries.ts'
import { byAge, type Entries, type Entry } from './entry.ts'
import { allOf, isRefused, NO_FINDINGS, type Finding } from './finding.ts'
import { jointMove, without, type JointMove } from './joint-move.ts'
import { giveUpHopeless, mutualCandidates } from './judged-together.ts'
import type { Outcome } from './outcome.ts'
import type { PendingSelections } from './pending-selections.ts'
import type { Waiting } from './waiting.ts'

/** What is judged together, and how it comes into force. */
export interface JointGround {
  readonly entries: Entries
  readonly checks: Checks
  readonly claims: Claims
  readonly pending: PendingSelections
  readonly waiting: Waiting
  readonly dirty: DirtyEntries
  readonly outcome: Outcome
  /** Takes note of findings, and puts the version into force unless they refuse it. */
  readonly judge: (entry: Entry, object: PalisadeObject, findings: readonly Finding[]) => void
  readonly enforce: (entry: Entry, object: PalisadeObject, claims?: ClaimSet) => void
  /** Takes back all that the action put into force of `moving` where it fails, and returns what failed. */
  readonly attempt: <Failure>(
    moving: readonly { readonly entry: Entry }[],
    action: () => Failure | undefined,
  ) => Failure | undefined
}

/** Decides about versions that may be refused only for want of each other: they come into force together or not at all. */
export class JointJudgement {
  readonly #ground: JointGround

  constructor(ground: JointGround) {
    this.#ground = ground
  }

  /**
   * Groups whose Drop rules name each other, or that share members and change their type. Supposes that all that
   * wait can be accepted, and gives up those for which that is not enough.
   */
  judgeGroups(): void {
    const { waiting, entries, checks } = this.#ground
    const supposed = mutualCandidates(waiting.recent)
    for (;;) {
      giveUpHopeless(supposed, (key, group, optimism) => checks.check(entries.obtain(key), group, optimism))
      const failed = this.#enforceGroups(supposed)
      if (failed === undefined) return
      supposed.delete(failed)
    }
  }

  /** Groups and instances that wait for each other; true when any were put into force. */
  moveTogether(): boolean {
    const { waiting, pending, dirty } = this.#ground
    let move = jointMove(waiting.recent, pending)
    while (move !== undefined) {
      const failed = this.#tryMove(move)
      if (failed.size === 0) {
        for (const entry of waiting.recent) dirty.add(entry)
        return true
      }
      move = without(move, failed, pending)
    }
    return false
  }

  /** Puts groups into force one by one; undoes it all and names the first for which the others leave no room. */
  #enforceGroups(supposed: ReadonlyMap<ObjectKey, SecurityGroup>): ObjectKey | undefined {
    const { entries, checks, dirty, judge, attempt } = this.#ground
    const groups = [...supposed].map(([key, group]) => ({ entry: entries.obtain(key), group }))
    groups.sort((a, b) => byAge(a.entry, b.entry))
    const others = dirty.take('SecurityGroup')
    const failed = attempt(groups, () =>
      groups.find(({ entry, group }) => {
        const findings = checks.check(entry, group, supposed)
        judge(entry, group, findings)
        return isRefused(findings)
      }),
    )
    if (failed !== undefined) {
      for (const { entry, group } of groups.slice(0, groups.indexOf(failed))) {
        judge(entry, group, checks.check(entry, group, NOTHING_SUPPOSED))
      }
      // What came and went at once is nothing that others have to be judged by anew.
      dirty.take('SecurityGroup')
    }
    for (const entry of others) dirty.add(entry)
    return failed?.entry.key
  }

  /** Puts all of a move into force, or nothing; returns those for which it fails. */
  #tryMove(move: JointMove): ReadonlySet<Entry> {
    const { claims, dirty, outcome, judge, attempt } = this.#ground
    const { groups, instances } = move
    const conflicts = claims.conflicts(instances)
    const contested = instances.filter(({ entry }) => conflicts.has(entry.key)).map(({ entry }) => entry)
    if (contested.length > 0) return new Set(contested)
    for (const { entry } of instances) claims.release(entry)
    const failed = attempt([...groups, ...instances], () => {
      const found = this.#enforceMove(move)
      const refused = [...found].filter(([, findings]) => isRefused(findings)).map(([entry]) => entry)
      if (refused.length > 0) return new Set(refused)
      for (const [entry, findings] of found) {
        outcome.judged(entry)
        const object = entry.declared?.object
        if (object !== undefined) judge(entry, object, findings)
      }
      return undefined
    })
    if (failed === undefined) return NOBODY
    for (const { entry } of instances) claims.hold(entry)
    // As above; by now there was nothing else to be looked at.
    dirty.clear()
    return failed
  }

  /**
   * First the groups, then the instances, each unless it is refused; then what the groups mean for their members,
   * as they are by then.
   */
  #enforceMove({ groups, instances }: JointMove): ReadonlyMap<Entry, readonly Finding[]> {
    const { checks, enforce } = this.#ground
    const found = new Map<Entry, readonly Finding[]>()
    const supposed = new Map(groups.map(({ entry, group }) => [entry.key, group]))
    for (const { entry, group } of groups) {
      const findings = checks.groupAlone(entry, group, supposed)
      found.set(entry, findings)
      if (!isRefused(findings)) enforce(entry, group)
    }
    for (const { entry, instance, claims } of instances) {
      const findings = checks.instance(entry, instance)
      found.set(entry, findings)
      if (!isRefused(findings)) enforce(entry, instance, claims)
    }
    for (const { entry, group } of groups) {
      found.set(entry, allOf(found.get(entry) ?? NO_FINDINGS, checks.members(group, supposed)))
    }
    return found
  }
}

const NOBODY: ReadonlySet<Entry> = new Set()
