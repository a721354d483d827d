import pc from 'picocolors'
import type { Io, Output } from '../io.ts'

/** Colours, or nothing. Text of any origin has to be printable before: colour is written with control characters. */
export interface Paint {
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
}

export function paintFor(output: Output, io: Pick<Io, 'env'>): Paint {
  return pc.createColors(isColoured(output, io))
}

/** Colours on terminals alone, and not where NO_COLOR is set (no-color.org) or the terminal is dumb. */
export function isColoured({ isTerminal }: Output, { env }: Pick<Io, 'env'>): boolean {
  return isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}
