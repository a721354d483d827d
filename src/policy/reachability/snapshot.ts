import type { ObjectKey } from '../../core/key.ts'
import type { Model } from '../model/model.ts'
import { connectionTexts, type ConnectionTexts } from './connection-text.ts'
import { differenceOf } from './difference.ts'
import { Reachability, type ReachabilityMemory } from './reachability.ts'

/** The relation of every VPC at one time; later changes of the model do not reach it. */
export type ReachabilitySnapshot = ReadonlyMap<ObjectKey, Reachability>

export function reachabilitySnapshot(model: Model, memory: ReachabilityMemory): ReachabilitySnapshot {
  return new Map([...model.vpcs()].map((vpc) => [vpc.key, Reachability.of(model, vpc, memory)]))
}

/** The connections that come and go in one VPC. */
export interface VpcConnections extends ConnectionTexts {
  readonly vpc: ObjectKey
}

/** What a change of the objects opens and closes; VPCs in which nothing does are left out. In the order of their keys. */
export function connectionsBetween(
  before: ReachabilitySnapshot,
  after: ReachabilitySnapshot,
): readonly VpcConnections[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort()
  return keys.flatMap((vpc) => {
    const texts = connectionTexts(
      differenceOf(before.get(vpc) ?? Reachability.nothing(), after.get(vpc) ?? Reachability.nothing()),
    )
    return texts.opens.length + texts.closes.length === 0 ? [] : [{ vpc, ...texts }]
  })
}
