/**
 * The identity of an object: `Kind/namespace/name`, or `Kind//name` where the kind is
 * cluster-scoped. A string, so that it can key a Map and sorts the same everywhere.
 */
export type ObjectKey = string

/** Joined, since that makes one text at once: a template makes a chain of parts, which the first look-up puts together. */
export function objectKey(kind: string, namespace: string, name: string): ObjectKey {
  return [kind, namespace, name].join('/')
}

export interface KeyParts {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Names and namespaces hold no slash (RFC 1123), so the split is exact. */
export function parseKey(key: ObjectKey): KeyParts {
  const first = key.indexOf('/')
  const second = key.indexOf('/', first + 1)
  return { kind: key.slice(0, first), namespace: key.slice(first + 1, second), name: key.slice(second + 1) }
}

/** How people name it: `SecurityGroup shop/web`, `CloudProfile alibaba`. */
export function displayKey(key: ObjectKey): string {
  const { kind, namespace, name } = parseKey(key)
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
}

/** The kind alone, without splitting the rest. */
export function kindOfKey(key: ObjectKey): string {
  return key.slice(0, key.indexOf('/'))
}
