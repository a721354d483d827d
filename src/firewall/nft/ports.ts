import type { Executor, Netns } from './executor.ts'
import { listLinks } from './links.ts'

/**
 * The interfaces of a namespace that instances are attached to, as they really are. The rules go by names:
 * of a port that is enslaved, renamed or meant by an alternative name the hooks see packets under another name, or none at all.
 */
export class Ports {
  readonly #executor: Executor
  readonly #netns: Netns
  /** The name under which each interface was a port. */
  readonly #known = new Map<number, string>()
  readonly #problems = new Map<string, string>()
  /** Names that were looked for since anything changed; undefined: something did. */
  #looked: Set<string> | undefined
  #monitor: { readonly stop: () => void } | undefined

  constructor(executor: Executor, netns: Netns) {
    this.#executor = executor
    this.#netns = netns
  }

  /** What is wrong with each port of which anything is, to follow its name and what it is. */
  get problems(): ReadonlyMap<string, string> {
    return this.#problems
  }

  /** Whether these ports, or any, may be another thing than when they were last looked at. */
  isStale(names: Iterable<string>): boolean {
    const looked = this.#looked
    return looked === undefined || [...names].some((name) => !looked.has(name))
  }

  /** The next look is due. */
  forget(): void {
    this.#looked = undefined
  }

  /** What is looked at next is another namespace, where the index of a port may be that of any interface. */
  startAnew(): void {
    this.#known.clear()
    this.forget()
  }

  /**
   * Looks at the ports of these names. Returns the names that former ports, and those meant by an alternative
   * name, really have: they are to be closed.
   */
  async look(names: ReadonlySet<string>): Promise<readonly string[]> {
    // First, since what happens while the interfaces are listed is to be looked at again.
    this.#looked = new Set(names)
    const links = await listLinks(this.#executor, this.#netns)
    const present = new Set(links.map(({ name }) => name))
    const otherwise: string[] = []
    this.#problems.clear()
    for (const { index, name, altnames = [], master } of links) {
      const before = this.#known.get(index)
      if (names.has(name)) this.#known.set(index, name)
      else if (before !== undefined) {
        otherwise.push(name)
        if (names.has(before) && !present.has(before)) {
          this.#problems.set(before, `is now called ${name}, which stays closed: name it ${before} again`)
        }
      }
      if (names.has(name) && master !== undefined) {
        this.#problems.set(
          name,
          `is part of ${master}, so its packets do not pass the rules: take it out of there (ip link set ${name} nomaster)`,
        )
      }
      for (const alternative of altnames) {
        if (!names.has(alternative)) continue
        otherwise.push(name)
        this.#problems.set(
          alternative,
          `is only another name of ${name}, under which its packets come: attach the instance to ${name}`,
        )
      }
    }
    const indices = new Set(links.map(({ index }) => index))
    for (const index of this.#known.keys()) if (!indices.has(index)) this.#known.delete(index)
    return otherwise
  }

  /** Rings when interfaces come, go or change. */
  watch(bell: () => void): void {
    if (this.#monitor !== undefined) return
    this.forget()
    this.#monitor = this.#executor.follow(
      this.#netns,
      ['ip', 'monitor', 'link'],
      () => {
        this.forget()
        bell()
      },
      () => {
        this.#monitor = undefined
        this.forget()
      },
    )
  }

  unwatch(): void {
    this.#monitor?.stop()
    this.#monitor = undefined
  }
}
