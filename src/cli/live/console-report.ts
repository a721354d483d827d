import type { Turn } from '../../controller/loop.ts'
import { isEmptyPlan } from '../../controller/plan.ts'
import { kindOfKey } from '../../core/key.ts'
import type { Store } from '../../store/store.ts'
import { writeLines, type Io } from '../io.ts'
import { byPlace, findingLines } from '../output/findings.ts'
import { paintFor } from '../output/paint.ts'
import { printable } from '../output/printable.ts'
import { changeLine } from './change-line.ts'
import { FindingNews } from './finding-news.ts'
import { instanceTable, LISTED_INSTANCES } from './instance-table.ts'
import type { LiveReport } from './live-loop.ts'
import type { Log } from './log.ts'

/** What `run` tells: a table first, then a line for each change, findings as they come and go. */
export class ConsoleReport implements LiveReport {
  readonly #io: Io
  readonly #store: Store
  readonly #log: Log
  readonly #news = new FindingNews()
  #hasTable = false

  constructor(io: Io, store: Store, log: Log) {
    this.#io = io
    this.#store = store
    this.#log = log
  }

  async turned(turn: Turn): Promise<void> {
    if (!this.#hasTable) await this.#table()
    else if (turn.refusal === undefined && !isEmptyPlan(turn.plan)) this.#line(changeLine(turn.plan))
    this.#hasTable = true
    for (const { place, parts, by } of turn.drift) {
      this.#log.warn({ place, parts, by }, 'another program changed the rules, repaired')
    }
    this.#findings(turn)
    const { objects, instances } = turn.plan
    this.#log.debug({ objects: objects.length, instances: instances.length }, 'turn done')
  }

  retrying(reason: string, delayMs: number): void {
    this.#log.warn({ reason: printable(reason), delayMs }, 'turn failed, trying again')
  }

  async #table(): Promise<void> {
    const keys = [...(await this.#store.listStatus())].filter((key) => kindOfKey(key) === 'Instance').sort()
    const shown = await this.#store.readStatus(keys.slice(0, LISTED_INSTANCES))
    const { stdout } = this.#io
    const lines = instanceTable(shown, keys.length, stdout.columns)
    writeLines(stdout, keys.length === 0 ? ['No instance is in force.'] : lines)
  }

  #findings({ findings }: Turn): void {
    const { appeared, gone } = this.#news.next(findings)
    const paint = paintFor(this.#io.stderr, this.#io)
    writeLines(this.#io.stderr, [
      ...byPlace(appeared).flatMap((finding) => findingLines(finding, paint)),
      ...byPlace(gone).flatMap((finding) => {
        const [line = ''] = findingLines(finding, paint)
        return `${paint.green('gone:')} ${line}`
      }),
    ])
  }

  #line(text: string): void {
    writeLines(this.#io.stdout, [`${clockText(this.#io.now())} ${text}`])
  }
}

/** The time on the wall: `12:03:04`. */
function clockText(time: Date): string {
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}
