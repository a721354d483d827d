import type { ObjectKey } from '../../core/key.ts'

/** What changes have reached: names, never events. A name may be there twice. */
export interface Touched {
  /** Instances whose rule set, groups or own data changed, or that came or went. */
  readonly instances: Iterable<ObjectKey>
  /** Groups whose rules, members or existence changed. */
  readonly groups: Iterable<ObjectKey>
  readonly vpcs: Iterable<ObjectKey>
  /** Groups and lists whose addresses changed, or that came into or out of use as a remote. */
  readonly remotes: Iterable<ObjectKey>
}

/** Something that is noted once, however often it is touched. */
export interface Touchable {
  readonly key: ObjectKey
  /** Whether it has been noted; for the log to say. */
  touched: boolean
}

/** Collects what is touched until somebody drains it. */
export class TouchLog {
  #instances: Touchable[] = []
  #groups: Touchable[] = []
  #vpcs: Touchable[] = []
  #remotes = new Set<ObjectKey>()

  instance(instance: Touchable): void {
    note(this.#instances, instance)
  }

  group(group: Touchable): void {
    note(this.#groups, group)
  }

  vpc(vpc: Touchable): void {
    note(this.#vpcs, vpc)
  }

  remote(key: ObjectKey): void {
    this.#remotes.add(key)
  }

  drain(): Touched {
    const touched = {
      instances: keysOf(this.#instances),
      groups: keysOf(this.#groups),
      vpcs: keysOf(this.#vpcs),
      remotes: this.#remotes,
    }
    this.#instances = []
    this.#groups = []
    this.#vpcs = []
    this.#remotes = new Set()
    return touched
  }
}

function note(list: Touchable[], item: Touchable): void {
  if (item.touched) return
  item.touched = true
  list.push(item)
}

/** Their names; from now on they can be noted again. */
function keysOf(list: readonly Touchable[]): readonly ObjectKey[] {
  return list.map((item) => {
    item.touched = false
    return item.key
  })
}
