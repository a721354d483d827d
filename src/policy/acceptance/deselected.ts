import type { PalisadeObject } from '../../api/objects.ts'
import { canonicalJson } from '../../core/digest.ts'
import type { ObjectKey } from '../../core/key.ts'
import { homeInDoubt } from '../model/default-groups.ts'
import type { Model } from '../model/model.ts'
import { compileSelector } from '../selector.ts'
import { selectionsOf } from './pending-selections.ts'

const NOBODY: readonly ObjectKey[] = []

/**
 * Instances that a version of a group has selected which is about to go. Asked where a profile takes no
 * instance without groups: they may be left without any, and then have to say so. Where the default group is in
 * doubt so are those that the next version selects, since they have it to say no more.
 */
export function deselected(
  last: PalisadeObject | undefined,
  next: PalisadeObject | undefined,
  model: Model,
): Iterable<ObjectKey> {
  const before = selectedBy(last, model, false)
  const after = selectedBy(next, model, true)
  if (before === undefined && after === undefined) return NOBODY
  if (canonicalJson(selectionsOf(last)) === canonicalJson(selectionsOf(next))) return NOBODY
  return [...(before?.() ?? NOBODY), ...(after?.() ?? NOBODY)]
}

/** Asks whom a version of a group selects, where it matters. */
function selectedBy(
  version: PalisadeObject | undefined,
  model: Model,
  isNext: boolean,
): (() => readonly ObjectKey[]) | undefined {
  if (version?.kind !== 'SecurityGroup' || version.spec.instanceSelector === undefined) return undefined
  const { instanceSelector: selector } = version.spec
  const vpc = model.vpcOf(version)
  if (vpc === undefined) return undefined
  const isRefusing = !isNext && vpc.profile.spec.instanceWithoutGroups === 'Refuse'
  if (!isRefusing && homeInDoubt(vpc, model) === undefined) return undefined
  return () =>
    vpc.signatures
      .selected(compileSelector(selector))
      .flatMap(({ instances }) => [...instances].map(({ key }) => key))
}

/** The instances that may join a default group of this name, since they name none. */
export function homeless(name: ObjectKey, model: Model): readonly ObjectKey[] {
  const owner = model.defaultGroup(name)
  if (owner === undefined) return NOBODY
  const unnamed = owner.vpc.instances.filter(({ signature }) => signature.named.length === 0)
  return unnamed.map(({ key }) => key)
}
