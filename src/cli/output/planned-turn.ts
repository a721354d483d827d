import type { Turn } from '../../controller/loop.ts'
import type { Plan } from '../../controller/plan.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { VpcConnections } from '../../policy/reachability/snapshot.ts'

/** A plan, and what it opens and closes where somebody has asked for that. */
export interface ShownPlan {
  readonly plan: Plan
  readonly connections?: readonly VpcConnections[]
}

/** What is not done, with the checks that keep it out; its connections come besides those of what is done. */
export interface BlockedPlan extends ShownPlan {
  readonly checks: readonly ObjectKey[]
}

/** What there is to print of a turn. */
export interface PlannedTurn extends ShownPlan, Pick<Turn, 'findings' | 'heldBack' | 'isMisdirected'> {
  readonly blocked?: BlockedPlan | undefined
}
