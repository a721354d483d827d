/** A point in time, in milliseconds since 1970 (UTC). A value like any other: no pure layer asks a clock. */
export type Moment = number

/** Whole seconds with a zone (RFC 3339), of days that exist. */
const PATTERN = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/

/** Reads a time such as `2026-12-01T18:00:00Z`; undefined for anything else. */
export function parseMoment(text: string): Moment | undefined {
  const day = PATTERN.exec(text)?.[1]
  if (day === undefined) return undefined
  const moment = Date.parse(text)
  // JavaScript takes 30 February for 2 March.
  const midnight = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(moment) || !formatMoment(midnight).startsWith(day) ? undefined : moment
}

/** RFC 3339 in whole seconds of UTC, as Kubernetes writes times. */
export function formatMoment(moment: Moment): string {
  return `${new Date(moment).toISOString().slice(0, 19)}Z`
}
