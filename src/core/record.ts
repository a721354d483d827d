export type UnknownRecord = Readonly<Record<string, unknown>>

/** Whether it is what JSON calls an object. */
export function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `Array.isArray` makes `any[]` of an unknown value; this keeps the items unknown. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

export function isStringList(value: unknown): value is readonly string[] {
  return isList(value) && value.every((item) => typeof item === 'string')
}
