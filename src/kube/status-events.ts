import { isRecord } from '../core/record.ts'
import type { ObjectEvent } from './event-recorder.ts'
import type { WrittenStatus } from './object-writer.ts'
import { conditionsOf } from './written-status.ts'

/**
 * What there is to tell of a status that was written over another: trouble when it comes and when it is over, and
 * nothing of an object that is well and was never otherwise. A condition that stays as it is, is no news.
 */
export function eventsOf({ key, before, now }: WrittenStatus): readonly ObjectEvent[] {
  const [old, fresh] = [conditionsOf(before.status), conditionsOf(now.status)]
  const subject = { key, uid: now.metadata.uid, action: 'Reconcile' }
  return TOLD.flatMap(({ condition, good }): readonly ObjectEvent[] => {
    const [was, is] = [wordOf(old.get(condition)), wordOf(fresh.get(condition))]
    if (is === undefined || is.reason === 'Pending') return []
    if (was?.status === is.status && was.reason === is.reason) return []
    const isGood = is.status === good
    // What was never known to be otherwise, or was only under way.
    if (isGood && (was === undefined || was.reason === 'Pending')) return []
    return [{ ...subject, type: isGood ? 'Normal' : 'Warning', reason: is.reason, note: is.message }]
  })
}

/** Ready sums the others up; what may be amiss while it is True is told by itself. `good`: the status without trouble. */
const TOLD = [
  { condition: 'Ready', good: 'True' },
  { condition: 'Expiring', good: 'False' },
] as const

interface Word {
  readonly status: string
  readonly reason: string
  readonly message: string
}

function wordOf(condition: unknown): Word | undefined {
  if (!isRecord(condition)) return undefined
  const { status, reason, message } = condition
  if (typeof status !== 'string' || typeof reason !== 'string') return undefined
  return { status, reason, message: typeof message === 'string' ? message : '' }
}
