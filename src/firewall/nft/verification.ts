import type { ObjectKey } from '../../core/key.ts'
import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { instanceElements, type Element } from './instance-elements.ts'
import type { Layout } from './layout.ts'
import type { Listing } from './listing.ts'
import { chainName, interfaceName, packedSetName } from './names.ts'
import type { Slot } from './slots.ts'
import { isSameChain, isSameShape, type NftSet, type Table } from './table.ts'

/** Says which parts of a layout a table really holds, rule by rule and element by element. */
export class Verification {
  readonly #layout: Layout
  readonly #actual: Table
  readonly #slots = new Map<Slot, boolean>()
  readonly #remotes = new Map<ObjectKey, boolean>()
  readonly #hasSkeleton: boolean

  /** Elements of the skeleton's sets by the interface that they are about. */
  readonly #byInterface = new Map<string, Element[]>()

  constructor(
    layout: Layout,
    { table: actual, foreign }: Pick<Listing, 'table' | 'foreign'>,
    skeleton: Table,
  ) {
    this.#layout = layout
    this.#actual = actual
    this.#hasSkeleton =
      foreign.length === 0 &&
      [...actual.chains].every(([name, { base }]) => base === undefined || skeleton.chains.has(name)) &&
      [...skeleton.chains.keys()].every((name) => this.#hasChain(name)) &&
      [...skeleton.sets].every(([name, set]) => this.#hasSkeletonSet(name, set))
  }

  /** What a set of the skeleton holds from the start is all that it may hold, unless it is for instances. */
  #hasSkeletonSet(name: string, wanted: NftSet): boolean {
    const present = this.#actual.sets.get(name)
    if (present === undefined || !isSameShape(present, wanted)) return false
    if (wanted.elements.size > 0) return hasSameElements(present, wanted)
    for (const [key, value] of present.elements) {
      const [port = ''] = key.split(' . ')
      const known = this.#byInterface.get(port)
      if (known === undefined) this.#byInterface.set(port, [{ set: name, key, value }])
      else known.push({ set: name, key, value })
    }
    return true
  }

  /** Whether an instance is held: its ports and addresses, its rules, what their remotes stand for. */
  holds(key: ObjectKey): boolean {
    const instance = this.#layout.instances.get(key)
    const slot = this.#layout.slots.of(key)
    if (!this.#hasSkeleton || instance === undefined || slot === undefined) return false
    return this.#holdsSlot(slot) && this.#holdsElements(instance, slot)
  }

  /** Exactly those: one more would let it use another's address, or others reach it otherwise. */
  #holdsElements(instance: InstanceRuleset, slot: Slot): boolean {
    const name = instance.attachment?.interface
    if (name === undefined) return true
    const wanted = instanceElements(instance, slot.name)
    const present = this.#byInterface.get(interfaceName(name)) ?? []
    return (
      present.length === wanted.length &&
      wanted.every(({ set, key, value }) => this.#actual.sets.get(set)?.elements.get(key) === value)
    )
  }

  /** Whether the sets of a remote hold exactly what it stands for. */
  holdsRemote(remote: ObjectKey): boolean {
    const known = this.#remotes.get(remote)
    if (known !== undefined) return known
    const sets = this.#layout.remoteSets(remote)
    const held = [sets?.[4], sets?.[6]].every((set) => set === undefined || this.#hasSet(set.name))
    this.#remotes.set(remote, held)
    return held
  }

  #holdsSlot(slot: Slot): boolean {
    const known = this.#slots.get(slot)
    if (known !== undefined) return known
    const chains = (['Ingress', 'Egress'] as const).map((direction) => chainName(direction, slot.name))
    const sets = (['Ingress', 'Egress'] as const).flatMap((direction) =>
      ([4, 6] as const).map((family) => packedSetName(direction, family, slot.name)),
    )
    const held =
      chains.every((name) => this.#hasChain(name)) &&
      sets.every((name) => !this.#layout.table.sets.has(name) || this.#hasSet(name))
    this.#slots.set(slot, held)
    return held
  }

  #hasChain(name: string): boolean {
    const present = this.#actual.chains.get(name)
    const wanted = this.#layout.table.chains.get(name)
    return present !== undefined && wanted !== undefined && isSameChain(present, wanted)
  }

  #hasSet(name: string): boolean {
    const present = this.#actual.sets.get(name)
    const wanted = this.#layout.table.sets.get(name)
    if (present === undefined || wanted === undefined) return false
    return isSameShape(present, wanted) && hasSameElements(present, wanted)
  }
}

function hasSameElements(present: NftSet, wanted: NftSet): boolean {
  if (present.elements.size !== wanted.elements.size) return false
  return [...wanted.elements].every(([key, value]) => present.elements.get(key) === value)
}
