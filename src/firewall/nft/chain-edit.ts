import type { Hits } from '../firewall.ts'
import { TABLE } from './names.ts'
import { isSameChain, type Chain } from './table.ts'

/** How a chain that keeps its rules' counters gets from what it holds to what it should. */
export interface ChainEdit {
  /** Commands; rules that stay are not touched. */
  readonly lines: readonly string[]
  /** The chain afterwards, in the kernel's order. */
  readonly result: Chain
}

/** What the counters of a chain's rules showed when it was last read. */
export type ChainHits = readonly (Hits | undefined)[]

/**
 * Rules go by their handles and come at either end of the chain: to put one between others, nft 1.0.6 reads
 * every rule of the table first, which takes seconds where there are 80,000. Where only the last has its place, new
 * ones come at the beginning. Where the order counts, the rules from the first difference on are added anew at the end
 * with what their counters showed.
 */
export function editChain(
  name: string,
  present: Chain,
  wanted: Chain,
  hits: ChainHits | undefined,
): ChainEdit | undefined {
  const { handles } = present
  if (handles === undefined || wanted.order === undefined) return undefined
  if (wanted.order === 'Fixed' && hits === undefined) return undefined
  const kept = keptRules(present, wanted)
  const gone = [...present.rules.keys()].filter((index) => !kept.has(index))
  if (gone.some((index) => (handles[index] ?? 0) === 0)) return undefined
  const stays = [...kept].map((index) => ({ rule: present.rules[index] ?? '', handle: handles[index] ?? 0 }))
  const more = withoutOnce(
    wanted.rules,
    stays.map(({ rule }) => rule),
  )
  const counts = new Counts(gone.map((index) => [present.rules[index] ?? '', hits?.[index]]))
  const isNewLast = !kept.has(present.rules.length - 1)
  const atEnd = wanted.order === 'Fixed' ? more : isNewLast ? more.slice(-1) : []
  const atBeginning = more.slice(0, more.length - atEnd.length)
  return {
    lines: [
      ...gone.map((index) => `delete rule ${TABLE} ${name} handle ${String(handles[index])}`),
      // Each comes before the one that was inserted before it.
      ...atBeginning.toReversed().map((rule) => `insert rule ${TABLE} ${name} ${counts.carry(rule)}`),
      ...atEnd.map((rule) => `add rule ${TABLE} ${name} ${counts.carry(rule)}`),
    ],
    result: {
      order: wanted.order,
      rules: [...atBeginning, ...stays.map(({ rule }) => rule), ...atEnd],
      handles: [...atBeginning.map(() => 0), ...stays.map(({ handle }) => handle), ...atEnd.map(() => 0)],
    },
  }
}

/** Whether the kernel has to be asked before a chain can be edited without losing counters. */
export function needsReading(present: Chain | undefined, wanted: Chain | undefined): boolean {
  if (present === undefined || wanted?.order === undefined || isSameChain(present, wanted)) return false
  return wanted.order === 'Fixed' || editChain('', present, wanted, undefined) === undefined
}

/**
 * Indices of what stays where it is: the last rule if it is the same, and of the others every one that is wanted, or
 * those before the first difference.
 */
function keptRules(present: Chain, wanted: Chain): ReadonlySet<number> {
  if (wanted.order === 'AnyButLast') {
    const unmatched = new Tally(wanted.rules.slice(0, -1))
    const last = present.rules.length - 1
    return new Set(
      [...present.rules.keys()].filter((index) => {
        const rule = present.rules[index] ?? ''
        return index === last ? rule === wanted.rules.at(-1) : unmatched.take(rule)
      }),
    )
  }
  const first = present.rules.findIndex((rule, index) => rule !== wanted.rules[index])
  const length = first === -1 ? present.rules.length : first
  return new Set([...present.rules.keys()].slice(0, length))
}

function withoutOnce(rules: readonly string[], taken: readonly string[]): readonly string[] {
  const tally = new Tally(taken)
  return rules.filter((rule) => !tally.take(rule))
}

/** How often each text is there. */
class Tally {
  readonly #left = new Map<string, number>()

  constructor(texts: readonly string[]) {
    for (const text of texts) this.#left.set(text, (this.#left.get(text) ?? 0) + 1)
  }

  take(text: string): boolean {
    const left = this.#left.get(text) ?? 0
    if (left > 0) this.#left.set(text, left - 1)
    return left > 0
  }
}

/** What the counters of rules that are added anew begin with. */
class Counts {
  readonly #hits = new Map<string, Hits>()

  constructor(counted: readonly (readonly [rule: string, hits: Hits | undefined])[]) {
    for (const [rule, hits] of counted) if (hits !== undefined) this.#hits.set(rule, hits)
  }

  carry(rule: string): string {
    const hits = this.#hits.get(rule)
    if (hits === undefined) return rule
    this.#hits.delete(rule)
    const counter = `counter packets ${String(hits.packets)} bytes ${String(hits.bytes)}`
    // The comment, which may say anything, comes last.
    return rule.replace('counter', counter)
  }
}
