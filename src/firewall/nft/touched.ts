/** Parts of a table that may differ from what the kernel holds. */
export class TouchedParts {
  readonly chains = new Set<string>()
  /** Whole sets, that came or went. */
  readonly sets = new Set<string>()
  /** Single elements of sets that stay. */
  readonly elements = new Map<string, Set<string>>()

  element(set: string, key: string): void {
    if (this.sets.has(set)) return
    const keys = this.elements.get(set)
    if (keys === undefined) this.elements.set(set, new Set([key]))
    else keys.add(key)
  }

  isEmpty(): boolean {
    return this.chains.size === 0 && this.sets.size === 0 && this.elements.size === 0
  }

  clear(): void {
    this.chains.clear()
    this.sets.clear()
    this.elements.clear()
  }
}
