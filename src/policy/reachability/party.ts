import type { Family } from '../../net/address.ts'
import type { IntervalSet } from '../../net/interval-set.ts'
import type { InstanceNode } from '../model/nodes.ts'
import type { RuleSet } from '../ruleset.ts'

/**
 * Addresses of one family that no rule of a VPC tells apart, and that have the same rules of their own:
 * whatever is decided of one of them is decided of all.
 */
export interface Party {
  readonly family: Family
  /** The remotes of rules that hold these addresses, as `remoteName` names them. */
  readonly remotes: ReadonlySet<string>
  /** The rules at this end; undefined of addresses that no declared instance has, whose end has no say. */
  readonly ruleSet: RuleSet | undefined
  /** Who has these addresses; empty of addresses that no declared instance has. */
  readonly members: readonly PartyMember[]
  readonly addresses: IntervalSet<bigint>
}

export interface PartyMember {
  readonly instance: InstanceNode
  readonly address: bigint
}
