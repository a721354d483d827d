import type { ObjectKey } from '../../core/key.ts'

/** What changes have reached: names, never events. */
export interface Touched {
  /** Instances whose rule set, groups or own data changed, or that came or went. */
  readonly instances: ReadonlySet<ObjectKey>
  /** Groups whose rules, members or existence changed. */
  readonly groups: ReadonlySet<ObjectKey>
  readonly vpcs: ReadonlySet<ObjectKey>
  /** Groups and lists whose addresses changed, or that came into or out of use as a remote. */
  readonly remotes: ReadonlySet<ObjectKey>
}

/** Collects what is touched until somebody drains it. */
export class TouchLog {
  #instances = new Set<ObjectKey>()
  #groups = new Set<ObjectKey>()
  #vpcs = new Set<ObjectKey>()
  #remotes = new Set<ObjectKey>()

  instance(key: ObjectKey): void {
    this.#instances.add(key)
  }

  group(key: ObjectKey): void {
    this.#groups.add(key)
  }

  vpc(key: ObjectKey): void {
    this.#vpcs.add(key)
  }

  remote(key: ObjectKey): void {
    this.#remotes.add(key)
  }

  drain(): Touched {
    const touched = {
      instances: this.#instances,
      groups: this.#groups,
      vpcs: this.#vpcs,
      remotes: this.#remotes,
    }
    this.#instances = new Set()
    this.#groups = new Set()
    this.#vpcs = new Set()
    this.#remotes = new Set()
    return touched
  }
}
