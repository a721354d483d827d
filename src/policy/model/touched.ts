import { ChunkedList } from '../../core/chunked-list.ts'
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
  /** The last round in which it was noted; for the log to say. */
  touchedIn: number
}

/** Collects what is touched until somebody drains it. */
export class TouchLog {
  /** Number of the round; what was noted in an earlier one can be noted again, so nobody has to go through it. */
  #round = 1
  #instances = new ChunkedList<ObjectKey>()
  #groups = new ChunkedList<ObjectKey>()
  #vpcs = new ChunkedList<ObjectKey>()
  #remotes = new Set<ObjectKey>()

  instance(instance: Touchable): void {
    this.#note(this.#instances, instance)
  }

  group(group: Touchable): void {
    this.#note(this.#groups, group)
  }

  vpc(vpc: Touchable): void {
    this.#note(this.#vpcs, vpc)
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
    this.#round += 1
    this.#instances = new ChunkedList()
    this.#groups = new ChunkedList()
    this.#vpcs = new ChunkedList()
    this.#remotes = new Set()
    return touched
  }

  #note(list: ChunkedList<ObjectKey>, item: Touchable): void {
    if (item.touchedIn === this.#round) return
    item.touchedIn = this.#round
    list.push(item.key)
  }
}
