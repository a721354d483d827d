import { isRecord, type UnknownRecord } from '../core/record.ts'
import type { Moment } from '../core/moment.ts'
import type { Resource } from './resource.ts'

export const LEASES: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  isNamespaced: true,
}

/** A Lease as read, and what an elector looks at. */
export interface Lease {
  /** All of it, to be sent back with its version: a lease that somebody else wrote meanwhile is then refused. */
  readonly object: UnknownRecord
  readonly resourceVersion: string
  /** '' when nobody holds it. */
  readonly holder: string
  readonly durationMs: number
  readonly transitions: number
  /** The latest time that the clock of any holder has shown. */
  readonly latestTime: Moment | undefined
}

/**
 * Renewals go by the clock of the holder, which may go back; what had expired by the latest time stays closed.
 * It cannot be the time of renewal: written twice alike that would be no change, by which others see a holder alive.
 */
const LATEST_TIME_ANNOTATION = 'palisade.dev/latest-time'

export function readLease(value: unknown): Lease | undefined {
  if (!isRecord(value) || !isRecord(value['metadata'])) return undefined
  const { resourceVersion } = value['metadata']
  const latestTime = annotationsOf(value)[LATEST_TIME_ANNOTATION]
  if (typeof resourceVersion !== 'string') return undefined
  const { holderIdentity, leaseDurationSeconds, leaseTransitions } = isRecord(value['spec'])
    ? value['spec']
    : {}
  return {
    object: value,
    resourceVersion,
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    durationMs: typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds * 1000 : 0,
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
    latestTime: typeof latestTime === 'string' ? momentOf(latestTime) : undefined,
  }
}

function annotationsOf({ metadata }: UnknownRecord): UnknownRecord {
  return isRecord(metadata) && isRecord(metadata['annotations']) ? metadata['annotations'] : {}
}

interface HoldingTimes {
  readonly durationMs: number
  readonly now: Moment
  /** The latest that the clock of any holder has shown, this one included. */
  readonly latestTime: Moment
}

/** What to write so that the holder has it from now on; '' gives it back. */
export function heldLease(
  before: Lease | { readonly namespace: string; readonly name: string },
  holder: string,
  { durationMs, now, latestTime }: HoldingTimes,
): UnknownRecord {
  const isThere = 'object' in before
  const object: UnknownRecord = isThere
    ? before.object
    : { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: before }
  const isNew = !isThere || before.holder !== holder
  const transitions = isThere ? before.transitions + (isNew && holder !== '' ? 1 : 0) : 0
  const spec = isRecord(object['spec']) ? object['spec'] : {}
  return {
    ...object,
    metadata: {
      ...(isRecord(object['metadata']) ? object['metadata'] : {}),
      annotations: { ...annotationsOf(object), [LATEST_TIME_ANNOTATION]: microTime(latestTime) },
    },
    spec: {
      ...spec,
      holderIdentity: holder,
      // The API counts whole seconds, and no fewer than one.
      leaseDurationSeconds: holder === '' ? 1 : Math.ceil(durationMs / 1000),
      leaseTransitions: transitions,
      renewTime: microTime(now),
      ...(isNew && { acquireTime: microTime(now) }),
    },
  }
}

/** Leases and Events want six digits after the second, and refuse the three of toISOString. */
export function microTime(moment: Moment): string {
  return new Date(moment).toISOString().replace('Z', '000Z')
}

/** No clock shows more; whatever is added to it can still be written as a time. */
const LATEST = Date.UTC(9999, 11, 31)

/** Reads what microTime wrote; undefined for anything that is no time, or no time of a clock. */
function momentOf(text: string): Moment | undefined {
  const moment = Date.parse(text)
  return moment <= LATEST ? moment : undefined
}
