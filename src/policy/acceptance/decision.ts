import type { PalisadeObject } from '../../api/objects.ts'
import type { LabelSelector } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Finding } from './finding.ts'

/** Which instances a group means to have as members. */
export interface Selection {
  /** Undefined: it cannot be read, and any VPC of the namespace may be meant. */
  readonly vpc: string | undefined
  readonly selector: LabelSelector
}

/** What a source says of one object. */
export interface Declaration {
  readonly key: ObjectKey
  /** Undefined: it is declared in a form that cannot be used, and its last accepted version stays. */
  readonly object: PalisadeObject | undefined
  /** What a group that cannot be used was to select, as far as that can be read. */
  readonly selects?: readonly Selection[]
  /** Place in the order of acceptance: the lower came first. */
  readonly order: number
}

/** What acceptance decided of one object. */
export interface Verdict {
  readonly findings: readonly Finding[]
  /** Whether the declared version is in force and nothing speaks against it. */
  readonly accepted: boolean
}

export interface AcceptanceChange {
  /** Each object once. */
  readonly declare: readonly Declaration[]
  readonly withdraw: readonly ObjectKey[]
}

/** What a change led to, by key. */
export interface AcceptanceResult {
  /** Each object once whose version in force changed, came or went. */
  readonly enforced: Iterable<ObjectKey>
  /** What was in force of these until now, where there was anything. */
  readonly before: ReadonlyMap<ObjectKey, PalisadeObject>
  /** Objects whose verdict was computed anew. */
  readonly judged: Iterable<ObjectKey>
  /** Objects that others refer to in another way than before. */
  readonly referred: readonly ObjectKey[]
  /** VPCs in whose quotas something else is counted than before. */
  readonly recounted: ReadonlySet<ObjectKey>
}
