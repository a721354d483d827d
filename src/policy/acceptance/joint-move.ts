import { keyOf } from '../../api/objects.ts'
import type { Instance, SecurityGroup } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import { namedReferences } from '../references.ts'
import { claimsOf } from './claim-table.ts'
import type { Claimant } from './claimant.ts'
import type { Code } from './codes.ts'
import { byAge, type Entry } from './entry.ts'
import type { Finding } from './finding.ts'
import type { PendingSelections } from './pending-selections.ts'

/** A group that waits, in the version that it is to have. */
export interface WaitingGroup {
  readonly entry: Entry
  readonly group: SecurityGroup
}

/**
 * Groups and instances that may be refused only for want of each other: an instance leaves one group, and another
 * group begins to select it, for which there was no room before. Judged one by one, the group finds the instance
 * as it was, and the instance finds a group that is not accepted. Both parts are in the order of their age.
 */
export interface JointMove {
  readonly groups: readonly WaitingGroup[]
  readonly instances: readonly Claimant[]
}

/** What may speak against a group for the sake of its members as they are. */
const GROUP_CODES: ReadonlySet<Code> = new Set([
  'SecurityGroupNotAccepted',
  'GroupTypesMixed',
  'QuotaExceeded',
])

/** What speaks against an instance for as long as a group is not accepted. */
const INSTANCE_CODES: ReadonlySet<Code> = new Set(['SecurityGroupNotAccepted'])

/** Undefined where no group and no instance can be waiting for each other. */
export function jointMove(waiting: Iterable<Entry>, pending: PendingSelections): JointMove | undefined {
  const groups: WaitingGroup[] = []
  const instances: Claimant[] = []
  for (const entry of waiting) {
    const object = entry.declared?.object
    if (object === undefined || entry.enforced === object) continue
    if (object.kind === 'SecurityGroup' && mayWaitForMembers(entry.findings)) {
      groups.push({ entry, group: object })
    }
    if (object.kind === 'Instance' && mayWaitForGroups(entry.findings)) {
      instances.push({ entry, instance: object, claims: claimsOf(object), findings: entry.findings })
    }
  }
  return joined(groups, instances, pending)
}

/** What is left of a move without those that cannot be part of it. */
export function without(
  { groups, instances }: JointMove,
  failed: ReadonlySet<Entry>,
  pending: PendingSelections,
): JointMove | undefined {
  const stays = ({ entry }: { readonly entry: Entry }): boolean => !failed.has(entry)
  return joined(groups.filter(stays), instances.filter(stays), pending)
}

/** Whether all that speaks against a group may be that members of it have not moved yet. */
export function mayWaitForMembers(findings: readonly Finding[]): boolean {
  return findings.every(({ code, refuses }) => !refuses || GROUP_CODES.has(code))
}

/** Whether all that speaks against an instance is that groups are not accepted. */
export function mayWaitForGroups(findings: readonly Finding[]): boolean {
  return findings.every(({ code, refuses }) => !refuses || INSTANCE_CODES.has(code))
}

/** Only those of the instances that wait for one of the groups. */
function joined(
  groups: readonly WaitingGroup[],
  instances: readonly Claimant[],
  pending: PendingSelections,
): JointMove | undefined {
  const keys = new Set(groups.map(({ group }) => keyOf(group)))
  const concerned =
    groups.length === 0 ? [] : instances.filter(({ instance }) => wantsAny(instance, keys, pending))
  if (concerned.length === 0) return undefined
  return {
    groups: [...groups].sort((a, b) => byAge(a.entry, b.entry)),
    instances: concerned.sort((a, b) => byAge(a.entry, b.entry)),
  }
}

function wantsAny(instance: Instance, keys: ReadonlySet<ObjectKey>, pending: PendingSelections): boolean {
  return [...namedReferences(instance), ...pending.selecting(instance)].some((key) => keys.has(key))
}
