/** What can be in one list at a time; its neighbours there, for the list to say. */
export interface Listed<Node> {
  previous: Node | undefined
  next: Node | undefined
}

const END: IteratorResult<never> = { done: true, value: undefined }

class Walk<Node extends Listed<Node>> implements Iterator<Node> {
  #at: Node | undefined

  constructor(first: Node | undefined) {
    this.#at = first
  }

  next(): IteratorResult<Node> {
    const value = this.#at
    if (value === undefined) return END
    this.#at = value.next
    return { done: false, value }
  }
}

/**
 * Nodes in the order in which they came, each linked to the next. A set would hash each of hundreds of thousands of
 * instances, and take as much room for one as the instance itself. Not to be changed while somebody goes through it.
 */
export class LinkedList<Node extends Listed<Node>> implements Iterable<Node> {
  #first: Node | undefined
  #last: Node | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Takes a node that is in no list. */
  add(node: Node): void {
    if (this.#last === undefined) this.#first = node
    else this.#last.next = node
    node.previous = this.#last
    this.#last = node
    this.#size += 1
  }

  /** Gives up a node, which has to be in this list. */
  delete(node: Node): void {
    const { previous, next } = node
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    node.previous = undefined
    node.next = undefined
    this.#size -= 1
  }

  [Symbol.iterator](): Iterator<Node> {
    return new Walk(this.#first)
  }
}
