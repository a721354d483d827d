import type { Chain } from './table.ts'

/**
 * What palisade keeps of the conntrack mark: 21 bits for the generation of the rules that a
 * connection was last judged by, one that it may leave its sender and has not reached its receiver
 * yet, and one that it was cut. The lowest 8 bits and the highest are left to others.
 */
const REVOKED = 0x4000_0000
const LEFT = 0x2000_0000
const GENERATION_SHIFT = 8
const GENERATIONS = 2 ** 21
const GENERATION = (GENERATIONS - 1) * 2 ** GENERATION_SHIFT
const OWN = REVOKED + LEFT + GENERATION
const OTHERS = 0xffff_ffff - OWN

/** Some bits of a mark, and which they are. */
export interface MarkBits {
  readonly bits: number
  readonly mask: number
}

/** Number of the rules in force in a namespace, from 1; 0 is the mark of a connection never judged. */
export type Generation = number

/**
 * The first generation of a new table. Connections outlive tables, so it must not be one that an
 * earlier table has marked them with: the seconds of the clock come back after 24 days.
 */
export function firstGeneration(now: Date): Generation {
  return (Math.floor(now.getTime() / 1000) % (GENERATIONS - 1)) + 1
}

/** From the last to the first again: by then every connection in use has been judged many times. */
export function nextGeneration(generation: Generation): Generation {
  return generation === GENERATIONS - 1 ? 1 : generation + 1
}

export const IS_NOT_REVOKED = `ct mark & ${hex(REVOKED)} == 0x00000000`

/** 0 as well for a connection of which only one end has judged. */
export function generationOf(mark: number): Generation {
  return (mark & LEFT) === 0 ? (mark & GENERATION) >>> GENERATION_SHIFT : 0
}

export function isRevoked(mark: number): boolean {
  return (mark & REVOKED) !== 0
}

/**
 * What a connection that a sweep cuts has in the bits that are palisade's own: no generation, so that the kernel
 * judges it once its opener sends. That may be from another interface by then.
 */
export const CUT_UNTIL_JUDGED: MarkBits = { bits: REVOKED, mask: OWN }

/**
 * The chains that know the generation. A packet of an open connection is judged again by the rules
 * if its connection carries an earlier generation: then it is marked anew, or cut in both directions.
 * Only packets in the direction of the connection are judged, since rules speak of connections.
 *
 * What the rules of a sender allow goes through `leave`, and what has not been there does not get past `no_leave`:
 * the mark says so by itself, so whatever is missing of a chain of rules is closed. A connection that was cut stays
 * so until its receiver allows it as well.
 */
export function generationChains(generation: Generation): ReadonlyMap<string, Chain> {
  const current = generation * 2 ** GENERATION_SHIFT
  const set = (value: number, kept = OTHERS): string =>
    `ct mark set ct mark & ${hex(kept + value)} | ${hex(value)}`
  const is = (value: number): string => `ct mark & ${hex(OWN)} == ${hex(value)}`
  const rules: Readonly<Record<string, readonly string[]>> = {
    judged: [`${is(current)} accept`],
    established: [
      `${is(current)} accept`,
      `${is(REVOKED + current)} counter drop comment "cut"`,
      `ct direction 1 ${IS_NOT_REVOKED} accept`,
      'ct direction 1 counter drop comment "cut"',
    ],
    // One that these rules have judged keeps its mark: who listens to conntrack is told of each change.
    leave: [`ct mark & ${hex(OWN)} != ${hex(current)} ${set(LEFT + current, OTHERS + REVOKED)}`],
    no_leave: [`ct mark & ${hex(GENERATION)} != ${hex(current)} counter drop comment "no rules"`],
    commit: [`ct direction 0 ${set(current)} accept`, 'accept'],
    revoke: [`ct state 0x2 ${set(REVOKED + current)}`, 'drop'],
  }
  return new Map(Object.entries(rules).map(([name, list]) => [name, { rules: list }]))
}

/** The generation that a table is at, from its chain `judged`; undefined if that is not as written. */
export function readGeneration(judged: Chain | undefined): Generation | undefined {
  const value = /^ct mark & 0x[0-9a-f]+ == 0x([0-9a-f]{8}) accept$/.exec(judged?.rules[0] ?? '')?.[1]
  return value === undefined ? undefined : generationOf(Number.parseInt(value, 16))
}

/** As `nft -n` writes marks. */
function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}
