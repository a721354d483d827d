import type { PalisadeObject } from '../../api/objects.ts'
import type { Condition, EnforcedVersion, ObjectMeta } from '../../api/types.gen.ts'
import { digestText } from '../../core/digest.ts'
import { encodeEnforced } from '../../api/enforced-object.ts'
import type { AcceptedVersion, InventoryEntry, StatusRecord } from '../../store/store.ts'
import type { TimelessCondition } from './conditions.ts'

/** A status before it is known since when its conditions have been so. */
export interface TimelessStatus {
  readonly conditions: readonly TimelessCondition[]
  /** Everything else of the status, or what stands for it: for comparison. */
  readonly rest: object
  /** The object with its whole status. */
  readonly attach: (metadata: ObjectMeta, base: BaseStatus) => PalisadeObject
}

/** The part of a status that every kind has. */
export interface BaseStatus {
  readonly observedGeneration: number
  readonly conditions: readonly Condition[]
  readonly enforced?: EnforcedVersion
}

/** A status that has to be written, and what to remember of it. */
export interface StampedStatus {
  readonly object: PalisadeObject
  readonly record: StatusRecord
}

interface StampOptions {
  /** The time, as statuses have it. */
  readonly at: string
  /** Whether the version in force itself is part of the status. */
  readonly remembersInStatus: boolean | undefined
}

/**
 * Puts a status together; undefined when it is the one that was last written. A condition keeps its
 * lastTransitionTime until its status changes, as Kubernetes asks for.
 */
export function stampStatus(
  entry: InventoryEntry,
  object: PalisadeObject,
  status: TimelessStatus,
  { at, remembersInStatus }: StampOptions,
): StampedStatus | undefined {
  const { generation, accepted } = entry
  const enforced = accepted && versionOf(accepted)
  const digest = digestText(
    JSON.stringify([object.metadata, object.spec, generation, enforced, status.conditions, status.rest]),
  )
  if (entry.status?.digest === digest) return undefined
  const transitions = Object.fromEntries(
    status.conditions.map(({ type, status: value }) => {
      const last = entry.status?.transitions[type]
      return [type, last?.[0] === value ? last : ([value, at] as const)]
    }),
  )
  const conditions = status.conditions.map((condition): Condition => {
    const lastTransitionTime = transitions[condition.type]?.[1] ?? at
    return { ...condition, observedGeneration: generation, lastTransitionTime }
  })
  const text = accepted && remembersInStatus === true ? { object: encodeEnforced(accepted.object) } : {}
  const base = {
    observedGeneration: generation,
    conditions,
    ...(enforced && { enforced: { ...enforced, ...text } }),
  }
  const metadata = { ...object.metadata, generation, creationTimestamp: entry.firstSeen }
  return { object: status.attach(metadata, base), record: { digest, transitions } }
}

const versionOf = ({ generation, digest }: AcceptedVersion): EnforcedVersion => ({ generation, digest })
