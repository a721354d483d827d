import { Cel } from './cel.ts'
import { cidrHint } from './cidr-hint.ts'
import { quoted } from './quoted.ts'
import { isList, isRecord, type UnknownRecord } from '../core/record.ts'
import type { Report } from './report.ts'
import { Rule } from './rule.ts'
import type { ListSchema, StructuralSchema, ValidationRule } from './structural.ts'

/** The rules about a node of a schema and about what is below it; parts without any rule are left out. */
export interface RuleTree {
  readonly schema: StructuralSchema
  readonly rules: readonly CompiledRule[]
  readonly fields: readonly (readonly [name: string, rules: RuleTree])[]
  /** Of each entry of a list or map. */
  readonly entries: RuleTree | undefined
}

interface CompiledRule {
  readonly definition: ValidationRule
  readonly compiled: Rule
}

/** Compiles rules, the same expression once. */
export class RuleCompiler {
  readonly #cel = new Cel()
  readonly #known = new Map<string, Rule>()

  /** `where` names the schema in what is thrown for a rule that cannot be compiled. */
  tree(schema: StructuralSchema, where: string): RuleTree | undefined {
    const rules = schema.rules.map((definition) => this.#compile(definition, schema, where))
    const fields: (readonly [string, RuleTree])[] = []
    for (const [name, child] of schema.type === 'object' ? schema.properties : []) {
      const below = this.tree(child, `${where}.${name}`)
      if (below !== undefined) fields.push([name, below])
    }
    const entry = schema.type === 'list' ? schema.items : schema.type === 'map' ? schema.values : undefined
    const entries = entry === undefined ? undefined : this.tree(entry, `${where}[]`)
    if (rules.length === 0 && fields.length === 0 && entries === undefined) return undefined
    return { schema, rules, fields, entries }
  }

  #compile(definition: ValidationRule, schema: StructuralSchema, where: string): CompiledRule {
    const known = this.#known.get(definition.rule)
    const compiled = known ?? new Rule(definition.rule, this.#cel)
    if (known === undefined) this.#known.set(definition.rule, compiled)
    compiled.checkAgainst(schema, where)
    return { definition, compiled }
  }
}

/**
 * Checks the rules of a normalised value. `former` is the value that it replaces; rules about the
 * transition are skipped where there is none, as the server does it.
 */
export function checkRules(
  tree: RuleTree,
  value: unknown,
  former: unknown,
  field: string,
  report: Report,
): void {
  new RuleCheck(field, report).node(tree, value, former)
}

class RuleCheck {
  readonly #report: Report
  /** Where the walk is; grows and shrinks with it. */
  readonly #path: (string | number)[]
  /** Whether the object was in order before. If it was not, a rule may fail to have an answer for that reason. */
  readonly #wasValid: boolean

  constructor(field: string, report: Report) {
    this.#path = [field]
    this.#report = report
    this.#wasValid = !report.hasErrors
  }

  node(tree: RuleTree, value: unknown, former: unknown): void {
    if (value === undefined || value === null) return
    if (tree.rules.length > 0 && !this.#report.broken.has(this.#path)) {
      for (const rule of tree.rules) this.#check(rule, value, former)
    }
    if (isList(value)) this.#list(tree, value, former)
    else if (isRecord(value)) {
      const before =
        isRecord(former) && !(tree.schema.type === 'object' && tree.schema.atomic) ? former : NOTHING
      for (const [name, below] of tree.fields) {
        if (value[name] !== undefined) this.#at(name, below, value[name], before[name])
      }
      if (tree.entries === undefined) return
      for (const [key, entry] of Object.entries(value)) this.#at(key, tree.entries, entry, before[key])
    }
  }

  #list({ schema, entries }: RuleTree, value: readonly unknown[], former: unknown): void {
    if (entries === undefined || schema.type !== 'list') return
    const before = formerEntries(schema, former)
    for (const [index, entry] of value.entries()) {
      this.#at(index, entries, entry, before?.get(identity(schema, entry)))
    }
  }

  #at(step: string | number, tree: RuleTree, value: unknown, former: unknown): void {
    this.#path.push(step)
    this.node(tree, value, former)
    this.#path.pop()
  }

  #check({ definition, compiled }: CompiledRule, value: unknown, former: unknown): void {
    if (compiled.usesOldSelf && former === undefined) return
    const outcome = compiled.holds(value, former)
    if (outcome === true || (outcome !== false && !this.#wasValid)) return
    const path = [...this.#path, ...definition.fieldPath]
    const given = typeof value === 'string' || typeof value === 'number' ? ` (given: ${quoted(value)})` : ''
    const text = `${definition.message}${given}`
    const hint = compiled.usesOldSelf ? formerHint(former) : hintFor(definition.rule, value)
    this.#report.add({
      code: 'RuleViolated',
      path,
      text: outcome === false ? text : `${text}: ${outcome.error}`,
      hint,
    })
  }
}

const NOTHING: UnknownRecord = {}

const hintFor = (rule: string, value: unknown): string | undefined =>
  typeof value === 'string' ? cidrHint(rule, value) : undefined

/** What a value was, where that can be said in a few words. */
function formerHint(former: unknown): string | undefined {
  if (!isRecord(former)) return `it was ${quoted(former)}`
  const [entry, ...others] = Object.entries(former)
  if (entry === undefined || others.length > 0) return undefined
  return `it was {${entry[0]}: ${quoted(entry[1])}}`
}

/** The former entries of a list by what identifies them; other sorts of list have no entries that last. */
function formerEntries(schema: ListSchema, former: unknown): ReadonlyMap<string, unknown> | undefined {
  if (schema.listType !== 'map' || !isList(former)) return undefined
  return new Map(former.map((entry) => [identity(schema, entry), entry]))
}

const identity = ({ listKeys }: ListSchema, entry: unknown): string =>
  JSON.stringify(listKeys.map((key) => (isRecord(entry) ? entry[key] : undefined)))
