import { KINDS, type Kind } from '../api/objects.ts'
import { nearest } from '../core/nearest.ts'
import { kindNamed, type CustomResourceDefinition } from '../schema/crd.ts'
import { UsageError } from './exit-status.ts'

/** What `get` is asked for. */
export interface Selection {
  readonly kinds: readonly Kind[]
  /** Names that are asked for, each with its kind; empty: all of the kinds. */
  readonly named: readonly { readonly kind: Kind; readonly name: string }[]
}

/** What stands for every kind, as the category of the CRDs does for kubectl. */
const EVERY_KIND: ReadonlySet<string> = new Set(['palisade', 'all'])

/** Reads what kubectl takes: nothing, `KIND[,KIND]`, `KIND NAME...` or `KIND/NAME...`. Throws UsageError. */
export function readSelection(
  words: readonly string[],
  crds: readonly CustomResourceDefinition[],
): Selection {
  const [first, ...names] = words
  if (first === undefined || (EVERY_KIND.has(first) && names.length === 0)) return { kinds: KINDS, named: [] }
  if (words.some((word) => word.includes('/'))) {
    const named = words.map((word) => readPair(word, crds))
    return { kinds: KINDS.filter((kind) => named.some((one) => one.kind === kind)), named }
  }
  const wanted = first.split(',').map((word) => readKind(word, crds))
  const kinds = KINDS.filter((kind) => wanted.includes(kind))
  return { kinds, named: kinds.flatMap((kind) => names.map((name) => ({ kind, name }))) }
}

function readPair(
  word: string,
  crds: readonly CustomResourceDefinition[],
): { readonly kind: Kind; readonly name: string } {
  const [kind = '', name = '', ...more] = word.split('/')
  if (name === '' || more.length > 0) {
    throw new UsageError(`${word} is not KIND/NAME, and the two ways to name objects cannot be mixed`)
  }
  return { kind: readKind(kind, crds), name }
}

/** The group after a dot is taken as well: `securitygroups.palisade.dev`. */
function readKind(word: string, crds: readonly CustomResourceDefinition[]): Kind {
  const kind = kindNamed(crds, word.replace(/\.palisade\.dev$/, ''))
  if (kind !== undefined) return kind
  const meant = nearest(
    word,
    crds.flatMap(({ names }) => [names.plural, names.singular, ...names.shortNames]),
  )
  const plurals = crds.map(({ names }) => names.plural)
  const hint = meant === undefined ? `the kinds are ${plurals.join(', ')}` : `did you mean ${meant}?`
  throw new UsageError(`there is no kind ${word}: ${hint}`)
}
