import type { Diagnostic } from '../../core/diagnostic.ts'
import { displayKey } from '../../core/key.ts'
import type { ConnectionText } from '../../policy/reachability/connection-text.ts'
import type { VpcConnections } from '../../policy/reachability/snapshot.ts'
import { isEmptyPlan } from '../../controller/plan.ts'
import { count } from './count.ts'
import { byPlace, findingLines } from './findings.ts'
import type { Paint } from './paint.ts'
import { planLines } from './plan-text.ts'
import type { BlockedPlan, ShownPlan } from './planned-turn.ts'
import { printable } from './printable.ts'

/** What there is to say of a plan to people who review it. */
export interface ReviewedPlan {
  readonly done: ShownPlan
  readonly blocked: BlockedPlan | undefined
  readonly findings: readonly Diagnostic[]
  /** Why nothing of it was looked at or done; undefined: it was. */
  readonly stopped: string | undefined
}

/** By this a job finds the comment that it has written before, to replace it. */
const PLAN_MARKER = '<!-- palisade plan -->'

/** Connections in the table; more follow folded. */
const SHOWN = 20

/** GitHub takes comments of 65,536 characters; with five folded parts of so many there is room for the rest. */
const FOLDED_CHARACTERS = 10_000

/**
 * A plan as a comment on a pull request: what it opens and closes in sight, all else folded. Text from manifests
 * stands in code or with its punctuation as entities, so that none of it is markup.
 */
export function planMarkdown(reviewed: ReviewedPlan): readonly string[] {
  const { done, findings, stopped } = reviewed
  const told = byPlace(findings).flatMap((finding) => findingLines(finding, PLAIN))
  return [
    PLAN_MARKER,
    `### palisade: ${headline(reviewed)}`,
    ...(stopped === undefined ? [] : ['', escaped(stopped)]),
    ...blockedLines(reviewed),
    ...partLines(done),
    ...folded(count(findings.length, 'finding'), told, 'text'),
  ]
}

function partLines({ plan, connections = [] }: ShownPlan): readonly string[] {
  const hasMany = connections.length > 1
  const rows = connections.flatMap((one) => rowsOf(one, hasMany))
  const objects = isEmptyPlan(plan) ? [] : planLines(plan, 'future', PLAIN)
  return [
    ...(rows.length === 0 ? [] : ['', ...tableHead(hasMany), ...rows.slice(0, SHOWN)]),
    ...folded(count(rows.length - SHOWN, 'more connection'), moreConnections(connections), 'text'),
    ...folded('Objects and rules', objects, 'diff'),
  ]
}

function headline({ done, stopped, blocked }: ReviewedPlan): string {
  if (stopped !== undefined) return 'nothing was done'
  return blocked === undefined ? changed(done) : `blocked: ${changed(blocked)}`
}

function changed({ plan, connections = [] }: ShownPlan): string {
  const opens = connections.reduce((sum, one) => sum + one.opens.length, 0)
  const closes = connections.reduce((sum, one) => sum + one.closes.length, 0)
  if (opens + closes > 0) return `opens ${String(opens)}, closes ${String(closes)}`
  return isEmptyPlan(plan) ? 'nothing changes' : 'no connection opens or closes'
}

function blockedLines({ done, blocked }: ReviewedPlan): readonly string[] {
  if (blocked === undefined) return []
  const names = blocked.checks.map((key) => `<code>${escaped(displayKey(key))}</code>`).join(', ')
  return [
    '',
    `Nothing of it is applied, since it would break ${names}; see the findings.`,
    ...partLines(blocked),
    ...(isEmptyPlan(done.plan) ? [] : ['', `Applied all the same: ${changed(done)}`]),
  ]
}

/** The VPC is said only where there are several. */
function tableHead(hasMany: boolean): readonly string[] {
  const titles = ['', ...(hasMany ? ['VPC'] : []), 'From', 'To', 'Traffic']
  return [tableRow(titles), tableRow(titles.map(() => '---'))]
}

const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

function rowsOf({ vpc, opens, closes }: VpcConnections, hasMany: boolean): readonly string[] {
  const row = (what: string, { from, to, traffic }: ConnectionText): string =>
    tableRow([what, ...(hasMany ? [escaped(displayKey(vpc))] : []), ...[from, to, traffic].map(escaped)])
  return [...opens.map((one) => row('**opens**', one)), ...closes.map((one) => row('closes', one))]
}

function moreConnections(connections: readonly VpcConnections[]): readonly string[] {
  const line = (what: string, { from, to, traffic }: ConnectionText): string =>
    printable(`${what} ${from} -> ${to} ${traffic}`)
  const all = connections.flatMap(({ opens, closes }) => [
    ...opens.map((one) => line('opens: ', one)),
    ...closes.map((one) => line('closes:', one)),
  ])
  return all.slice(SHOWN)
}

/** Text behind a line to click on; nothing where there is none. */
function folded(title: string, lines: readonly string[], language: 'text' | 'diff'): readonly string[] {
  if (lines.length === 0) return []
  const shown = fitting(lines)
  const rest = lines.length - shown.length
  const body = rest === 0 ? shown : [...shown, `... and ${count(rest, 'more line')}: run palisade plan`]
  const fence = fenceFor(body)
  return [
    '',
    `<details><summary>${title}</summary>`,
    '',
    `${fence}${language}`,
    ...body,
    fence,
    '',
    '</details>',
  ]
}

function fitting(lines: readonly string[]): readonly string[] {
  let left = FOLDED_CHARACTERS
  const end = lines.findIndex((line) => {
    left -= line.length + 1
    return left < 0
  })
  return end === -1 ? lines : lines.slice(0, end)
}

/** Longer than any run of backticks within, as CommonMark 4.5 asks. */
function fenceFor(lines: readonly string[]): string {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? [])
  return '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)))
}

/** Letters, digits and what is no markup stay; the rest are entities, which CommonMark never takes for markup (6.2). */
function escaped(text: string): string {
  return printable(text).replace(
    /[^\p{L}\p{N} ,.:;()/-]/gu,
    (character) => `&#${String(character.codePointAt(0))};`,
  )
}

const same = (text: string): string => text

/** A comment has no colours. */
const PLAIN: Paint = { red: same, green: same, yellow: same, bold: same, dim: same }
