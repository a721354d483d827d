import { namespaceOf, type PalisadeObject } from '../../api/objects.ts'
import type { Instance } from '../../api/types.gen.ts'
import { parseKey, type ObjectKey } from '../../core/key.ts'
import { LabelIndex } from '../label-index.ts'
import { compileSelector, type CompiledSelector } from '../selector.ts'
import type { Selection } from './decision.ts'

interface Entry {
  readonly place: string
  readonly selector: CompiledSelector
}

/**
 * Which instances the groups select whose declared version is not in force. Indexed, since 10,000 groups over
 * a quota and as many new instances would make 100 million comparisons.
 */
export class PendingSelections {
  /** What is asked about the instances of one VPC, or of all where the VPC cannot be read. */
  readonly #places = new Map<string, LabelIndex<ObjectKey>>()
  readonly #entries = new Map<ObjectKey, readonly Entry[]>()

  set(key: ObjectKey, selections: readonly Selection[]): void {
    this.delete(key)
    if (selections.length === 0) return
    const { namespace } = parseKey(key)
    const entries = selections.map(({ vpc, selector }) => {
      return { place: placeName(namespace, vpc), selector: compileSelector(selector) }
    })
    this.#entries.set(key, entries)
    for (const { place, selector } of entries) this.#place(place).subscribe(selector, key)
  }

  delete(key: ObjectKey): void {
    if (this.#entries.size === 0) return
    for (const { place, selector } of this.#entries.get(key) ?? []) {
      this.#place(place).unsubscribe(selector, key)
    }
    this.#entries.delete(key)
  }

  /** The groups that would select an instance, in the order of their keys. */
  selecting(instance: Instance): readonly ObjectKey[] {
    if (this.#entries.size === 0) return NONE
    const found = new Set<ObjectKey>()
    const namespace = namespaceOf(instance)
    for (const vpc of [instance.spec.vpcRef.name, undefined]) {
      const place = this.#places.get(placeName(namespace, vpc))
      if (place === undefined) continue
      for (const { users } of place.selecting(instance.metadata.labels ?? {})) {
        for (const key of users) found.add(key)
      }
    }
    return [...found].sort()
  }

  #place(name: string): LabelIndex<ObjectKey> {
    const place = this.#places.get(name) ?? new LabelIndex<ObjectKey>()
    this.#places.set(name, place)
    return place
  }
}

const NONE: readonly ObjectKey[] = []
const NO_SELECTIONS: readonly Selection[] = []

/** What an object selects by labels: one thing, where it is a group that does. */
export function selectionsOf(object: PalisadeObject | undefined): readonly Selection[] {
  if (object?.kind !== 'SecurityGroup' || object.spec.instanceSelector === undefined) return NO_SELECTIONS
  return [{ vpc: object.spec.vpcRef.name, selector: object.spec.instanceSelector }]
}

const placeName = (namespace: string, vpc: string | undefined): string => `${namespace}/${vpc ?? ''}`
