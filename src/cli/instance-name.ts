import { objectKey, parseKey, type ObjectKey } from '../core/key.ts'
import { nearest } from '../core/nearest.ts'

export type FoundInstance =
  { readonly ok: true; readonly key: ObjectKey } | { readonly ok: false; readonly reason: string }

/** The command that shows which instances there are in a state folder. */
const LISTING = 'palisade get instances -A'

/** The instance that `NAME` or `NAMESPACE/NAME` means; a bare name has to be the only one of all namespaces. `listing` shows them all. */
export function findInstance(
  word: string,
  namespace: string | undefined,
  keys: Iterable<ObjectKey>,
  listing = LISTING,
): FoundInstance {
  const slash = word.indexOf('/')
  const name = word.slice(slash + 1)
  const place = slash === -1 ? namespace : word.slice(0, slash)
  const instances = [...keys].map(parseKey).filter(({ kind }) => kind === 'Instance')
  const inPlace = instances.filter((one) => place === undefined || one.namespace === place)
  const [match, ...others] = inPlace.filter((one) => one.name === name)
  if (match === undefined) return { ok: false, reason: unknown(name, place, inPlace, listing) }
  if (others.length > 0) {
    const choices = [match, ...others].map((one) => `${one.namespace}/${one.name}`).sort()
    return { ok: false, reason: `several instances are called ${name}: say ${choices.join(' or ')}` }
  }
  return { ok: true, key: objectKey('Instance', match.namespace, match.name) }
}

function unknown(
  name: string,
  place: string | undefined,
  instances: readonly { readonly name: string }[],
  listing: string,
): string {
  const where = place === undefined ? '' : ` in namespace ${place}`
  if (instances.length === 0) return `there is no instance ${name}${where}, nor any other`
  const meant = nearest(
    name,
    instances.map((one) => one.name),
  )
  const hint = meant === undefined ? `${listing} lists them` : `did you mean ${meant}?`
  return `there is no instance ${name}${where}: ${hint}`
}
