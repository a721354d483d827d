import { effectiveRemoteKey, effectiveRemotes } from '../../api/effective-remotes.ts'
import { displayKey, type ObjectKey } from '../../core/key.ts'
import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { FirewallError } from '../firewall.ts'
import type { Direction } from './compile-rule.ts'
import { compileSide, type CompiledSide } from './compile-side.ts'
import { instanceElements, LASTING_SETS } from './instance-elements.ts'
import { generationParts, type Generation } from './mark.ts'
import { chainName, interfaceName, isInterfaceName, packedSetName } from './names.ts'
import { PACKED_FROM } from './pack.ts'
import { remoteSets, shapeOf, type RemoteSets } from './remote-sets.ts'
import { addSkeleton, hostChains } from './skeleton.ts'
import { Slots, type Slot } from './slots.ts'
import { emptyTable, type Chain, type Table } from './table.ts'
import { TouchedParts } from './touched.ts'

/** What one change means for one namespace. */
export interface LayoutChange {
  readonly put: readonly InstanceRuleset[]
  readonly remove: readonly ObjectKey[]
  /** Remotes whose addresses may differ, whether the namespace uses them or not. */
  readonly remotes: Iterable<ObjectKey>
}

export interface LayoutInputs {
  /** What a remote stands for; undefined: nothing. */
  readonly prefixes: (remote: ObjectKey) => readonly string[] | undefined
  /** The slot that an instance has in the kernel, for a layout that takes over what is there. */
  readonly slotName?: (instance: InstanceRuleset) => string | undefined
}

/** The table that a namespace should have, kept up to date change by change; a cold start is the same code. */
export class Layout {
  readonly table: Table = emptyTable()
  /** What changes have reached since it was last cleared. */
  readonly touched = new TouchedParts()
  readonly instances = new Map<ObjectKey, InstanceRuleset>()
  readonly slots = new Slots()
  generation: Generation
  closed: ReadonlySet<string> = new Set()
  readonly #packedFrom: number
  readonly #remotes = new Map<ObjectKey, { sets: RemoteSets; readonly users: Set<Slot> }>()
  /** Who owns an interface; '' is the node itself. */
  readonly #owners = new Map<string, ObjectKey>()

  constructor(generation: Generation, packedFrom: number = PACKED_FROM) {
    this.generation = generation
    this.#packedFrom = packedFrom
    addSkeleton(this.table)
    this.bump(generation)
  }

  /** Brings in a generation: from then on every open connection is judged again. */
  bump(generation: Generation): void {
    this.generation = generation
    const { chains, elements } = generationParts(generation)
    for (const [name, chain] of chains) this.#putChain(name, chain)
    for (const [name, keys] of elements) {
      this.#putElements(name, [...(this.table.sets.get(name)?.elements.keys() ?? [])], keys)
    }
  }

  update(change: LayoutChange, inputs: LayoutInputs): void {
    const dirty = new Set<Slot>(this.slots.edit(change.put))
    for (const key of change.remove) this.#leave(key)
    for (const { instance } of change.put) this.#withdraw(instance)
    for (const instance of change.put) this.#join(instance, inputs, dirty)
    for (const remote of change.remotes) this.#refreshRemote(remote, inputs, dirty)
    for (const slot of dirty) this.#compile(slot, inputs)
  }

  /** Interfaces that no instance of this layout is attached to, and that are to be closed. */
  close(names: ReadonlySet<string>): void {
    this.closed = names
    const ports = this.table.sets.get('ports')?.elements
    for (const name of names) {
      const port = interfaceName(name)
      if (ports?.has(port) !== false) continue
      ports.set(port, '')
      this.touched.element('ports', port)
    }
  }

  /** Instances whose rules name a remote. */
  usersOf(remote: ObjectKey): readonly ObjectKey[] {
    return [...(this.#remotes.get(remote)?.users ?? [])].flatMap(({ users }) => [...users])
  }

  /** Ports that a table closes stay closed, whoever they belonged to; what is none would spoil every later transaction. */
  adoptLasting(actual: Table): void {
    for (const set of LASTING_SETS) {
      for (const key of actual.sets.get(set)?.elements.keys() ?? []) {
        if (isInterfaceName(key)) this.table.sets.get(set)?.elements.set(key, '')
      }
    }
  }

  /** Only what is attached or to be closed stays a port: others were those of a namespace that is gone. */
  forgetLasting(): void {
    const wanted = new Set([...this.closed, ...this.#owners.keys()].map(interfaceName))
    for (const set of LASTING_SETS) {
      const elements = this.table.sets.get(set)?.elements
      for (const key of elements?.keys() ?? []) if (!wanted.has(key)) elements?.delete(key)
    }
  }

  usedRemotes(): IterableIterator<ObjectKey> {
    return this.#remotes.keys()
  }

  /** The sets of a remote that rules here name. */
  remoteSets(remote: ObjectKey): RemoteSets | undefined {
    return this.#remotes.get(remote)?.sets
  }

  /** What the rules of a slot become in one direction. */
  compiled(slot: Slot, direction: Direction): CompiledSide {
    const rules = direction === 'Ingress' ? slot.ruleSet.ingress : slot.ruleSet.egress
    return compileSide(rules, {
      direction,
      slot: slot.name,
      packedFrom: this.#packedFrom,
      findRemote: (remote) => {
        const key = effectiveRemoteKey(remote, slot.namespace)
        return key === undefined ? undefined : this.remoteSets(key)
      },
    })
  }

  #leave(key: ObjectKey): void {
    this.#withdraw(key)
    this.instances.delete(key)
    const gone = this.slots.leave(key)
    if (gone !== undefined) this.#forget(gone)
  }

  /** Takes away what an instance added to sets; what it has anew is added after all have given up theirs. */
  #withdraw(key: ObjectKey): void {
    const instance = this.instances.get(key)
    const slot = this.slots.of(key)
    if (instance === undefined || slot === undefined) return
    this.#owners.delete(interfaceOf(instance))
    if (instance.attachment?.host === true) this.#putHost(undefined, undefined)
    for (const { set, key: element } of instanceElements(instance, slot.name)) {
      if (LASTING_SETS.has(set)) continue
      this.table.sets.get(set)?.elements.delete(element)
      this.touched.element(set, element)
    }
  }

  #join(instance: InstanceRuleset, inputs: LayoutInputs, dirty: Set<Slot>): void {
    const key = instance.instance
    const owner = this.#owners.get(interfaceOf(instance))
    if (owner !== undefined) {
      throw new FirewallError(
        `${displayKey(owner)} and ${displayKey(key)} are attached to the same interface: give one of them another`,
      )
    }
    this.#owners.set(interfaceOf(instance), key)
    const last = this.slots.of(key)
    if (last !== undefined && last.ruleSet.digest !== instance.ruleSet.digest) {
      const gone = this.slots.leave(key)
      if (gone !== undefined) this.#forget(gone)
    }
    const { slot, isNew } = this.slots.join(instance, inputs.slotName?.(instance))
    if (isNew) dirty.add(slot)
    this.instances.set(key, instance)
    if (instance.attachment?.host === true) this.#putHost(slot, instance)
    for (const { set, key: element, value } of instanceElements(instance, slot.name)) {
      this.table.sets.get(set)?.elements.set(element, value)
      this.touched.element(set, element)
    }
  }

  #compile(slot: Slot, inputs: LayoutInputs): void {
    if (slot.users.size === 0) return
    const before = slot.remotes
    slot.remotes = effectiveRemotes(slot.ruleSet, slot.namespace)
    for (const remote of slot.remotes) {
      const known = this.#remotes.get(remote)
      if (known === undefined) {
        const sets = remoteSets(remote, inputs.prefixes(remote) ?? [])
        this.#remotes.set(remote, { sets, users: new Set([slot]) })
        this.#putSets({}, sets)
      } else known.users.add(slot)
    }
    this.#release(slot, before)
    for (const direction of ['Ingress', 'Egress'] as const) {
      const { chain, packed } = this.compiled(slot, direction)
      this.#putChain(chainName(direction, slot.name), chain)
      for (const family of [4, 6] as const) {
        this.#putPacked(packedSetName(direction, family, slot.name), family, packed[family])
      }
    }
  }

  /** The rules of a slot that are elements of a set, in one family. */
  #putPacked(name: string, family: 4 | 6, elements: readonly string[]): void {
    const known = this.table.sets.get(name)
    if (elements.length === 0) {
      if (known === undefined) return
      this.table.sets.delete(name)
      this.touched.sets.add(name)
    } else if (known === undefined) {
      const type = `ipv${family}_addr . inet_service . inet_proto`
      const own = new Map(elements.map((key) => [key, '']))
      this.table.sets.set(name, { kind: 'set', type, interval: true, counts: true, elements: own })
      this.touched.sets.add(name)
    } else this.#putElements(name, [...known.elements.keys()], elements)
  }

  #forget(slot: Slot): void {
    for (const direction of ['Ingress', 'Egress'] as const) {
      const name = chainName(direction, slot.name)
      this.table.chains.delete(name)
      this.touched.chains.add(name)
      for (const family of [4, 6] as const) {
        this.#putPacked(packedSetName(direction, family, slot.name), family, [])
      }
    }
    const before = slot.remotes
    slot.remotes = []
    this.#release(slot, before)
  }

  /** Remotes that a slot no longer names; their sets go with the last one that does. */
  #release(slot: Slot, before: readonly ObjectKey[]): void {
    const kept = new Set(slot.remotes)
    for (const remote of before) {
      const known = this.#remotes.get(remote)
      if (known === undefined || kept.has(remote)) continue
      known.users.delete(slot)
      if (known.users.size > 0) continue
      this.#remotes.delete(remote)
      this.#putSets(known.sets, {})
    }
  }

  #refreshRemote(remote: ObjectKey, inputs: LayoutInputs, dirty: Set<Slot>): void {
    const known = this.#remotes.get(remote)
    if (known === undefined) return
    const sets = remoteSets(remote, inputs.prefixes(remote) ?? [])
    if (shapeOf(known.sets) !== shapeOf(sets)) for (const slot of known.users) dirty.add(slot)
    this.#putSets(known.sets, sets)
    known.sets = sets
  }

  #putSets(before: RemoteSets, after: RemoteSets): void {
    for (const family of [4, 6] as const) {
      const old = before[family]
      const next = after[family]
      if (old !== undefined && old.name !== next?.name) {
        this.table.sets.delete(old.name)
        this.touched.sets.add(old.name)
      }
      if (next === undefined) continue
      if (old?.name !== next.name) {
        const elements = new Map(next.elements.map((element) => [element, '']))
        const type = family === 4 ? 'ipv4_addr' : 'ipv6_addr'
        this.table.sets.set(next.name, { kind: 'set', type, interval: next.interval, elements })
        this.touched.sets.add(next.name)
      } else this.#putElements(next.name, old.elements, next.elements)
    }
  }

  #putElements(name: string, before: readonly string[], after: readonly string[]): void {
    const elements = this.table.sets.get(name)?.elements
    if (elements === undefined) throw new Error(`there is no set ${name}`)
    const kept = new Set(after)
    for (const element of before) {
      if (kept.has(element)) continue
      elements.delete(element)
      this.touched.element(name, element)
    }
    for (const element of after) {
      if (elements.has(element)) continue
      elements.set(element, '')
      this.touched.element(name, element)
    }
  }

  #putHost(slot: Slot | undefined, instance: InstanceRuleset | undefined): void {
    const rules = slot && {
      ingress: chainName('Ingress', slot.name),
      egress: chainName('Egress', slot.name),
      keep: instance?.established === 'Keep',
    }
    for (const [name, chain] of hostChains(rules)) this.#putChain(name, chain)
  }

  #putChain(name: string, chain: Chain): void {
    this.table.chains.set(name, chain)
    this.touched.chains.add(name)
  }
}

const interfaceOf = ({ attachment }: InstanceRuleset): string => attachment?.interface ?? ''
