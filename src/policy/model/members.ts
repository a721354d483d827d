import { canonicalAddress } from '../../net/address.ts'
import { comparePrefixes, formatPrefix, parsePrefix, type Prefix } from '../../net/prefix.ts'
import type { ReadonlySmallSet } from '../../core/small-set.ts'
import type { GroupNode, InstanceNode, MemberList, Signature } from './nodes.ts'

/** The canonical text of an instance's addresses, in the order declared. */
export function canonicalAddresses(instance: InstanceNode): readonly string[] {
  return (instance.object.spec.addresses ?? []).map((text) => {
    const address = canonicalAddress(text)
    if (address === undefined) {
      throw new Error(`${instance.key} has the address ${text}, which cannot be read`)
    }
    return address
  })
}

/** Cidrs and addresses as canonical prefixes, in order, each once. */
export function canonicalPrefixes(cidrs: readonly string[]): readonly string[] {
  const prefixes = cidrs.map(readPrefix).sort(comparePrefixes).map(formatPrefix)
  return prefixes.filter((prefix, index) => prefix !== prefixes[index - 1])
}

/** A prefix that was accepted; throws on text that no check lets through. */
export function readPrefix(text: string): Prefix {
  const result = parsePrefix(text)
  if (!result.ok) throw new Error(`${text} is not a prefix`)
  return result.prefix
}

/**
 * Member lists, shared by groups with the same members: 10,000 groups with one selector over 10,000
 * instances would otherwise hold 100 million entries.
 */
export class MemberLists {
  /** Made when first needed, since many VPCs never ask for a member list. */
  #lists: Map<string, MemberList> | undefined

  of(group: GroupNode): MemberList {
    group.members ??= this.#shared(group.signatures)
    return group.members
  }

  /** To be called when the instances of any signature changed. */
  forget(): void {
    this.#lists = undefined
  }

  #shared(signatures: ReadonlySmallSet<Signature>): MemberList {
    const identity = [...signatures]
      .map(({ id }) => id)
      .sort((a, b) => a - b)
      .join(',')
    this.#lists ??= new Map()
    const known = this.#lists.get(identity)
    if (known !== undefined) return known
    const instances = [...signatures].flatMap((signature) => [...signature.instances])
    instances.sort((a, b) => (a.key < b.key ? -1 : 1))
    const list = new LazyMemberList(instances)
    this.#lists.set(identity, list)
    return list
  }
}

class LazyMemberList implements MemberList {
  readonly instances: readonly InstanceNode[]
  #prefixes: readonly string[] | undefined

  constructor(instances: readonly InstanceNode[]) {
    this.instances = instances
  }

  get prefixes(): readonly string[] {
    this.#prefixes ??= canonicalPrefixes(this.instances.flatMap(({ object }) => object.spec.addresses ?? []))
    return this.#prefixes
  }
}
