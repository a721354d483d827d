import { ambiguityOf, readPlain, type ScalarValue } from './plain-scalar.ts'
import { printYaml } from './print.ts'
import type { Refusal } from './problem.ts'

/** Why a plain scalar must be written otherwise: readers differ on it, or no JSON number can hold it. */
export function refuseValue(text: string): Refusal | undefined {
  if (text === '<<') return MERGE_KEY
  if (text.startsWith('?')) return QUESTION_MARK
  const ambiguity = ambiguityOf(text)
  if (ambiguity !== undefined) {
    const { core, other, reader } = ambiguity
    const message = `${text} is ${describe(core)} in YAML 1.2 and ${describe(other)} ${AS_READ_BY[reader]}`
    return { code: 'AmbiguousScalar', message, hint: hintFor(text, core, other) }
  }
  const value = readPlain(text)
  if (typeof value !== 'number' || isExact(value)) return undefined
  const message = Number.isFinite(value)
    ? `${text} is beyond the integers that JSON keeps exactly, ${-Number.MAX_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`
    : `${text} is ${describe(value)}, which JSON cannot hold`
  return { code: 'NumberOutOfRange', message, hint: `write a smaller number, or "${text}" to mean the text` }
}

/** Keys are text; a plain one that reads as something else must say so. */
export function refuseKey(text: string): Refusal | undefined {
  if (text === '<<') return MERGE_KEY
  const refusal = refuseValue(text)
  if (refusal !== undefined) return { ...refusal, hint: `write the key as "${text}"` }
  const value = readPlain(text)
  if (typeof value === 'string') return undefined
  const message =
    text === '' ? 'a key is missing' : `the key ${text} is ${describe(value)}, and keys are text`
  return { code: 'KeyNotText', message, hint: `write it as "${text}"` }
}

const MERGE_KEY: Refusal = {
  code: 'UnsupportedYaml',
  message: 'merge keys (<<) belong to YAML 1.1 only',
  hint: 'write the fields out, or "<<" to mean the text',
}

const QUESTION_MARK: Refusal = {
  code: 'AmbiguousScalar',
  message: 'a ? at the beginning is part of the text in YAML 1.2 and can begin a key to kubectl',
  hint: 'put the text in quotes',
}

const AS_READ_BY = { kubectl: 'to kubectl', 'YAML 1.1': 'in YAML 1.1' } as const

const isExact = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))

function describe(value: ScalarValue): string {
  if (typeof value === 'string') return `the text "${value}"`
  if (typeof value === 'number') return Number.isFinite(value) ? `the number ${value}` : 'no finite number'
  return value === null ? 'null' : `the boolean ${value}`
}

/** The readings that are no text, written so that every reader has them alike. */
function hintFor(text: string, ...readings: readonly ScalarValue[]): string {
  const others = readings.filter((value) => typeof value !== 'string' && Number.isFinite(value ?? 0))
  const written = [...new Set(others.map((value) => printYaml(value).trimEnd()))]
  const instead = written.length === 0 ? '' : `, or plainly ${written.join(' or ')}`
  return `write "${text}" to mean the text${instead}`
}
