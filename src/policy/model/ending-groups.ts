import type { Moment } from '../../core/moment.ts'
import { endingRules } from '../expiry.ts'
import type { GroupNode } from './nodes.ts'

/** The groups with rules that end, and when they do. */
export class EndingGroups {
  /** Made when first needed, since most VPCs have none. */
  #ends: Map<GroupNode, readonly Moment[]> | undefined

  /** Reads a group that is new or has changed. */
  put(group: GroupNode): void {
    const rules = endingRules(group.object)
    if (rules.length === 0) this.#ends?.delete(group)
    else {
      this.#ends ??= new Map()
      this.#ends.set(
        group,
        rules.map(({ end }) => end),
      )
    }
  }

  remove(group: GroupNode): void {
    this.#ends?.delete(group)
  }

  all(): Iterable<GroupNode> {
    return this.#ends?.keys() ?? []
  }

  /** Those of which a rule ends after `from` and not after `to`. */
  *between(from: Moment, to: Moment): Generator<GroupNode> {
    for (const [group, ends] of this.#ends ?? []) if (ends.some((end) => from < end && end <= to)) yield group
  }
}
