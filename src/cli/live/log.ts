import type { Io } from '../io.ts'
import { isColoured } from '../output/paint.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

type Write = (fields: Readonly<Record<string, unknown>>, message: string) => void

/** Messages are constant; what varies is in the fields. */
export interface Log {
  readonly debug: Write
  readonly info: Write
  readonly warn: Write
}

/** For people on a terminal, one JSON object to a line for anything else. Loaded here, since only `run` logs. */
export async function openLog(io: Io, level: LogLevel): Promise<Log> {
  const { stderr, now } = io
  const { pino } = await import('pino')
  const timestamp = (): string => `,"time":"${now().toISOString()}"`
  const destination = stderr.isTerminal ? await prettyOutput(io) : stderr
  const logger: Log = pino({ level, base: null, timestamp }, destination)
  return logger
}

/** In this thread: a worker could lose the last lines when the process ends. */
async function prettyOutput(io: Io): Promise<Pick<Io['stderr'], 'write'>> {
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({
    colorize: isColoured(io.stderr, io),
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  })
  return {
    write: (line) => {
      io.stderr.write(pretty(line))
    },
  }
}
