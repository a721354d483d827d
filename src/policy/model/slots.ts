import type { PalisadeObject } from '../../api/objects.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { InstanceNode } from './nodes.ts'
import type { VpcIndex } from './vpc-index.ts'

/** What is in force under one key, for the model to change and for everybody to read. */
export interface Slot {
  readonly key: ObjectKey
  /** The version in force; what palisade generates is none of anybody's. */
  enforced: PalisadeObject | undefined
  /** The VPC that it is, or is in. */
  vpc: VpcIndex | undefined
  /** Of an instance. */
  node: InstanceNode | undefined
}

/**
 * One table of all keys. Whoever knows more of them than the model keeps it there too: to look one key up in a table
 * of each takes longer than all that is done with what is found.
 */
export interface Slots {
  get(key: ObjectKey): Slot | undefined
  /** The slot of a key, a new one where there is none. */
  obtain(key: ObjectKey): Slot
  /** To be called when nothing is in force under a key any more; absent: whoever keeps the table sees to it. */
  vacate?(slot: Slot): void
  values(): Iterable<Slot>
}

/** For a model that nobody else knows the keys of. */
export class OwnSlots implements Slots {
  readonly #slots = new Map<ObjectKey, Slot>()

  get(key: ObjectKey): Slot | undefined {
    return this.#slots.get(key)
  }

  obtain(key: ObjectKey): Slot {
    const known = this.#slots.get(key)
    if (known !== undefined) return known
    const slot = { key, enforced: undefined, vpc: undefined, node: undefined }
    this.#slots.set(key, slot)
    return slot
  }

  vacate({ key }: Slot): void {
    this.#slots.delete(key)
  }

  values(): Iterable<Slot> {
    return this.#slots.values()
  }
}
