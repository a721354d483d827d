import { API_GROUP } from '../api/objects.ts'
import type { FieldPath } from '../core/field-path.ts'
import { isList, isRecord, type UnknownRecord } from '../core/record.ts'
import type { ManifestCode } from './codes.ts'
import type { Composed } from './compose.ts'
import { fieldName, type Problem } from './problem.ts'

/** An object of a document: the document itself, or an item of a list at a path in it. */
export interface Found {
  readonly path: FieldPath
  readonly value: UnknownRecord
}

/** A problem that may have no offset of its own: then it is where its path leads. */
export type Fault = Omit<Problem, 'offset'> & { readonly offset?: number }

export interface Objects {
  /** Those that can be trusted. */
  readonly found: readonly Found[]
  readonly faults: readonly Fault[]
  /** There are more faults than are listed. */
  readonly more: boolean
}

/**
 * The objects of a document, lists flattened. How objects of other API groups are written is not ours
 * to judge. An object of ours that has a fault is left out: whoever wrote it may have meant something
 * else than what would be read.
 */
export function objectsOf({ value, problems, more, hasAliases }: Composed, limit: number): Objects {
  const { objects, faults: shape, isAstray } = new Flattening(value, limit)
  const isOurs = ({ path, value }: Found): boolean => !isForeign(value) || isApiVersionTwice(problems, path)
  const hasOurs = objects.some(isOurs)
  // What an alias repeats was judged where it is written, which may be in another object.
  const isShared = hasAliases && hasOurs
  const ownerOf = (fault: Fault): Found | undefined => objects.find(({ path }) => isWithin(fault.path, path))
  const faults = problems.filter((problem) => {
    const owner = ownerOf(problem)
    return owner === undefined || isShared || isOurs(owner)
  })
  const faulty = new Set(faults.map(ownerOf))
  const isUncertain =
    isAstray || faulty.has(undefined) || (more && hasOurs) || (isShared && faults.length > 0)
  return {
    found: isUncertain ? [] : objects.filter((object) => !faulty.has(object)),
    faults: [...faults, ...shape],
    more: more && isUncertain,
  }
}

/** A value taken apart into objects. */
class Flattening {
  readonly objects: Found[] = []
  readonly faults: Fault[] = []
  /** A list has fields beside its items, so that something may have slipped out of an item. */
  isAstray = false
  readonly #limit: number

  constructor(value: unknown, limit: number) {
    this.#limit = limit
    if (value !== undefined) this.#add(value, [])
  }

  #add(value: unknown, path: FieldPath): void {
    if (!isRecord(value)) {
      const hint = 'an object begins with its apiVersion and kind'
      this.#report('NotAMapping', path, `${nameOf(value)} stands where an object belongs`, hint)
    } else if (isListObject(value)) this.#addItems(value, path)
    else this.objects.push({ path, value })
  }

  #addItems(list: UnknownRecord, path: FieldPath): void {
    const extra = Object.keys(list).find((key) => !LIST_FIELDS.has(key))
    if (extra !== undefined && (list['apiVersion'] === 'v1' || !isForeign(list))) {
      this.isAstray = true
      this.#report('UnknownListField', [...path, extra], 'a list has no such field', 'put it into an item')
    }
    const items = list['items'] ?? []
    if (isList(items)) {
      for (const [index, item] of items.entries()) this.#add(item, [...path, 'items', index])
    } else {
      const message = `${nameOf(items)} stands where a list of objects belongs`
      this.#report('NotAList', [...path, 'items'], message, 'write one object after each `- `')
    }
  }

  /** One more than can be listed, so that it shows that there are more. */
  #report(code: ManifestCode, path: FieldPath, message: string, hint: string): void {
    if (this.faults.length > this.#limit) return
    this.faults.push({ code, path, message: `${fieldName(path)}: ${message}`, hint })
  }
}

const LIST_FIELDS = new Set(['apiVersion', 'kind', 'metadata', 'items'])

/** `kind: List`, as kubectl prints it, or a list of one kind as the API gives it. */
function isListObject({ apiVersion, kind, items }: UnknownRecord): boolean {
  if (apiVersion === 'v1' && kind === 'List') return true
  return typeof kind === 'string' && kind.endsWith('List') && isList(items)
}

function isForeign({ apiVersion }: UnknownRecord): boolean {
  return typeof apiVersion === 'string' && apiVersion.split('/')[0] !== API_GROUP
}

const isApiVersionTwice = (problems: readonly Problem[], object: FieldPath): boolean =>
  problems.some(
    ({ code, path }) =>
      code === 'DuplicateKey' &&
      path.length === object.length + 1 &&
      path.at(-1) === 'apiVersion' &&
      isWithin(path, object),
  )

const isWithin = (path: FieldPath, object: FieldPath): boolean =>
  object.every((step, index) => path[index] === step)

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (isList(value)) return 'a list'
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`
}
