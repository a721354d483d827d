import type { Cel, CelProgram } from './cel.ts'
import { absentField, disjuncts, readsOf, type CelRead } from './cel-reads.ts'
import { isList, isRecord } from '../core/record.ts'
import type { StructuralSchema } from './structural.ts'

/** Whether a rule holds; the text of the error where CEL has no answer. */
export type Outcome = boolean | { readonly error: string }

/**
 * Results kept for each test of a rule. Real rules repeat a few protocols and port lists; a
 * hundred thousand different addresses only pass through.
 */
const REMEMBERED = 16_384

/**
 * A compiled rule. It is read as the disjunction of its tests (`!has(self.icmp) || ...`), and the
 * result of each test is remembered by what the test reads: of a hundred thousand rules of security
 * groups nearly all are answered without running CEL.
 */
export class Rule {
  /** Whether it is a transition rule, which says nothing about an object without a former version. */
  readonly usesOldSelf: boolean
  /** Fields without which the rule holds, as in `!has(self.icmp) || ...`: the cheapest test, and the commonest result. */
  readonly #guards: readonly (readonly string[])[]
  readonly #tests: readonly Test[]
  readonly #reads: readonly CelRead[]

  /** Throws for an expression that is not CEL. */
  constructor(expression: string, cel: Cel) {
    const root = cel.parse(expression)
    this.#reads = readsOf(root)
    this.usesOldSelf = this.#reads.some((read) => read.root === 'oldSelf')
    const guards: (readonly string[])[] = []
    const tests: Test[] = []
    for (const node of disjuncts(root)) {
      const guard = absentField(node)
      if (guard !== undefined) guards.push(guard)
      else tests.push(new Test(cel.compile(node), readsOf(node)))
    }
    this.#guards = guards
    this.#tests = tests
  }

  /** As CEL has `||`: one true operand makes it true, whatever errors the others have. */
  holds(self: unknown, oldSelf: unknown): Outcome {
    let outcome: Outcome = false
    for (const path of this.#guards) {
      const absent = isAbsent(self, path)
      if (absent === true) return true
      if (absent !== false) outcome = absent
    }
    for (const test of this.#tests) {
      const result = test.outcome(self, oldSelf)
      if (result === true) return true
      if (result !== false) outcome = result
    }
    return outcome
  }

  /**
   * Throws when the rule reads a field that values of the schema do not have: it would quietly say
   * nothing, where an API server refuses the CRD.
   */
  checkAgainst(schema: StructuralSchema, where: string): void {
    for (const { root, path } of this.#reads) {
      let node: StructuralSchema | undefined = schema
      for (const name of path) {
        node =
          node.type === 'object' ? node.properties.get(name) : node.type === 'map' ? node.values : undefined
        if (node === undefined) {
          throw new Error(`${where}: a rule reads ${[root, ...path].join('.')}, which is not there`)
        }
      }
    }
  }
}

class Test {
  readonly #program: CelProgram
  readonly #reads: readonly CelRead[]
  readonly #fields: readonly string[] | undefined
  readonly #known = new Map<Key, Outcome>()

  constructor(program: CelProgram, reads: readonly CelRead[]) {
    this.#program = program
    this.#reads = reads
    this.#fields = fieldsOf(reads)
  }

  outcome(self: unknown, oldSelf: unknown): Outcome {
    const key = keyOf(this.#reads, self, oldSelf)
    if (key === undefined) return this.#run(self, oldSelf)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const outcome = this.#run(self, oldSelf)
    if (this.#known.size >= REMEMBERED) this.#known.clear()
    this.#known.set(key, outcome)
    return outcome
  }

  #run(self: unknown, oldSelf: unknown): Outcome {
    try {
      const result = this.#program(pick(self, this.#fields), pick(oldSelf, this.#fields))
      return typeof result === 'boolean' ? result : { error: 'the rule is neither true nor false' }
    } catch (error) {
      return { error: error instanceof Error ? firstLine(error.message) : String(error) }
    }
  }
}

/** `!has(self.a.b)`: whether the last field is missing; that one on the way is missing is an error of CEL. */
function isAbsent(self: unknown, path: readonly string[]): Outcome {
  let value = self
  for (const name of path) {
    if (!isRecord(value)) return { error: `No such key on the way to ${path.join('.')}` }
    value = value[name]
  }
  return value === undefined
}

/** The fields of self and oldSelf that anything is read of; `undefined` where one of them is read whole. */
function fieldsOf(reads: readonly CelRead[]): readonly string[] | undefined {
  const fields = new Set<string>()
  for (const { path } of reads) {
    const [field] = path
    if (field === undefined) return undefined
    fields.add(field)
  }
  return [...fields]
}

/** The value with no more than the fields that are read: making a CEL value of the others is wasted work. */
function pick(value: unknown, fields: readonly string[] | undefined): unknown {
  if (fields === undefined || !isRecord(value)) return value
  const picked: Record<string, unknown> = {}
  for (const field of fields) if (value[field] !== undefined) picked[field] = value[field]
  return picked
}

type Key = string | number | boolean | typeof ABSENT

/** In place of what is not there; CEL has an error for reading it. */
const ABSENT = Symbol('absent')

/** Equal for values in which everything that is read is equal; `undefined` when that is too much to compare. */
function keyOf(reads: readonly CelRead[], self: unknown, oldSelf: unknown): Key | undefined {
  const [first, ...others] = reads
  if (first === undefined) return ''
  // Most tests read one thing, which then is the key.
  if (others.length === 0) return keyPart(first, first.root === 'self' ? self : oldSelf)
  let key = ''
  for (const read of reads) {
    const part = keyPart(read, read.root === 'self' ? self : oldSelf)
    if (part === undefined) return undefined
    // With its length a text tells where it ends, so that two lists of parts never run into the same key.
    key += typeof part === 'string' ? `"${part.length}:${part}` : `${String(part)};`
  }
  return key
}

function keyPart({ path, aspect }: CelRead, root: unknown): Key | undefined {
  let value = root
  for (const name of path) {
    if (!isRecord(value)) return ABSENT
    value = value[name]
  }
  if (aspect === 'presence') return value !== undefined
  if (value === undefined) return ABSENT
  if (aspect === 'size' && isList(value)) return value.length
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''
