import { isClusterScoped, KINDS } from '../api/objects.ts'
import { objectKey, parseKey, type ObjectKey } from '../core/key.ts'

/** Where a status file is, below the folder `status`. */
export interface StatusPath {
  /** From the namespace to the folder of the file: two names, or three for a long name. */
  readonly folders: readonly string[]
  readonly file: string
}

const EXTENSION = '.yaml'

/** Stands for the namespace of cluster-scoped objects; no namespace begins with an underscore. */
const CLUSTER = '_cluster'

/** A label and a subdomain as RFC 1123 has them: no slash, no empty part and so neither `.` nor `..`. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const SUBDOMAIN_LENGTH = 253

/**
 * A file name has at most 255 bytes, so a name of more than 250 does not fit with `.yaml`. Its first
 * 200 characters become a folder, marked by a character that no name holds.
 */
const FILE_NAME_LENGTH = 255 - EXTENSION.length
const HEAD_LENGTH = 200
const HEAD_MARK = '~'

const kindOfFolder: ReadonlyMap<string, string> = new Map(KINDS.map((kind) => [kind.toLowerCase(), kind]))

/** Undefined for a key that no object can have: it must not lead anywhere in the file system. */
export function statusPath(key: ObjectKey): StatusPath | undefined {
  const { kind, namespace, name } = parseKey(key)
  if (key !== objectKey(kind, namespace, name) || !isKey(kind, namespace, name)) return undefined
  const folders = [namespace === '' ? CLUSTER : namespace, kind.toLowerCase()]
  if (name.length <= FILE_NAME_LENGTH) return { folders, file: name + EXTENSION }
  const head = name.slice(0, HEAD_LENGTH) + HEAD_MARK
  return { folders: [...folders, head], file: name.slice(HEAD_LENGTH) + EXTENSION }
}

function isKey(kind: string, namespace: string, name: string): boolean {
  if (kindOfFolder.get(kind.toLowerCase()) !== kind) return false
  if (isClusterScoped(kind) ? namespace !== '' : !LABEL.test(namespace)) return false
  return name.length <= SUBDOMAIN_LENGTH && SUBDOMAIN.test(name)
}

/** The object whose status is at a path; undefined for a file that is no status file. */
export function statusKey(path: readonly string[]): ObjectKey | undefined {
  const [folder = '', kindFolder = '', ...rest] = path
  const kind = kindOfFolder.get(kindFolder)
  const file = rest.join('')
  if (kind === undefined || !file.endsWith(EXTENSION)) return undefined
  const name = file.slice(0, -EXTENSION.length).replace(HEAD_MARK, '')
  const key = objectKey(kind, folder === CLUSTER ? '' : folder, name)
  const expected = statusPath(key)
  return expected !== undefined && [...expected.folders, expected.file].join('/') === path.join('/')
    ? key
    : undefined
}
