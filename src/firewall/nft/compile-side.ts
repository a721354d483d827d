import type { EffectiveRule } from '../../api/types.gen.ts'
import { compileRule, verdict, type Direction, type FindRemote } from './compile-rule.ts'
import { packedSetName } from './names.ts'
import { packRules } from './pack.ts'
import type { Chain } from './table.ts'

/** What one rule of a rule set became; its hits are theirs together. */
export interface CompiledRule {
  /** Rules of nft. */
  readonly lines: readonly string[]
  readonly elements: readonly { readonly set: string; readonly key: string }[]
}

/** One direction of a rule set. */
export interface CompiledSide {
  readonly rules: readonly CompiledRule[]
  readonly chain: Chain
  /** Elements of the sets that it names, by family; empty: there is no set. */
  readonly packed: Readonly<Record<4 | 6, readonly string[]>>
}

const NOTHING: readonly never[] = []

export interface SideOptions {
  readonly direction: Direction
  /** The slot's name. */
  readonly slot: string
  readonly findRemote: FindRemote
  readonly packedFrom: number
}

/**
 * Rules before the last that all allow, or all drop, mean the same in any order: one more or less moves no other. The
 * last one is the implicit rule of every rule set.
 */
export function compileSide(rules: readonly EffectiveRule[], options: SideOptions): CompiledSide {
  const { direction, slot, findRemote, packedFrom } = options
  const before = rules.slice(0, -1)
  const [action, ...more] = new Set(before.map((rule) => rule.action))
  const isAlike = more.length === 0
  const packing = isAlike ? packRules(before, packedFrom) : new Map<number, never>()
  const packed: Record<4 | 6, string[]> = { 4: [], 6: [] }
  const compiled = rules.map((rule, index): CompiledRule => {
    const elements = packing.get(index)
    if (elements === undefined) return { lines: compileRule(rule, direction, findRemote), elements: NOTHING }
    for (const { family, key } of elements) packed[family].push(key)
    return {
      lines: NOTHING,
      elements: elements.map(({ family, key }) => ({ set: packedSetName(direction, family, slot), key })),
    }
  })
  const lastLines = decided(compiled.at(-1)?.lines ?? NOTHING)
  const lookUps = ([4, 6] as const)
    .filter((family) => packed[family].length > 0)
    .map((family) => lookUp(direction, family, slot, action ?? 'Drop'))
  return {
    rules: compiled,
    chain: {
      rules: [...lookUps, ...compiled.slice(0, -1).flatMap(({ lines }) => lines), ...lastLines],
      // Of several lines only the last would be at its place.
      order: isAlike && lastLines.length === 1 ? 'AnyButLast' : 'Fixed',
    },
    packed,
  }
}

/**
 * Closed, where the last rule leaves anything undecided: what reaches the end of a chain of egress may leave if its
 * connection could a moment ago.
 */
function decided(lines: readonly string[]): readonly string[] {
  const isTotal = lines.length === 1 && lines[0]?.startsWith('counter ') === true
  return isTotal ? lines : [...lines, 'drop']
}

/** What is in the set is counted there, element by element. */
function lookUp(direction: Direction, family: 4 | 6, slot: string, action: EffectiveRule['action']): string {
  const address = `${family === 4 ? 'ip' : 'ip6'} ${direction === 'Ingress' ? 'saddr' : 'daddr'}`
  const set = packedSetName(direction, family, slot)
  return `${address} . th dport . meta l4proto @${set} ${verdict(action, direction)}`
}
