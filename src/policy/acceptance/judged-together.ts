import type { SecurityGroup } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Code } from './codes.ts'
import type { Entry } from './entry.ts'
import { isRefused, type Finding } from './finding.ts'

/** Groups that count as in force in these versions. */
export type Supposed = ReadonlyMap<ObjectKey, SecurityGroup>

type CheckSupposing = (key: ObjectKey, group: SecurityGroup, supposed: Supposed) => readonly Finding[]

/** What speaks against a group only for as long as another is not accepted. */
const MUTUAL_CODES: ReadonlySet<Code> = new Set(['SecurityGroupNotAccepted', 'GroupTypesMixed'])

/** Whether it may be that all that a refused group lacks is another refused one. */
export function mayBeMutual(findings: readonly Finding[]): boolean {
  return findings.every(({ code, refuses }) => !refuses || MUTUAL_CODES.has(code))
}

/** Of the groups that wait, those that may be accepted together. */
export function mutualCandidates(waiting: Iterable<Entry>): Map<ObjectKey, SecurityGroup> {
  const candidates = new Map<ObjectKey, SecurityGroup>()
  for (const { key, declared, findings } of waiting) {
    const object = declared?.object
    if (object?.kind === 'SecurityGroup' && mayBeMutual(findings)) candidates.set(key, object)
  }
  return candidates
}

/**
 * Takes out of `supposed` the groups that cannot be accepted even if all the others are, until those that are
 * left need nobody but each other: the largest such set.
 */
export function giveUpHopeless(supposed: Map<ObjectKey, SecurityGroup>, check: CheckSupposing): void {
  for (let before = -1; supposed.size !== before;) {
    before = supposed.size
    const optimism = new Map(supposed)
    for (const [key, group] of supposed) {
      if (isRefused(check(key, group, optimism))) supposed.delete(key)
    }
  }
}
