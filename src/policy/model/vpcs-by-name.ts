import { DEFAULT_NAMESPACE, namespaceOf } from '../../api/objects.ts'
import { ownerOfDefault } from './default-groups.ts'
import type { VpcIndex } from './vpc-index.ts'

interface NamedPlace {
  readonly namespace?: string
  readonly name: string
}

/** VPCs by namespace and name: two look-ups are cheaper than putting a key together for each instance. */
export class VpcsByName {
  readonly #namespaces = new Map<string, Map<string, VpcIndex>>()

  add(vpc: VpcIndex): void {
    const namespace = namespaceOf(vpc.object)
    const siblings = this.#namespaces.get(namespace) ?? new Map<string, VpcIndex>()
    this.#namespaces.set(namespace, siblings.set(vpc.object.metadata.name, vpc))
  }

  delete({ object }: VpcIndex): void {
    const namespace = namespaceOf(object)
    const siblings = this.#namespaces.get(namespace)
    siblings?.delete(object.metadata.name)
    if (siblings?.size === 0) this.#namespaces.delete(namespace)
  }

  get(namespace: string, name: string): VpcIndex | undefined {
    return this.#namespaces.get(namespace)?.get(name)
  }

  of(namespace: string): Iterable<VpcIndex> {
    return this.#namespaces.get(namespace)?.values() ?? []
  }

  /** The VPC that a group is named after, as generated ones are. */
  generating({ namespace = DEFAULT_NAMESPACE, name }: NamedPlace): VpcIndex | undefined {
    return this.get(namespace, ownerOfDefault(name))
  }
}
