import { isList, isRecord } from '../../src/core/record.ts'
import type { PalisadeObject } from '../../src/api/objects.ts'

/** The same object with the keys of every map in it in the opposite order, as another person may have written it. */
export function reverseKeys<T extends PalisadeObject>(object: T): T {
  return { ...object, metadata: reversed(object.metadata), spec: reversed(object.spec) }
}

function reversed<T>(value: T): T
function reversed(value: unknown): unknown {
  if (isList(value)) return value.map((item) => reversed(item))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  )
}
