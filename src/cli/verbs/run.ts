import type { DeletionAllowance } from '../../controller/deletion-brake.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Io } from '../io.ts'
import { keep } from '../live/keep.ts'
import { openLog, type LogLevel } from '../live/log.ts'
import { firewallChoice, type EnforcementOptions } from '../options.ts'
import { openSession } from '../wiring.ts'

export interface RunOptions extends EnforcementOptions {
  readonly state: string
  readonly allowDelete: DeletionAllowance
  readonly listedAddresses: number
  readonly logLevel: LogLevel
  readonly trustClock?: boolean
  /** Seconds; absent: as the source has it. */
  readonly resync?: number
}

/** Keeps what is in force as it is declared, until it is told to stop. */
export async function run(io: Io, paths: readonly string[], options: RunOptions): Promise<ExitStatus> {
  const { state, allowDelete, listedAddresses, logLevel, trustClock, resync } = options
  const session = await openSession(io, {
    paths,
    state: { folder: state, mode: 'exclusive' },
    firewall: firewallChoice(options),
    allowance: allowDelete,
    listedAddresses,
    trustClock,
    resyncMs: resync === undefined ? undefined : resync * 1000,
  })
  try {
    const log = await openLog(io, logLevel)
    await keep(io, session, {
      log,
      turn: () => session.loop.turn(),
      watching: () => {
        log.info({ paths, state }, 'watching')
      },
    })
    log.info({ state }, 'stopped')
    return EXIT.done
  } finally {
    await session.close()
  }
}
