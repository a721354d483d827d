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

function lastGeneration(generation: Generation): Generation {
  return generation === 1 ? GENERATIONS - 1 : generation - 1
}

export const IS_NOT_REVOKED = `ct mark & ${hex(REVOKED)} == 0x00000000`

/** Both ends have judged the connection by the rules in force. */
export const IS_JUDGED = `ct mark & ${hex(OWN)} == @judged`

/** It was cut by the rules in force. */
export const IS_CUT = `ct mark & ${hex(REVOKED)} == ${hex(REVOKED)} ct mark & ${hex(LEFT + GENERATION)} == @judged`

/** Nothing has let it leave. */
export const HAS_NOT_LEFT = `ct mark & ${hex(OWN)} != @lately`

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

/** What of a table knows the generation: chains, and elements of sets. */
export interface GenerationParts {
  readonly chains: ReadonlyMap<string, Chain>
  readonly elements: ReadonlyMap<string, readonly string[]>
}

/** Of both sets: six marks, and with the three that come and go in a commit nine. */
export const GENERATION_SET_SIZE = 16

/**
 * A packet of an open connection is judged again by the rules if its connection carries an earlier generation: then it
 * is marked anew, or cut in both directions. Only packets in the direction of the connection are judged, since rules
 * speak of connections.
 *
 * What the rules of a sender allow goes through `leave`, and what has not been there does not get past `lately`: the
 * mark says so by itself, so whatever is missing of a chain of rules is closed. A connection that was cut stays so until
 * its receiver allows it as well.
 *
 * None of these rules has a verdict: for one the kernel would go through all rules of the table, which takes 50 ms for
 * 80,000. So verdicts ask sets, which a packet that is on its way sees as they are, and chains as they were when it
 * came: the last generation still counts as having left.
 */
export function generationParts(generation: Generation): GenerationParts {
  const current = markOf(generation)
  const set = (value: number, kept = OTHERS): string =>
    `ct mark set ct mark & ${hex(kept + value)} | ${hex(value)}`
  const rules: Readonly<Record<string, string>> = {
    // One that these rules have judged keeps its mark: who listens to conntrack is told of each change.
    leave: `ct mark & ${hex(OWN)} != ${hex(current)} ${set(LEFT + current, OTHERS + REVOKED)}`,
    mark_judged: `ct direction 0 ${set(current)}`,
    mark_cut: `ct state 0x2 ${set(REVOKED + current)}`,
  }
  return {
    chains: new Map(Object.entries(rules).map(([name, rule]) => [name, { rules: [rule] }])),
    elements: new Map([
      ['judged', [hex(current)]],
      // Not one that was cut and did not leave since: a chain without rules would bring it back.
      [
        'lately',
        [markOf(lastGeneration(generation)), current].flatMap((mark) =>
          [0, LEFT, REVOKED + LEFT].map((bits) => hex(bits + mark)),
        ),
      ],
    ]),
  }
}

/** The generation that a table is at, from the elements of its set `judged`; undefined if that is not as written. */
export function readGeneration(judged: Iterable<string> = []): Generation | undefined {
  const [element = '', ...more] = judged
  const value = /^0x([0-9a-f]{8})$/.exec(element)?.[1]
  if (value === undefined || more.length > 0) return undefined
  const generation = generationOf(Number.parseInt(value, 16))
  return generation === 0 ? undefined : generation
}

const markOf = (generation: Generation): number => generation * 2 ** GENERATION_SHIFT

/** As `nft -n` writes marks. */
function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}
