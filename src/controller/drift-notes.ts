import type { ObjectKey } from '../core/key.ts'
import type { Drift } from '../firewall/firewall.ts'
import { formatMoment } from '../core/moment.ts'

/** Parts of a table named in a sentence; the rest is counted. */
const LISTED_PARTS = 5

/** What was last put right for each instance, for its status. */
export class DriftNotes {
  readonly #notes = new Map<ObjectKey, string>()

  /** Returns the instances that there is something new to say of. */
  note(drift: readonly Drift[], now: Date): readonly ObjectKey[] {
    return drift.flatMap((one) => {
      const sentence = driftSentence(one, now)
      for (const key of one.instances) this.#notes.set(key, sentence)
      return one.instances
    })
  }

  of(key: ObjectKey): string | undefined {
    return this.#notes.get(key)
  }
}

function driftSentence({ place, parts, by }: Drift, now: Date): string {
  const listed = parts.slice(0, LISTED_PARTS).join(', ')
  const more = parts.length > LISTED_PARTS ? ` and ${String(parts.length - LISTED_PARTS)} more` : ''
  return `At ${formatMoment(now.getTime())} ${listed}${more} of ${place} was found changed by ${by ?? 'an unknown process'}, and was put right.`
}
