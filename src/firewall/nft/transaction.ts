import { editChain, type ChainHits } from './chain-edit.ts'
import { TABLE } from './names.ts'
import { isSameChain, isSameShape, type Chain, type NftSet, type SetShape, type Table } from './table.ts'
import type { TouchedParts } from './touched.ts'

/** The difference between what a table holds and what it should hold, as text for `nft -f`. */
export interface Transaction {
  /** Commands, one to a line; empty when there is no difference. */
  readonly text: string
  /** Whether something that is there goes or becomes something else, rather than only more being added. */
  readonly changes: boolean
  /** What differs, for a person: names of chains and sets. */
  readonly parts: readonly string[]
  /** Chains that are edited rule by rule, as the kernel will hold them. */
  readonly edited: ReadonlyMap<string, Chain>
}

/** What the counters of chains showed when they were last read. */
export type Counted = ReadonlyMap<string, ChainHits>

/** Adds what is missing, in the order that references need, and deletes what is too much last. */
export function transactionFor(
  actual: Table,
  desired: Table,
  touched: TouchedParts,
  counted: Counted = new Map(),
): Transaction {
  return new Difference(actual, desired, counted).of(touched)
}

/** A table in place of whatever there is, at once: packets meet the old or the new one. */
export function replacement(desired: Table): string {
  const { text } = new Difference({ chains: new Map(), sets: new Map() }, desired, new Map()).ofAll()
  return `${ADD_TABLE}delete table ${TABLE}\n${text === '' ? ADD_TABLE : text}`
}

const ADD_TABLE = `add table ${TABLE}\n`

/**
 * Whether a table can become the desired one in place: a set cannot change its type, nor a chain its hook. They differ
 * in what is touched alone.
 */
export function canBecome(actual: Table, desired: Table, { chains, sets, elements }: TouchedParts): boolean {
  for (const name of chains) {
    const present = actual.chains.get(name)
    if (present !== undefined && present.base !== desired.chains.get(name)?.base) return false
  }
  for (const name of [...sets, ...elements.keys()]) {
    const [present, wanted] = [actual.sets.get(name), desired.sets.get(name)]
    if (present !== undefined && wanted !== undefined && !isSameShape(present, wanted)) return false
  }
  return true
}

/** Records that a transaction is done. */
export function applied(
  actual: Table,
  desired: Table,
  touched: TouchedParts,
  edited: Transaction['edited'],
): void {
  for (const name of touched.chains) {
    const chain = desired.chains.get(name)
    const present = actual.chains.get(name)
    if (chain === undefined) actual.chains.delete(name)
    else if (present === undefined || !isSameChain(present, chain)) {
      actual.chains.set(name, edited.get(name) ?? chain)
    }
  }
  for (const name of touched.sets) {
    const set = desired.sets.get(name)
    if (set === undefined) actual.sets.delete(name)
    else actual.sets.set(name, { ...set, elements: new Map(set.elements) })
  }
  for (const [name, keys] of touched.elements) {
    const from = desired.sets.get(name)?.elements
    const to = actual.sets.get(name)?.elements
    if (from === undefined || to === undefined) continue
    for (const key of keys) {
      const value = from.get(key)
      if (value === undefined) to.delete(key)
      else to.set(key, value)
    }
  }
}

const NOTHING: ReadonlyMap<string, string> = new Map()

class Difference {
  readonly #actual: Table
  readonly #desired: Table
  readonly #newParts: string[] = []
  readonly #rules: string[] = []
  readonly #lessElements: string[] = []
  readonly #moreElements: string[] = []
  readonly #goneChains: string[] = []
  readonly #goneSets: string[] = []
  readonly #parts: string[] = []
  readonly #counted: Counted
  readonly #edited = new Map<string, Chain>()
  #changes = false

  constructor(actual: Table, desired: Table, counted: Counted) {
    this.#counted = counted
    this.#actual = actual
    this.#desired = desired
  }

  of({ sets, elements, chains }: TouchedParts): Transaction {
    for (const name of sets) this.#set(name)
    for (const [name, keys] of elements) {
      if (!sets.has(name)) this.#elements(name, keys)
    }
    for (const name of chains) this.#chain(name)
    return this.#result()
  }

  ofAll(): Transaction {
    for (const name of this.#desired.sets.keys()) this.#set(name)
    for (const name of this.#desired.chains.keys()) this.#chain(name)
    return this.#result()
  }

  #result(): Transaction {
    const commands = [
      ...this.#newParts,
      ...this.#rules,
      ...this.#lessElements,
      ...this.#moreElements,
      ...this.#goneChains,
      ...this.#goneSets,
    ]
    const text = commands.length === 0 ? '' : `${ADD_TABLE}${commands.join('\n')}\n`
    return { text, changes: this.#changes, parts: this.#parts, edited: this.#edited }
  }

  #set(name: string): void {
    const present = this.#actual.sets.get(name)
    const wanted = this.#desired.sets.get(name)
    if (wanted === undefined) {
      if (present === undefined) return
      this.#changes = true
      this.#goneSets.push(`delete ${present.kind} ${TABLE} ${name}`)
      this.#parts.push(name)
      return
    }
    if (present === undefined) {
      this.#newParts.push(declaration(name, wanted))
      this.#parts.push(name)
    }
    const before = present?.elements ?? NOTHING
    const keys = wanted.elements.keys()
    this.#elements(name, before.size === 0 ? keys : new Set([...before.keys(), ...keys]))
  }

  #elements(name: string, keys: Iterable<string>): void {
    const { less, more } = elementDifference(
      this.#actual.sets.get(name)?.elements ?? NOTHING,
      this.#desired.sets.get(name)?.elements ?? NOTHING,
      keys,
    )
    if (less.length > 0) this.#lessElements.push(elementCommand('delete', name, less))
    if (more.length > 0) this.#moreElements.push(elementCommand('add', name, more))
    if (less.length + more.length === 0) return
    if (this.#parts.at(-1) !== name) this.#parts.push(name)
    // A member more of a set that was there may be one that a rule drops.
    const isNews = less.length === 0 && (FOR_NEWCOMERS.has(name) || !this.#actual.sets.has(name))
    this.#changes ||= !isNews
  }

  #chain(name: string): void {
    const present = this.#actual.chains.get(name)
    const wanted = this.#desired.chains.get(name)
    if (wanted === undefined) {
      if (present === undefined) return
      this.#changes = true
      this.#rules.push(`flush chain ${TABLE} ${name}`)
      this.#goneChains.push(`delete chain ${TABLE} ${name}`)
      this.#parts.push(name)
      return
    }
    if (present !== undefined && isSameChain(present, wanted)) return
    this.#parts.push(name)
    if (present === undefined) this.#newParts.push(chainDeclaration(name, wanted))
    else {
      this.#changes = true
      const edit = editChain(name, present, wanted, this.#counted.get(name))
      if (edit !== undefined) {
        this.#rules.push(...edit.lines)
        this.#edited.set(name, edit.result)
        return
      }
      this.#rules.push(`flush chain ${TABLE} ${name}`)
    }
    if (wanted.rules.length === 0) return
    const command = `add rule ${TABLE} ${name} `
    this.#rules.push(`${command}${wanted.rules.join(`\n${command}`)}`)
  }
}

function elementDifference(
  present: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
  keys: Iterable<string>,
): { readonly less: readonly string[]; readonly more: readonly string[] } {
  const less: string[] = []
  const more: string[] = []
  for (const key of keys) {
    const value = wanted.get(key)
    const last = present.get(key)
    if (value === last) continue
    if (last !== undefined) less.push(key)
    if (value !== undefined) more.push(value === '' ? key : `${key} : ${value}`)
  }
  return { less, more }
}

/**
 * Sets of the skeleton in which an element more lets through what was dropped before. Not the maps to the
 * rules, nor the sets of addresses: a connection may have been open to the address while it was elsewhere, and
 * the rules judge it now.
 */
const FOR_NEWCOMERS: ReadonlySet<string> = new Set(['macs', 'any_mac'])

function declaration(name: string, { kind, type, interval, counts, size }: SetShape | NftSet): string {
  const room = size === undefined ? '' : `size ${String(size)}; `
  const flags = `${room}${interval ? 'flags interval; ' : ''}${counts === true ? 'counter; ' : ''}`
  return `add ${kind} ${TABLE} ${name} { type ${type}; ${flags}}`
}

function chainDeclaration(name: string, { base }: Chain): string {
  return `add chain ${TABLE} ${name}${base === undefined ? '' : ` { ${base} }`}`
}

function elementCommand(verb: 'add' | 'delete', name: string, elements: readonly string[]): string {
  return `${verb} element ${TABLE} ${name} { ${elements.join(', ')} }`
}
