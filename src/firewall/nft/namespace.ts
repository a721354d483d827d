import { displayKey, type ObjectKey } from '../../core/key.ts'
import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { FirewallError, type Drift, type RuleSetHits } from '../firewall.ts'
import { blame, blameParts } from './blame.ts'
import { needsReading, type ChainHits } from './chain-edit.ts'
import type { Executor, Netns } from './executor.ts'
import { hitsOf } from './hits.ts'
import { Layout, type LayoutChange, type LayoutInputs } from './layout.ts'
import { firstGeneration, nextGeneration, readGeneration } from './mark.ts'
import { Monitor } from './monitor.ts'
import { slotOfPart, TABLE } from './names.ts'
import { inNamespace, NftCommand, type Loaded } from './nft-command.ts'
import { addSkeleton } from './skeleton.ts'
import { emptyTable, isSameList, type Table } from './table.ts'
import type { TouchedParts } from './touched.ts'
import {
  applied,
  canBecome,
  replacement,
  transactionFor,
  type Counted,
  type Transaction,
} from './transaction.ts'
import { Verification } from './verification.ts'

export interface NamespaceOptions {
  readonly netns: Netns
  readonly executor: Executor
  readonly now: () => Date
  /** How many rules of a list are packed into a set; absent: PACKED_FROM. */
  readonly packedFrom?: number | undefined
}

/** What a namespace was found to hold of what is on record for it. */
export interface Held {
  /** Instances on record that it does not hold as recorded. */
  readonly missing: readonly ObjectKey[]
  readonly missingRemotes: readonly ObjectKey[]
}

/** The table of one namespace: what it holds, what it should hold, and how it gets there. */
export class Namespace {
  readonly netns: Netns
  readonly layout: Layout
  readonly #nft: NftCommand
  readonly #executor: Executor
  /** A copy of what the kernel holds; undefined while there is no table. */
  #actual: Table | undefined
  /** The table holds what palisade never puts there, and has to be replaced whole. */
  #foreign: readonly string[]
  #identity: string | undefined
  #monitor: Monitor | undefined
  /** Who may have changed the table since it was last compared. */
  #suspect: { readonly by: string | undefined } | undefined

  private constructor(
    options: NamespaceOptions,
    layout: Layout,
    actual: Table | undefined,
    foreign: readonly string[],
  ) {
    this.netns = options.netns
    this.#executor = options.executor
    this.#nft = new NftCommand(options.executor, options.netns)
    this.layout = layout
    this.#actual = actual
    this.#foreign = foreign
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
      readGeneration(actual?.chains.get('commit')) ?? firstGeneration(now()),
      packedFrom,
    )
    const skeleton = skeletonOf(layout)
    const slotName = (instance: InstanceRuleset): string | undefined => slotInKernel(instance, actual)
    layout.update({ put: recorded, remove: [], remotes: [] }, { prefixes, slotName })
    const held = heldOf(layout, actual, skeleton)
    // What is not held is not on record any more: whoever wants it says so anew.
    layout.update({ put: [], remove: held.missing, remotes: [] }, { prefixes })
    layout.adoptLasting(actual ?? emptyTable())
    layout.touched.clear()
    touchAll(layout.touched, layout.table, actual ?? emptyTable())
    const foreign = listing?.foreign ?? []
    return { namespace: new Namespace(options, layout, actual, foreign), held }
  }

  /** Whether the kernel may hold something else than it should. */
  get isDue(): boolean {
    return !this.#isFree && (this.#foreign.length > 0 || !this.layout.touched.isEmpty())
  }

  /** Without instances no table is needed, and one that somebody took away stays away. */
  get #isFree(): boolean {
    return this.#actual === undefined && this.layout.instances.size === 0
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
  }

  unwatch(): void {
    this.#monitor?.stop()
    this.#monitor = undefined
  }

  /** Compares the whole table and puts right what differs; undefined when nothing did. */
  async repair(): Promise<Drift | undefined> {
    const { by } = this.#suspect ?? {}
    this.#suspect = undefined
    this.#identity = this.#executor.identity(this.netns)
    const leftovers = this.isDue
    if (this.#executor.has(this.netns)) await this.#relist()
    if (this.#isFree) return undefined
    const differing = transactionFor(this.#actual ?? emptyTable(), this.layout.table, this.layout.touched)
    const parts = [...differing.parts, ...this.#foreign]
    await this.commit()
    if (parts.length === 0) return undefined
    return {
      place: `table ${TABLE}${inNamespace(this.netns)}`,
      parts,
      ...(by !== undefined && { by }),
      instances: leftovers ? [] : [...this.#concerned(parts)],
    }
  }

  /** Whether something may have changed since it was last compared: by another program, or the namespace is another. */
  get isSuspect(): boolean {
    return this.#suspect !== undefined || this.#identity !== this.#executor.identity(this.netns)
  }

  /** What each rule has counted; nothing of rules that another process has yet to see. */
  async counters(): Promise<readonly RuleSetHits[]> {
    const listing = this.#executor.has(this.netns) ? await this.#nft.list() : undefined
    if (listing === undefined) return []
    this.#learnHandles(listing.table)
    return [...this.layout.slots.values()].map((slot) => ({
      instances: [...slot.users],
      ruleSet: slot.ruleSet,
      ingress: hitsOf(this.layout, slot, 'Ingress', listing),
      egress: hitsOf(this.layout, slot, 'Egress', listing),
    }))
  }

  /** So that the next edit of a chain need not ask for them. */
  #learnHandles({ chains }: Table): void {
    for (const [name, chain] of chains) {
      const known = this.#actual?.chains.get(name)
      if (known === undefined || chain.handles === undefined || !isSameList(known, chain)) continue
      this.#actual?.chains.set(name, { ...known, handles: chain.handles })
    }
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

  update(change: LayoutChange, inputs: LayoutInputs): void {
    this.layout.update(change, inputs)
  }

  /**
   * Brings the kernel to what it should hold, in one transaction. A second attempt starts from what
   * the kernel then holds, in case another program changed it; the last replaces the whole table.
   * Rejects with FirewallError; packets then meet the rules that they met before.
   */
  async commit(): Promise<void> {
    if (!this.#executor.has(this.netns)) {
      if (this.layout.instances.size === 0) return
      const [first = ''] = this.layout.instances.keys()
      const more = this.layout.instances.size - 1
      const others = more === 0 ? '' : ` and ${more} more`
      throw new FirewallError(
        `there is no network namespace ${String(this.netns)}, which ${displayKey(first)}${others} is attached to`,
      )
    }
    const first = await this.#attempt()
    if (first.ok) return
    await this.#relist()
    const second = await this.#attempt()
    if (second.ok) return
    const last = await this.#replace()
    if (!last.ok) throw this.#failure(last)
  }

  async #attempt(): Promise<Loaded> {
    if (this.#actual === undefined) return this.#create()
    if (this.#foreign.length > 0 || !canBecome(this.#actual, this.layout.table)) return this.#replace()
    const { touched } = this.layout
    const counted = await this.#readCounted(this.#actual)
    let transaction = transactionFor(this.#actual, this.layout.table, touched, counted)
    if (transaction.changes) {
      this.layout.bump(nextGeneration(this.layout.generation))
      transaction = transactionFor(this.#actual, this.layout.table, touched, counted)
    }
    const { lines, edited } = transaction
    const loaded: Loaded =
      lines.length === 0 ? { ok: true } : await this.#load([`add table ${TABLE}`, ...lines])
    if (loaded.ok) this.#settle(this.#actual, edited)
    return loaded
  }

  /** The skeleton comes first and closes every port; the rules, which may take seconds, then open some. */
  async #create(): Promise<Loaded> {
    const skeleton = skeletonOf(this.layout)
    const ports = this.layout.table.sets.get('ports')
    if (ports !== undefined) skeleton.sets.set('ports', { ...ports, elements: new Map(ports.elements) })
    const loaded = await this.#load(replacement(skeleton))
    if (!loaded.ok) return loaded
    this.#actual = skeleton
    touchAll(this.layout.touched, this.layout.table, skeleton)
    return this.#attempt()
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

  async #load(lines: readonly string[]): Promise<Loaded> {
    this.#monitor?.begin()
    let pid: number | undefined
    try {
      const loaded = await this.#nft.load(lines)
      pid = loaded.pid
      return loaded
    } finally {
      this.#monitor?.done(pid)
    }
  }

  /** Reads the chains of which it must be known what they hold and have counted before they are edited. */
  async #readCounted(actual: Table): Promise<Counted> {
    const { touched, table } = this.layout
    const names = [...touched.chains].filter((name) =>
      needsReading(actual.chains.get(name), table.chains.get(name)),
    )
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

  async #relist(): Promise<void> {
    const listing = await this.#nft.list()
    this.#actual = listing?.table
    this.#foreign = listing?.foreign ?? []
    const generation = readGeneration(this.#actual?.chains.get('commit'))
    if (generation !== undefined) this.layout.bump(generation)
    this.layout.adoptLasting(this.#actual ?? emptyTable())
    touchAll(this.layout.touched, this.layout.table, this.#actual ?? emptyTable())
  }

  /** Names the objects that nft's complaint is about. */
  #failure({ reason, line, element }: Extract<Loaded, { ok: false }>): FirewallError {
    const { parts } = transactionFor(this.#actual ?? emptyTable(), this.layout.table, this.layout.touched)
    const about = line === undefined ? blameParts(this.layout, parts) : blame(this.layout, line, element)
    const subject = about === undefined ? '' : ` for ${about}`
    const words = element ?? line
    const command =
      words === undefined ? '' : ` (${words.length > 200 ? `${words.slice(0, 200)}...` : words})`
    return new FirewallError(`nft refuses the rules${subject}${inNamespace(this.netns)}: ${reason}${command}`)
  }
}

function skeletonOf(layout: Layout): Table {
  const skeleton = emptyTable()
  addSkeleton(skeleton)
  for (const name of ['established', 'commit', 'revoke']) {
    const chain = layout.table.chains.get(name)
    if (chain !== undefined) skeleton.chains.set(name, chain)
  }
  return skeleton
}

/** Marks everything that either holds, so that the next transaction compares all of it. */
function touchAll(touched: TouchedParts, desired: Table, actual: Table): void {
  for (const table of [desired, actual]) {
    for (const name of table.chains.keys()) touched.chains.add(name)
    for (const name of table.sets.keys()) touched.sets.add(name)
  }
}

function slotInKernel({ attachment }: InstanceRuleset, actual: Table | undefined): string | undefined {
  const value =
    attachment?.host === true
      ? actual?.chains.get('host_ingress')?.rules.find((rule) => rule.startsWith('jump i_'))
      : actual?.sets.get('to_instance')?.elements.get(`"${attachment?.interface ?? ''}"`)
  return /^jump i_([0-9a-f]{12}(?:_\d+)?)$/.exec(value ?? '')?.[1]
}

function heldOf(layout: Layout, actual: Table | undefined, skeleton: Table): Held {
  const remotes = [...layout.usedRemotes()]
  if (actual === undefined) return { missing: [...layout.instances.keys()], missingRemotes: remotes }
  const verification = new Verification(layout, actual, skeleton)
  return {
    missing: [...layout.instances.keys()].filter((key) => !verification.holds(key)),
    missingRemotes: remotes.filter((remote) => !verification.holdsRemote(remote)),
  }
}
