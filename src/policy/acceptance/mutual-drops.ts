import type { SecurityGroup } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Finding } from './finding.ts'

/** What speaks against a group while some others count as in force. */
type CheckSupposing = (group: SecurityGroup, supposed: ReadonlySet<ObjectKey>) => readonly Finding[]

/**
 * Takes out of `supposed` the groups that cannot be accepted even if all the others are, until those that are
 * left need nobody but each other: the largest such set.
 */
export function giveUpHopeless(supposed: Map<ObjectKey, SecurityGroup>, check: CheckSupposing): void {
  for (let before = -1; supposed.size !== before;) {
    before = supposed.size
    const optimism = new Set(supposed.keys())
    for (const [key, group] of supposed) {
      if (check(group, optimism).some(({ refuses }) => refuses)) supposed.delete(key)
    }
  }
}
