import type { LabelSelector } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Moment } from '../../core/moment.ts'
import type { CompiledSelector } from '../selector.ts'

/** What a VPC asks about what is not in it. */
export interface Outside {
  /** Whether an address group is in force. */
  readonly isAddressGroup: (key: ObjectKey) => boolean
  /** Whether a group of another VPC than this one has this key. */
  readonly isOfOtherVpc: (key: ObjectKey, vpcName: string) => boolean
  /** Whether a group of this key is declared and not in force. */
  readonly isReserved: (key: ObjectKey) => boolean
  readonly compileSelector: (selector: LabelSelector) => CompiledSelector
  /** The moment for which rules are computed. */
  readonly now: () => Moment
}
