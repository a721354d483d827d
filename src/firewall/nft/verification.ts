import type { ObjectKey } from '../../core/key.ts'
import { chainName, packedSetName, ruleChainName } from './names.ts'
import { instanceElements } from './instance-elements.ts'
import type { Layout } from './layout.ts'
import type { Slot } from './slots.ts'
import { isSameChain, isSameShape, type Table } from './table.ts'

/** Says which parts of a layout a table really holds, rule by rule and element by element. */
export class Verification {
  readonly #layout: Layout
  readonly #actual: Table
  readonly #slots = new Map<Slot, boolean>()
  readonly #remotes = new Map<ObjectKey, boolean>()
  readonly #hasSkeleton: boolean

  constructor(layout: Layout, actual: Table, skeleton: Table) {
    this.#layout = layout
    this.#actual = actual
    this.#hasSkeleton =
      [...skeleton.chains.keys()].every((name) => this.#hasChain(name)) &&
      [...skeleton.sets].every(([name, set]) => {
        const present = actual.sets.get(name)
        return (
          present !== undefined &&
          isSameShape(present, set) &&
          [...set.elements].every(([key, value]) => present.elements.get(key) === value)
        )
      })
  }

  /** Whether an instance is held: its ports and addresses, its rules, what their remotes stand for. */
  holds(key: ObjectKey): boolean {
    const instance = this.#layout.instances.get(key)
    const slot = this.#layout.slots.of(key)
    if (!this.#hasSkeleton || instance === undefined || slot === undefined) return false
    return (
      this.#holdsSlot(slot) &&
      instanceElements(instance, slot.name).every(
        ({ set, key: element, value }) => this.#actual.sets.get(set)?.elements.get(element) === value,
      )
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
    const chains = (['Ingress', 'Egress'] as const).flatMap((direction) => [
      chainName(direction, slot.name),
      ruleChainName(direction, slot.name),
    ])
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
    if (!isSameShape(present, wanted) || present.elements.size !== wanted.elements.size) return false
    return [...wanted.elements.keys()].every((element) => present.elements.has(element))
  }
}
