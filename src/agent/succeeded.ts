import type { ObjectKey } from '../core/key.ts'
import { claimsOf } from '../policy/acceptance/claim-table.ts'
import type { AcceptedVersion } from '../store/store.ts'

type Versions = ReadonlyMap<ObjectKey, AcceptedVersion>

/**
 * Instances whose deletion is in doubt and whose place or address another one was accepted with: that was possible only
 * since they are gone, and two of them at one place would keep all others of its network from being programmed.
 */
export function succeeded(
  standing: Versions,
  doubtful: { has(key: ObjectKey): boolean },
  accepted: Versions,
): readonly ObjectKey[] {
  const inDoubt = [...standing].filter(([key, { object }]) => doubtful.has(key) && object.kind === 'Instance')
  if (inDoubt.length === 0) return []
  const taken = new Set([...accepted.values()].flatMap(claimsIn))
  return inDoubt
    .filter(([, version]) => claimsIn(version).some((claim) => taken.has(claim)))
    .map(([key]) => key)
}

function claimsIn({ object }: AcceptedVersion): readonly string[] {
  if (object.kind !== 'Instance') return []
  const { network, addresses, point } = claimsOf(object)
  const own = addresses.map((address) => `${network} ${address}`)
  return point === undefined ? own : [...own, point]
}
