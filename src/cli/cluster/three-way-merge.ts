import { isRecord, type UnknownRecord } from '../../core/record.ts'

/**
 * What `kubectl apply` makes of an object (Kubernetes, "Declarative Management of Kubernetes Objects Using
 * Configuration Files", "How apply calculates differences"): what the manifest says, without what it said when it
 * was applied last and says no more, and with what others have put there. A list is taken whole.
 */
export function threeWayMerge(
  lastApplied: UnknownRecord,
  manifest: UnknownRecord,
  current: UnknownRecord,
): UnknownRecord {
  const kept = Object.entries(current).filter(([field]) => !(field in lastApplied) && !(field in manifest))
  const said = Object.entries(manifest).map(([field, value]) => {
    const there = current[field]
    if (!isRecord(value) || !isRecord(there)) return [field, value] as const
    const before = lastApplied[field]
    return [field, threeWayMerge(isRecord(before) ? before : {}, value, there)] as const
  })
  return Object.fromEntries([...kept, ...said])
}
