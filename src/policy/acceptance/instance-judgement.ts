import type { PalisadeObject } from '../../api/objects.ts'
import type { Model } from '../model/model.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import type { Checks } from './checks.ts'
import { claimsOf, type ClaimSet } from './claim-table.ts'
import type { Claimant } from './claimant.ts'
import type { Claims } from './claims.ts'
import type { Entry } from './entry.ts'
import { isRefused, type Finding } from './finding.ts'
import type { Change } from './waiting.ts'

/** What instances are judged by, and how they come into force. */
export interface InstanceGround {
  readonly model: Model
  readonly checks: Checks
  readonly claims: Claims
  /** Takes note of findings, and puts the version into force unless they refuse it. */
  readonly judge: (
    entry: Entry,
    object: PalisadeObject,
    findings: readonly Finding[],
    claims?: ClaimSet,
  ) => void
  /** Takes back all that the action put into force of `moving` where it fails, and returns what failed. */
  readonly attempt: <Failure>(
    moving: readonly { readonly entry: Entry }[],
    action: () => Failure | undefined,
  ) => Failure | undefined
  /** Has those looked at again that wait for what somebody does not get. */
  readonly free: (change: Change) => void
}

interface MovingInstance extends Claimant {
  readonly vpc: VpcIndex
  /** The version in force until now. */
  readonly before: PalisadeObject | undefined
}

/** Decides about the instances of one change. */
export class InstanceJudgement {
  readonly #ground: InstanceGround

  constructor(ground: InstanceGround) {
    this.#ground = ground
  }

  /** The older first. Where all are newcomers nobody gives anything up, so each is judged in turn. */
  judge(entries: readonly Entry[]): void {
    if (entries.every(({ enforced }) => enforced === undefined)) {
      for (const entry of entries) this.#judgeNewcomer(entry)
    } else this.#judgeTogether(entries)
  }

  #judgeNewcomer(entry: Entry): void {
    const { claims, judge } = this.#ground
    const own = this.#claimantOf(entry)
    if (own === undefined) return
    const conflicts = claims.take(own)
    judge(entry, own.instance, conflicts.length === 0 ? own.findings : conflicts, own.claims)
  }

  /** Instances compete for addresses and for room. What used up the room of one may be refused in the end: then it is tried again. */
  #judgeTogether(entries: readonly Entry[]): void {
    const { checks } = this.#ground
    let candidates: readonly MovingInstance[] = entries.flatMap((entry) => this.#claimantOf(entry) ?? [])
    while (candidates.length > 0) {
      const failed = this.#settle(candidates)
      // Where all have failed nothing is otherwise than before.
      if (failed.length === candidates.length) return
      candidates = failed.filter(
        ({ entry, instance, vpc }) => !isRefused(checks.instance(entry, instance, vpc)),
      )
    }
  }

  /**
   * Settles the claims of instances together. Each that is accepted may use up what the next one counts on; where that
   * refuses one whose address another was to take over, all is taken back and settled again without it. Returns those.
   */
  #settle(all: readonly MovingInstance[]): readonly MovingInstance[] {
    const { claims, judge } = this.#ground
    const failed = new Set<MovingInstance>()
    for (;;) {
      const candidates = all.filter((candidate) => !failed.has(candidate))
      const conflicts = claims.conflicts(candidates)
      const next = this.#moveAll(candidates.filter(({ entry }) => !conflicts.has(entry.key)))
      if (next !== undefined) failed.add(next)
      else {
        for (const { entry, instance } of conflicts.size === 0 ? [] : candidates) {
          const findings = conflicts.get(entry.key)
          if (findings !== undefined) judge(entry, instance, findings)
        }
        return [...failed]
      }
    }
  }

  /** An instance that nothing but others can refuse any more; of every other it is said what does. */
  #claimantOf(entry: Entry): MovingInstance | undefined {
    const { model, checks, judge } = this.#ground
    const instance = entry.declared?.object
    if (instance?.kind !== 'Instance') return undefined
    const vpc = model.vpcOf(instance)
    const findings = checks.instance(entry, instance, vpc)
    if (vpc !== undefined && !isRefused(findings)) {
      return { entry, instance, vpc, claims: claimsOf(instance, vpc.key), findings, before: entry.enforced }
    }
    judge(entry, instance, findings)
    return undefined
  }

  /** Puts instances into force one by one; undoes it all and names the first that may not keep its place. */
  #moveAll(moving: readonly MovingInstance[]): MovingInstance | undefined {
    const { claims, attempt } = this.#ground
    for (const { entry } of moving) claims.release(entry)
    const failed = attempt(moving, () => moving.find((candidate) => !this.#move(candidate)))
    // One that keeps its version was not put into force anew, and holds what it held.
    for (const { entry, instance, before } of moving) {
      if (failed !== undefined || before === instance) claims.hold(entry)
    }
    return failed
  }

  /** Whether it has its place, or never had one. */
  #move({ entry, instance, vpc, findings, claims, before }: MovingInstance): boolean {
    const { checks, judge, free } = this.#ground
    const quotas = checks.quotas(instance, vpc)
    judge(entry, instance, quotas.length === 0 ? findings : quotas, claims)
    if (quotas.length === 0) return true
    // What a newcomer claimed and does not get may be what a younger one was refused.
    if (before === undefined) free({ key: entry.key, point: claims.point })
    return before === undefined
  }
}
