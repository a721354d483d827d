import { parseKey } from '../../../core/key.ts'
import { assertPrograms } from '../../../lab/environment.ts'
import { Lab } from '../../../lab/lab.ts'
import { LabError } from '../../../lab/lab-error.ts'
import { removeLabFile, writeLabFile } from '../../../lab/lab-file.ts'
import { attachedToLab, topologyOf } from '../../../lab/topology.ts'
import { EXIT, type ExitStatus } from '../../exit-status.ts'
import { writeLines, type Io } from '../../io.ts'
import { keep } from '../../live/keep.ts'
import { openLog, type LogLevel } from '../../live/log.ts'
import { labFirewall } from '../../lab-wiring.ts'
import { openSession, type Session } from '../../wiring.ts'

export interface LabUpOptions {
  readonly state: string
  readonly logLevel: LogLevel
}

/** Builds the declared VPCs as network namespaces, and keeps them as declared until it is told to stop. */
export async function labUp(io: Io, paths: readonly string[], options: LabUpOptions): Promise<ExitStatus> {
  const { state } = options
  assertPrograms(io.env['PATH'])
  const end = { wasForeign: false, stop: (): void => undefined }
  const lab = await Lab.open(() => {
    end.wasForeign = true
    end.stop()
  })
  try {
    const session = await openSession(io, {
      paths,
      state: { folder: state, mode: 'exclusive' },
      allowance: { type: 'All' },
      enclosure: {
        adapt: attachedToLab,
        firewall: (model) => labFirewall(io, lab, () => topologyOf(model())),
      },
    })
    try {
      await follow(io, lab, session, options, (stop) => {
        end.stop = stop
        if (end.wasForeign) stop()
      })
    } finally {
      removeLabFile(state)
      await session.close()
    }
  } finally {
    await lab.close()
  }
  if (end.wasForeign) throw new LabError('somebody else ended the processes that the lab consists of')
  return EXIT.done
}

async function follow(
  io: Io,
  lab: Lab,
  session: Session,
  { state, logLevel }: LabUpOptions,
  stoppable: (stop: () => void) => void,
): Promise<void> {
  const log = await openLog(io, logLevel)
  await keep(io, session, {
    log,
    turn: async () => {
      const turn = await session.loop.turn()
      // A subnet, or a VPC without instances, changes no rule.
      if (turn.refusal === undefined) await lab.follow(topologyOf(session.model))
      await writeLabFile(state, lab.built)
      return turn
    },
    watching: (stop) => {
      stoppable(stop)
      writeLines(io.stdout, introduction(lab))
      log.info({ state }, 'lab is up')
    },
  })
  log.info({ state }, 'lab is down')
}

/** What a newcomer can type into another terminal. */
function introduction({ built }: Lab): readonly string[] {
  const ports = [...built.values()].flatMap((network) => [...network.ports.values()])
  const [port] = ports
  const name = port === undefined ? 'INSTANCE' : parseKey(port.port.instance).name
  return [
    'The lab is up, until Ctrl-C. In another terminal:',
    `  palisade lab exec ${name} -- ip address`,
    '  palisade lab test',
  ]
}
