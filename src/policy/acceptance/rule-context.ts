import type { GroupType, SecurityGroup } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Direction, Profile } from '../profile.ts'

/** Whether something that a rule or an instance names can be used. */
export type Resolution = 'InForce' | 'NotFound' | 'NotAccepted' | 'OtherVPC' | 'NotRemotable'

/** Where a rule stands, for its checks. */
export interface RuleContext {
  readonly group: SecurityGroup
  readonly profile: Profile
  readonly groupType: GroupType
  readonly classic: boolean
  readonly direction: Direction
  readonly resolve: (key: ObjectKey) => Resolution
}
