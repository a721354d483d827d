import { parseKey } from '../../core/key.ts'
import { isAllowed, type EndVerdict } from '../../lab/probe/expectation.ts'
import type { Probe, ProbeEnd, ProbeOutcome } from '../../lab/probe/probe.ts'
import { ruleLine } from './rule-text.ts'
import { tableLines, type Column } from './table.ts'

/** A probe of `lab test`: what the rules say, and what came of it. */
export interface Trial {
  readonly probe: Probe
  readonly verdicts: readonly EndVerdict[]
  readonly outcome: ProbeOutcome
}

/** Whether packets and computed rules say different things, or nothing could be sent. */
export function isDisagreement({ verdicts, outcome }: Trial): boolean {
  return outcome !== (isAllowed(verdicts) ? 'Answered' : 'Silent')
}

const COLUMNS: readonly Column[] = [
  { title: 'FROM' },
  { title: 'TO' },
  { title: 'PROTOCOL' },
  { title: 'PASSED', wraps: 'Words' },
  { title: 'DROPPED', wraps: 'Words' },
]

/** One row for each pair of ends and protocol, with the ports that packets came through on and those that they did not. */
export function trialTable(trials: readonly Trial[], width: number | undefined): readonly string[] {
  const rows = new Map<
    string,
    { readonly ends: readonly string[]; readonly passed: string[]; readonly dropped: string[] }
  >()
  for (const { probe, outcome } of trials) {
    const ends = [endText(probe.from), endText(probe.to), probe.protocol]
    const row = rows.get(ends.join(' ')) ?? { ends, passed: [], dropped: [] }
    rows.set(ends.join(' '), row)
    ;(outcome === 'Answered' ? row.passed : row.dropped).push(payloadText(probe))
  }
  const cells = [...rows.values()].map(({ ends, passed, dropped }) => [
    ...ends,
    listText(passed),
    listText(dropped),
  ])
  return tableLines(COLUMNS, cells, width)
}

/** What each disagreement is about, with the rules that decided what was expected. */
export function disagreementLines(wrong: readonly Trial[]): readonly string[] {
  return wrong.flatMap(({ probe, verdicts, outcome }) => [
    `disagreement: ${endText(probe.from)} (${probe.from.address}) to ${endText(probe.to)} (${probe.to.address}) ` +
      `${probe.protocol} ${payloadText(probe)}: expected ${isAllowed(verdicts) ? 'Answered' : 'Silent'}, found ${outcome}`,
    ...verdicts.map(({ instance, direction, rule }) => {
      return `    ${parseKey(instance).name} ${direction}: ${ruleLine(rule, direction)}`
    }),
  ])
}

/** Every probe, for scripts. */
export function trialJson(trials: readonly Trial[]): unknown {
  return trials.map((trial) => {
    const { probe, verdicts, outcome } = trial
    return {
      from: probe.from,
      to: probe.to,
      protocol: probe.protocol,
      ...(probe.port !== undefined && { port: probe.port, sourcePort: probe.sourcePort }),
      expected: isAllowed(verdicts) ? 'Answered' : 'Silent',
      found: outcome,
      rules: verdicts.map(({ instance, direction, rule }) => ({
        instance,
        direction,
        sources: rule.sources,
      })),
    }
  })
}

/** An instance by its name; the world outside by its address. */
function endText({ instance, address }: ProbeEnd): string {
  if (instance === undefined) return address
  const { name } = parseKey(instance)
  return address.includes(':') ? `${name} (IPv6)` : name
}

function payloadText({ port }: Probe): string {
  return port === undefined ? 'echo' : String(port)
}

const listText = (items: readonly string[]): string =>
  items.length === 0 ? '-' : [...new Set(items)].sort((a, b) => Number(a) - Number(b)).join(' ')
