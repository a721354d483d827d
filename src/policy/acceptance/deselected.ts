import type { PalisadeObject } from '../../api/objects.ts'
import { canonicalJson } from '../../core/digest.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Model } from '../model/model.ts'
import { compileSelector } from '../selector.ts'
import { selectionsOf } from './pending-selections.ts'

const NOBODY: readonly ObjectKey[] = []

/**
 * Instances that a version of a group has selected which is about to go. Asked where a profile takes no
 * instance without groups: they may be left without any, and then have to say so.
 */
export function deselected(
  last: PalisadeObject | undefined,
  next: PalisadeObject | undefined,
  model: Model,
): Iterable<ObjectKey> {
  if (last?.kind !== 'SecurityGroup' || last.spec.instanceSelector === undefined) return NOBODY
  const vpc = model.vpcOf(last)
  if (vpc?.profile.spec.instanceWithoutGroups !== 'Refuse') return NOBODY
  if (canonicalJson(selectionsOf(last)) === canonicalJson(selectionsOf(next))) return NOBODY
  const selected = vpc.signatures.selected(compileSelector(last.spec.instanceSelector))
  return selected.flatMap(({ instances }) => [...instances].map(({ key }) => key))
}
