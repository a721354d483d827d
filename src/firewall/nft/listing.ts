import { formatAddress, parseAddress } from '../../net/address.ts'
import type { Hits } from '../firewall.ts'
import { emptyTable, type Chain, type NftSet, type Table } from './table.ts'

export interface Listing {
  readonly table: Table
  /** For each chain, the counters of its rules in order; undefined for a rule that does not count. */
  readonly hits: ReadonlyMap<string, readonly (Hits | undefined)[]>
  /** For each set that counts, the counters of its elements. */
  readonly elementHits: ReadonlyMap<string, ReadonlyMap<string, Hits>>
  /** Things in the table that palisade does not make; it is then replaced whole. */
  readonly foreign: readonly string[]
}

/**
 * Reads what `nft -n -a list table` and `list chain` print. Rules are compared as text, since the compiler writes them
 * as nft lists them: a rule edited under an unchanged comment shows.
 */
export function parseListing(text: string): Listing {
  const table = emptyTable()
  const hits = new Map<string, readonly (Hits | undefined)[]>()
  const elementHits = new Map<string, ReadonlyMap<string, Hits>>()
  const foreign: string[] = []
  for (const { head, body } of blocksOf(text)) {
    const [kind, name, ...more] = head.split(' ')
    if (name === undefined || more.length > 0) foreign.push(head)
    else if (kind === 'chain') {
      const { chain, counters } = parseChain(body)
      table.chains.set(name, chain)
      hits.set(name, counters)
    } else {
      const set = kind === 'set' || kind === 'map' ? parseSet(kind, body) : undefined
      if (set?.isWhole !== true) foreign.push(head)
      if (set !== undefined) {
        table.sets.set(name, set.set)
        if (set.hits.size > 0) elementHits.set(name, set.hits)
      }
    }
  }
  return { table, hits, elementHits, foreign }
}

interface Block {
  readonly head: string
  readonly body: readonly string[]
}

/** nft indents by one tab within the table and by two within what is in it. */
function blocksOf(text: string): readonly Block[] {
  const blocks: { head: string; body: string[] }[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('\t\t')) blocks.at(-1)?.body.push(line.slice(2))
    else if (/^\t[^}]/.test(line)) {
      blocks.push({ head: line.slice(1).replace(/ \{( # handle \d+)?$/, ''), body: [] })
    }
  }
  return blocks
}

const COUNTER = / ?counter packets (\d+) bytes (\d+)/
const HANDLE = / # handle (\d+)$/

const hitsIn = (match: RegExpExecArray): Hits => ({ packets: Number(match[1]), bytes: Number(match[2]) })

function parseChain(body: readonly string[]): {
  readonly chain: Chain
  readonly counters: readonly (Hits | undefined)[]
} {
  const rules: string[] = []
  const counters: (Hits | undefined)[] = []
  const handles: number[] = []
  let base: string | undefined
  for (const line of body) {
    if (line.startsWith('type ')) {
      base = line
      continue
    }
    const match = COUNTER.exec(line)
    handles.push(Number(HANDLE.exec(line)?.[1] ?? 0))
    counters.push(match === null ? undefined : hitsIn(match))
    rules.push(plainAddresses(line.replace(HANDLE, '').replace(/counter packets \d+ bytes \d+/, 'counter')))
  }
  return { chain: { ...(base !== undefined && { base }), rules, handles }, counters }
}

const LIST = ' elements = { '

/**
 * An element as palisade writes it: one word, or several with dots between; what it has counted; what it leads to. A comment,
 * which may look like anything, or a time after which it goes comes after the key and is none of this.
 */
const ELEMENT =
  /^((?:"[-.@_A-Za-z0-9]+"|[^\s"]+)(?: \. (?:"[-.@_A-Za-z0-9]+"|[^\s"]+))*)(?: counter packets (\d+) bytes (\d+))?(?: : ([a-z]+(?: \w+)?))?$/

interface ParsedSet {
  readonly set: NftSet
  readonly hits: ReadonlyMap<string, Hits>
  /** Whether it holds no other elements than these. */
  readonly isWhole: boolean
}

function parseSet(kind: 'set' | 'map', body: readonly string[]): ParsedSet | undefined {
  // What follows the first is the list, whatever a comment in it looks like.
  const [shape = '', ...rest] = body.join(' ').replaceAll(/\s+/g, ' ').split(LIST)
  const words = /^type (.*?)(?: size (\d+))?( flags interval)?( counter)?$/.exec(shape.trim())
  if (words === null) return undefined
  const list = rest.length === 0 ? [] : rest.join(LIST).replace(/ ?\}$/, '').split(', ')
  const elements = new Map<string, string>()
  const hits = new Map<string, Hits>()
  let isWhole = true
  for (const element of list) {
    const match = ELEMENT.exec(element)
    if (match === null) {
      isWhole = false
      continue
    }
    const [, name = '', packets, bytes, value = ''] = match
    const key = plainAddresses(name)
    elements.set(key, value)
    if (packets !== undefined) hits.set(key, { packets: Number(packets), bytes: Number(bytes) })
  }
  const [, type = '', size, interval, counter] = words
  const set = {
    ...{ kind, type, interval: interval !== undefined, elements },
    ...(size !== undefined && { size: Number(size) }),
    ...(counter !== undefined && { counts: true as const }),
  }
  return { set, hits, isWhole }
}

/** The C library writes the last 32 bits of some IPv6 addresses (`::1.2.3.4`) in decimal. */
function plainAddresses(text: string): string {
  if (!text.includes('::')) return text
  return text.replaceAll(/[0-9a-f:]*:(?:\d{1,3}\.){3}\d{1,3}/g, (found) => {
    const address = parseAddress(found)
    return address === undefined ? found : formatAddress(address)
  })
}
