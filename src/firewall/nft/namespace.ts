import type { ObjectKey } from '../../core/key.ts'
import type { InstanceRuleset } from '../../policy/ruleset.ts'
import type { Drift, RuleSetHits } from '../firewall.ts'
import { needsReading, type ChainHits } from './chain-edit.ts'
import { complaint } from './complaint.ts'
import type { Executor, Netns } from './executor.ts'
import { HandleLearner, learnHandles } from './handle-learner.ts'
import { hitsOf } from './hits.ts'
import { Layout, type LayoutInputs } from './layout.ts'
import type { Listing } from './listing.ts'
import { firstGeneration, nextGeneration, readGeneration } from './mark.ts'
import { Monitor } from './monitor.ts'
import { slotOfPart, TABLE } from './names.ts'
import type { Tenure } from './names-in-use.ts'
import { inNamespace, NftCommand, type Loaded } from './nft-command.ts'
import {
  differingParts,
  heldOf,
  partsBetween,
  skeletonOf,
  slotInKernel,
  touchAll,
  type Held,
} from './takeover.ts'
import { emptyTable, type Table } from './table.ts'
import {
  applied,
  canBecome,
  replacement,
  transactionFor,
  type Counted,
  type Transaction,
} from './transaction.ts'

type Found = Pick<Drift, 'parts' | 'by' | 'instances'>

/** Of a difference that a start finds. */
const IN_ABSENCE =
  'another program while palisade did not run, or by palisade itself in an apply that was cut short or an older version'

export interface NamespaceOptions {
  readonly netns: Netns
  readonly executor: Executor
  readonly now: () => Date
  /** How many rules of a list are packed into a set; absent: PACKED_FROM. */
  readonly packedFrom?: number | undefined
  /** Throws FirewallError while the namespace is somebody else's, or is programmed by another name. */
  readonly claim: (netns: Netns, identity: string) => Tenure
  /** Told when no namespace has the name any more, and nothing of palisade's is left where it led. */
  readonly release: ((netns: Netns) => void) | undefined
}

/** The table of one namespace: what it holds, what it should hold, and how it gets there. */
export class Namespace {
  readonly netns: Netns
  readonly layout: Layout
  readonly #nft: NftCommand
  readonly #executor: Executor
  readonly #handles: HandleLearner
  /** A copy of what the kernel holds; undefined while there is no table. */
  #actual: Table | undefined
  /** The table holds what palisade never puts there, and has to be replaced whole. */
  #foreign: readonly string[]
  #identity: string | undefined
  #monitor: Monitor | undefined
  /** Who may have changed the table since it was last compared. */
  #suspect: { readonly by: string | undefined } | undefined
  /** Somebody else programmed the table since it was last read. */
  #isUnread = false
  /** Changes of others that were found, and that nobody was told of yet. */
  #found: Found | undefined

  private constructor(options: NamespaceOptions, layout: Layout, listing: Listing | undefined) {
    this.netns = options.netns
    this.#executor = options.executor
    this.#nft = new NftCommand(options.executor, options.netns)
    this.#handles = new HandleLearner(this.#nft)
    this.layout = layout
    this.#actual = listing?.table
    this.#foreign = listing?.foreign ?? []
    this.#identity = options.executor.identity(options.netns)
  }

  /** Reads the table, and lays out what is on record so that what is there already can stay. */
  static async open(
    options: NamespaceOptions,
    recorded: readonly InstanceRuleset[],
    prefixes: LayoutInputs['prefixes'],
  ): Promise<{ readonly namespace: Namespace; readonly held: Held }> {
    const { executor, netns, now, packedFrom } = options
    const listing = executor.has(netns) ? await new NftCommand(executor, netns).list() : undefined
    const actual = listing?.table
    const layout = new Layout(
      readGeneration(actual?.sets.get('judged')?.elements.keys()) ?? firstGeneration(now()),
      packedFrom,
    )
    const skeleton = skeletonOf(layout)
    const slotName = (instance: InstanceRuleset): string | undefined => slotInKernel(instance, actual)
    layout.update({ put: recorded, remove: [], remotes: [] }, { prefixes, slotName })
    const held = heldOf(layout, listing, skeleton)
    layout.adoptLasting(actual ?? emptyTable())
    const namespace = new Namespace(options, layout, listing)
    if (listing !== undefined && recorded.length > 0) {
      namespace.#find(differingParts(layout, listing), IN_ABSENCE)
    }
    // What is not held is not on record any more: whoever wants it says so anew.
    layout.update({ put: [], remove: held.missing, remotes: [] }, { prefixes })
    layout.touched.clear()
    touchAll(layout.touched, layout.table, actual ?? emptyTable())
    return { namespace, held }
  }

  /** Whether the kernel may hold something else than it should. */
  get isDue(): boolean {
    const isKnown = !this.#isUnread && this.#foreign.length === 0
    return !this.#isFree && (!isKnown || !this.layout.touched.isEmpty())
  }

  /** Without instances no table is needed, and one that somebody took away stays away. */
  get #isFree(): boolean {
    return this.#actual === undefined && this.layout.instances.size === 0 && this.layout.closed.size === 0
  }

  /** Listens for changes by others, if it does not yet; `bell` rings for each. */
  watch(bell: () => void): void {
    if (this.#monitor?.isEnded === false || !this.#executor.has(this.netns)) return
    // What happened before it began to listen, nobody told.
    this.#suspect = { by: this.#suspect?.by }
    this.#monitor = new Monitor(this.#executor, this.netns, (by) => {
      this.#suspect = { by: by ?? this.#suspect?.by }
      bell()
    })
    this.#nft.prepare()
  }

  unwatch(): void {
    this.#monitor?.stop()
    this.#monitor = undefined
    this.#nft.release()
  }

  /** The namespace is gone and nobody was left in it: that its table went as well is nobody's doing. */
  forget(): void {
    this.#actual = undefined
    this.#foreign = []
    this.#identity = undefined
    this.#suspect = undefined
    this.#found = undefined
  }

  /** To be called while the namespace is there. Compares the whole table and puts right what differs; undefined when nothing did. */
  async repair(): Promise<Drift | undefined> {
    const by = this.#suspect?.by
    const identity = this.#executor.identity(this.netns)
    await this.#relist()
    this.#identity = identity
    if (this.#isFree) return undefined
    // What palisade itself has yet to change is nobody's doing: at a start the record says what is.
    const isOwn = this.#found !== undefined
    if (!isOwn) this.#find([...this.#differing(), ...this.#foreign], by)
    await this.commit()
    const found = this.#found
    this.#found = undefined
    return found && { place: `table ${TABLE}${inNamespace(this.netns)}`, ...found }
  }

  #differing(): readonly string[] {
    return transactionFor(this.#actual ?? emptyTable(), this.layout.table, this.layout.touched).parts
  }

  #find(parts: readonly string[], by: string | undefined): void {
    if (parts.length === 0) return
    this.#found = { parts, ...(by !== undefined && { by }), instances: [...this.#concerned(parts)] }
  }

  /** Whether the kernel may hold, or is known to hold, what another program made of the table; or the namespace is another. */
  get isSuspect(): boolean {
    return this.#suspect !== undefined || this.#found !== undefined || this.isAnother
  }

  /** Whether another namespace came to have its name. */
  get isAnother(): boolean {
    return this.#identity !== this.#executor.identity(this.netns)
  }

  /**
   * The table is programmed by another palisade, or by another name, for now: it has to be read before it is changed,
   * and what is left there is as unknown as at a start.
   */
  lose(): void {
    this.#isUnread = true
    this.#identity = undefined
  }

  /** Another namespace has its name, or will: what its table holds is unknown, and what the last one closed goes with that. */
  startAnew(): void {
    this.layout.forgetLasting()
    this.lose()
  }

  /** What each rule has counted; nothing of rules that another process has yet to see. */
  async counters(): Promise<readonly RuleSetHits[]> {
    const listing = this.#executor.has(this.netns) ? await this.#nft.list() : undefined
    if (listing === undefined) return []
    if (this.#actual !== undefined) learnHandles(this.#actual, listing.table)
    return [...this.layout.slots.values()].map((slot) => ({
      instances: [...slot.users],
      ruleSet: slot.ruleSet,
      ingress: hitsOf(this.layout, slot, 'Ingress', listing),
      egress: hitsOf(this.layout, slot, 'Egress', listing),
    }))
  }

  #concerned(parts: readonly string[]): ReadonlySet<ObjectKey> {
    const slots = new Map([...this.layout.slots.values()].map((slot) => [slot.name, slot]))
    const concerned = new Set<ObjectKey>()
    for (const part of parts) {
      const slot = slots.get(slotOfPart(part) ?? '')
      const users = slot?.users ?? this.layout.instances.keys()
      for (const key of users) concerned.add(key)
    }
    return concerned
  }

  /**
   * Brings the kernel to what it should hold, in one transaction; the namespace must be there. A second attempt starts from what
   * the kernel then holds, in case another program changed it; the last replaces the whole table.
   * Rejects with FirewallError; packets then meet the rules that they met before.
   */
  async commit(): Promise<void> {
    if (this.#isUnread) await this.#relist()
    const first = await this.#attempt()
    if (first.ok) return
    const by = this.#suspect?.by
    const before = this.#actual ?? emptyTable()
    await this.#relist()
    const changed = new Set(partsBetween(before, this.#actual ?? emptyTable()))
    const others = this.#differing().filter((part) => changed.has(part))
    this.#find([...others, ...this.#foreign], by)
    const second = await this.#attempt()
    if (second.ok) return
    const last = await this.#replace()
    if (!last.ok) throw complaint(last, this.layout, this.netns, this.#differing())
  }

  async #attempt(): Promise<Loaded> {
    if (this.#actual === undefined) return this.#create()
    if (this.#foreign.length > 0 || !canBecome(this.#actual, this.layout.table, this.layout.touched)) {
      return this.#replace()
    }
    const { touched } = this.layout
    const counted = await this.#readCounted(this.#actual)
    let transaction = transactionFor(this.#actual, this.layout.table, touched, counted)
    if (transaction.changes) {
      this.layout.bump(nextGeneration(this.layout.generation))
      transaction = transactionFor(this.#actual, this.layout.table, touched, counted)
    }
    return this.#carryOut(this.#actual, transaction)
  }

  /** `actual`: what the kernel holds until then. */
  async #carryOut(actual: Table, { text, edited }: Transaction): Promise<Loaded> {
    const loaded: Loaded = text === '' ? { ok: true } : await this.#load(text)
    if (loaded.ok) {
      this.#settle(actual, edited)
      this.#getReady(edited)
    }
    return loaded
  }

  /** Only while changes are waited for: after a single one nobody asks. */
  #getReady(edited: Transaction['edited']): void {
    if (this.#actual === undefined || this.#monitor?.isEnded !== false) return
    this.#nft.prepare()
    const { generation } = this.layout
    this.#handles.begin([...edited.keys()], this.#actual, () => this.layout.generation === generation)
  }

  /** The skeleton comes first and closes every port; the rules, which may take seconds, then open some. */
  async #create(): Promise<Loaded> {
    // One that no connection is marked with: an earlier table, which is gone, had others.
    this.layout.bump(nextGeneration(this.layout.generation))
    const skeleton = skeletonOf(this.layout)
    const ports = this.layout.table.sets.get('ports')
    if (ports !== undefined) skeleton.sets.set('ports', { ...ports, elements: new Map(ports.elements) })
    const loading = this.#load(replacement(skeleton))
    // Its failure is heard of below, if nothing else fails before.
    loading.catch(() => undefined)
    // Put into words while the kernel takes the skeleton, under which no connection is marked either.
    const { touched, table } = this.layout
    touchAll(touched, table, skeleton)
    const transaction = transactionFor(skeleton, table, touched)
    const loaded = await loading
    if (!loaded.ok) return loaded
    this.#actual = skeleton
    return this.#carryOut(skeleton, transaction)
  }

  async #replace(): Promise<Loaded> {
    this.layout.bump(nextGeneration(this.layout.generation))
    const loaded = await this.#load(replacement(this.layout.table))
    if (!loaded.ok) return loaded
    this.#foreign = []
    const actual = emptyTable()
    touchAll(this.layout.touched, this.layout.table, actual)
    this.#settle(actual, new Map())
    return loaded
  }

  async #load(text: string): Promise<Loaded> {
    this.#monitor?.begin()
    let pid: number | undefined
    try {
      const loaded = await this.#nft.load(text)
      pid = loaded.pid
      return loaded
    } finally {
      this.#monitor?.done(pid)
    }
  }

  /** Reads the chains of which it must be known what they hold and have counted before they are edited. */
  async #readCounted(actual: Table): Promise<Counted> {
    const { touched, table } = this.layout
    const unread = (): readonly string[] =>
      [...touched.chains].filter((name) => needsReading(actual.chains.get(name), table.chains.get(name)))
    if (unread().length > 0) await this.#handles.settled()
    const names = unread()
    const counted = new Map<string, ChainHits>()
    for (const listing of await this.#nft.listChains(names, actual.chains.size)) {
      for (const name of names) {
        const chain = listing.table.chains.get(name)
        if (chain === undefined) continue
        actual.chains.set(name, chain)
        counted.set(name, listing.hits.get(name) ?? [])
      }
    }
    return counted
  }

  #settle(actual: Table, edited: Transaction['edited']): void {
    applied(actual, this.layout.table, this.layout.touched, edited)
    this.layout.touched.clear()
    this.#actual = actual
  }

  /** Where it cannot be read, the table may hold anything. */
  async #relist(): Promise<void> {
    const suspect = (this.#suspect ??= { by: undefined })
    const listing = await this.#nft.list()
    // A change that was told of meanwhile may have come after the list.
    if (this.#suspect === suspect) this.#suspect = undefined
    this.#isUnread = false
    this.#actual = listing?.table
    this.#foreign = listing?.foreign ?? []
    const generation = readGeneration(this.#actual?.sets.get('judged')?.elements.keys())
    if (generation !== undefined) this.layout.bump(generation)
    // Whose ports a table has is known in one that this process has kept: what it does not know there, another program added.
    if (this.isAnother) this.layout.adoptLasting(this.#actual ?? emptyTable())
    touchAll(this.layout.touched, this.layout.table, this.#actual ?? emptyTable())
  }
}
