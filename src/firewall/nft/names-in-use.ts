import { FirewallError } from '../firewall.ts'
import type { Executor, Netns } from './executor.ts'

/**
 * What a name got of the namespace that it stands for: it has it as before, has it from another name, or
 * leaves it to another, since nobody is attached by this one.
 */
export type Tenure = 'Kept' | 'Taken' | 'Left'

/** What is attached by one name. */
interface Tenant {
  readonly isEmpty: boolean
}

/**
 * By which name each network namespace is programmed. One namespace may have several names (a bind mount, or a
 * name of the node's own), and by two of them palisade would put right, for good, what it programs itself.
 */
export class NamesInUse {
  readonly #executor: Pick<Executor, 'identity'>
  readonly #tenants: ReadonlyMap<Netns, Tenant>
  readonly #holders = new Map<string, { readonly netns: Netns }>()

  /** `tenants`: who is attached, as it is at any time. */
  constructor(executor: Pick<Executor, 'identity'>, tenants: ReadonlyMap<Netns, Tenant>) {
    this.#executor = executor
    this.#tenants = tenants
  }

  /** A name whose instances the namespace holds already comes before one that is new. */
  found(netns: Netns): void {
    const identity = this.#executor.identity(netns)
    if (identity === undefined || this.#isEmpty(netns)) return
    if (this.#other(netns, identity) === undefined) this.#holders.set(identity, { netns })
  }

  /** Throws FirewallError while instances are attached to the namespace by another name. */
  take(netns: Netns, identity: string): Tenure {
    const other = this.#other(netns, identity)
    if (other !== undefined) {
      if (this.#isEmpty(netns)) return 'Left'
      throw new FirewallError(
        `${placeOf(netns)} (spec.attachment) is the same as ${placeOf(other.netns)}: attach the instances of both to one of the two`,
      )
    }
    const before = this.#holders.get(identity)
    this.#holders.set(identity, { netns })
    return before === undefined || before.netns === netns ? 'Kept' : 'Taken'
  }

  /** The other name that has the namespace, while that stands for it and is used. */
  #other(netns: Netns, identity: string): { readonly netns: Netns } | undefined {
    const holder = this.#holders.get(identity)
    if (holder === undefined || holder.netns === netns || this.#isEmpty(holder.netns)) return undefined
    return this.#executor.identity(holder.netns) === identity ? holder : undefined
  }

  #isEmpty(netns: Netns): boolean {
    return this.#tenants.get(netns)?.isEmpty !== false
  }
}

/** A network namespace in a sentence, the node's own as well. */
export function placeOf(netns: Netns): string {
  return netns === undefined ? "the node's own network namespace" : `network namespace ${netns}`
}
