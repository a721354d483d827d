/** An instance is needed by nothing, so it goes at once; and nothing outlives a check. */
const GUARDED: ReadonlySet<string> = new Set(['VPC', 'SecurityGroup', 'AddressGroup', 'CloudProfile'])

/** Whether palisade keeps a server from letting objects of a kind go while anything needs them. */
export function isGuardedKind(kind: string): boolean {
  return GUARDED.has(kind)
}
