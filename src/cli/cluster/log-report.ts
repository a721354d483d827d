import type { Turn } from '../../controller/loop.ts'
import { isEmptyPlan } from '../../controller/plan.ts'
import type { Diagnostic } from '../../core/diagnostic.ts'
import { FindingNews } from '../live/finding-news.ts'
import type { LiveReport } from '../live/live-loop.ts'
import type { Log } from '../live/log.ts'

/** What a process without a person in front of it tells: each change and each finding once, as fields. */
export class LogReport implements LiveReport {
  readonly #log: Log
  readonly #news = new FindingNews()

  constructor(log: Log) {
    this.#log = log
  }

  turned({ plan, findings }: Turn): Promise<void> {
    const { appeared, gone } = this.#news.next(findings)
    for (const finding of appeared) this.#log.warn(fieldsOf(finding), 'finding')
    for (const finding of gone) this.#log.info(fieldsOf(finding), 'finding gone')
    const { objects, instances, remotes } = plan
    const fields = { objects: objects.length, instances: instances.length, remotes: remotes.length }
    if (isEmptyPlan(plan)) this.#log.debug(fields, 'turn done')
    else this.#log.info(fields, 'reconciled')
    return Promise.resolve()
  }

  retrying(reason: string, delayMs: number): void {
    this.#log.warn({ reason, delayMs }, 'turn failed, trying again')
  }
}

function fieldsOf({ code, severity, object, message, hint }: Diagnostic): Readonly<Record<string, unknown>> {
  return { code, severity, object, message, hint }
}
