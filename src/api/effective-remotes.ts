import { objectKey, type ObjectKey } from '../core/key.ts'
import { SmallSet } from '../core/small-set.ts'
import type { EffectiveRule } from './types.gen.ts'

/** What a rule in force names as its remote, by its bare name, if that is an object. */
export function effectiveRemoteKey(
  { securityGroup, addressGroup }: EffectiveRule['remote'],
  namespace: string,
): ObjectKey | undefined {
  if (securityGroup !== undefined) return objectKey('SecurityGroup', namespace, securityGroup)
  if (addressGroup !== undefined) return objectKey('AddressGroup', namespace, addressGroup)
  return undefined
}

/** What the rules of both directions name as remotes, each once. */
export function effectiveRemotes(
  { ingress, egress }: Readonly<Record<'ingress' | 'egress', readonly EffectiveRule[]>>,
  namespace: string,
): readonly ObjectKey[] {
  const found = new SmallSet<ObjectKey>()
  for (const rules of [ingress, egress]) {
    for (const { remote } of rules) {
      const key = effectiveRemoteKey(remote, namespace)
      if (key !== undefined) found.add(key)
    }
  }
  return found.size === 0 ? NO_KEYS : [...found]
}

/** Shared, since many rule sets name nothing. */
const NO_KEYS: readonly ObjectKey[] = []
