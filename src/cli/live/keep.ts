import type { Turn } from '../../controller/loop.ts'
import { timersBy } from '../../source/timers.ts'
import type { Watch } from '../../source/source.ts'
import type { Io } from '../io.ts'
import type { Session } from '../wiring.ts'
import { ConsoleReport } from './console-report.ts'
import { LiveLoop } from './live-loop.ts'
import type { Log } from './log.ts'
import { keepSampling } from './sampling.ts'

export interface KeepOptions {
  readonly log: Log
  readonly turn: () => Promise<Turn>
  /** Called once, when the first turn was told of and the source is watched; gives what ends it early. */
  readonly watching: (stop: () => void) => void
}

/** Takes a turn whenever the source changes, and tells of each, until the process is told to stop. */
export async function keep(io: Io, session: Session, { log, turn, watching }: KeepOptions): Promise<void> {
  const timers = timersBy(io.now)
  const report = new ConsoleReport(io, session.store, log)
  const live = new LiveLoop({ turn, report, timers })
  const stop = (): void => {
    live.stop()
  }
  const forget = io.onStop(stop)
  let watch: Watch | undefined
  let unwatch: (() => void) | undefined
  let stopSampling: (() => Promise<void>) | undefined
  try {
    await live.run(async () => {
      watch = await session.source.watch(() => {
        live.bell()
      })
      unwatch = session.watchFirewall(() => {
        live.bell()
      })
      if (session.hits !== undefined) stopSampling = keepSampling(session.hits, timers)
      watching(stop)
    })
  } finally {
    forget()
    await stopSampling?.()
    unwatch?.()
    await watch?.close()
  }
}
