import { digestText } from '../core/digest.ts'
import type { InstanceRuleset, RuleSet, Ruleset } from '../policy/ruleset.ts'
import { lineOf, seal, unseal, type Format, type Line, type Unreadable } from '../storage/ndjson.ts'
import { RecordedLines } from './recorded-lines.ts'

/** Raise the version when a palisade of today would misread the file. */
const FORMAT: Format = { content: 'Ruleset', version: 1 }

export type ReadRuleset = { readonly ok: true; readonly ruleset: Ruleset } | Unreadable

interface ListLine {
  readonly digest: string
  readonly line: Line
}

/**
 * The file `recorded.ndjson`: each rule set once and each list of addresses once, by their digests,
 * then one line for each remote and each instance that names its own. Whatever stays the same object
 * is serialised once.
 */
export class RecordedFile {
  readonly #ruleSets = new WeakMap<RuleSet, Line>()
  readonly #lists = new WeakMap<readonly string[], ListLine>()
  readonly #instances = new WeakMap<InstanceRuleset, Line>()
  readonly #palisade: string

  constructor(palisade: string) {
    this.#palisade = palisade
  }

  serialise({ instances, remotes }: Ruleset): Iterable<Uint8Array> {
    const ruleSets = new Map<string, Line>()
    const lists = new Map<string, Line>()
    const remoteLines: Line[] = []
    for (const [key, prefixes] of remotes) {
      const { digest, line } = this.#listLine(prefixes)
      lists.set(digest, line)
      remoteLines.push(lineOf({ type: 'Remote', key, list: digest }))
    }
    const instanceLines: Line[] = []
    for (const instance of instances.values()) {
      const { ruleSet } = instance
      if (!ruleSets.has(ruleSet.digest)) ruleSets.set(ruleSet.digest, this.#ruleSetLine(ruleSet))
      instanceLines.push(this.#instanceLine(instance))
    }
    const lines = [...ruleSets.values(), ...lists.values(), ...remoteLines, ...instanceLines]
    return seal(FORMAT, this.#palisade, {}, lines)
  }

  parse(bytes: Uint8Array): ReadRuleset {
    const read = unseal(FORMAT, bytes)
    if (!read.ok) return read
    const lines = new RecordedLines()
    for (const [index, { line, value }] of read.lines.entries()) {
      const taken = lines.take(value)
      if (taken === undefined) return { ok: false, damage: `line ${index + 2} does not fit those before it` }
      if (taken.type === 'Instance') this.#instances.set(taken.instance, line)
      if (taken.type === 'RuleSet') this.#ruleSets.set(taken.ruleSet, line)
      if (taken.type === 'List') this.#lists.set(taken.prefixes, { digest: taken.digest, line })
    }
    return { ok: true, ruleset: { instances: lines.instances, remotes: lines.remotes } }
  }

  #ruleSetLine(ruleSet: RuleSet): Line {
    return cached(this.#ruleSets, ruleSet, () => lineOf({ type: 'RuleSet', ...ruleSet }))
  }

  #listLine(prefixes: readonly string[]): ListLine {
    return cached(this.#lists, prefixes, () => {
      const digest = digestText(prefixes.join('\n'))
      return { digest, line: lineOf({ type: 'List', digest, prefixes }) }
    })
  }

  #instanceLine(instance: InstanceRuleset): Line {
    return cached(this.#instances, instance, () =>
      lineOf({ type: 'Instance', ...instance, ruleSet: instance.ruleSet.digest }),
    )
  }
}

function cached<K extends object, V>(cache: WeakMap<K, V>, key: K, make: () => V): V {
  const known = cache.get(key)
  if (known !== undefined) return known
  const value = make()
  cache.set(key, value)
  return value
}
