import type { Turn } from '../../controller/loop.ts'
import { isEmptyPlan } from '../../controller/plan.ts'
import { displayKey, type ObjectKey } from '../../core/key.ts'
import { printYaml } from '../../manifest/print.ts'
import { writeLines, type Io } from '../io.ts'
import { connectionLines } from './connection-lines.ts'
import { byPlace, findingLines } from './findings.ts'
import { paintFor } from './paint.ts'
import { planJson } from './plan-json.ts'
import { planMarkdown } from './plan-markdown.ts'
import { planLines, type Tense } from './plan-text.ts'
import type { PlannedTurn } from './planned-turn.ts'
import { printable, printableJson } from './printable.ts'

export type PlanFormat = 'text' | 'json' | 'yaml' | 'markdown'

export function printFindings(io: Io, { findings }: Pick<Turn, 'findings'>): void {
  const paint = paintFor(io.stderr, io)
  writeLines(
    io.stderr,
    byPlace(findings).flatMap((finding) => findingLines(finding, paint)),
  )
}

export function printPlan(io: Io, output: PlanFormat, turn: PlannedTurn, tense: Tense): void {
  switch (output) {
    case 'json':
      writeLines(io.stdout, [printableJson(planJson(turn))])
      return
    case 'yaml':
      io.stdout.write(printYaml(planJson(turn)))
      return
    case 'markdown':
      writeLines(io.stdout, markdownLines(turn))
      return
    case 'text':
      writeLines(io.stdout, textLines(io, turn, tense))
  }
}

function textLines(
  io: Io,
  { plan, heldBack, isMisdirected, blocked, connections = [] }: PlannedTurn,
  tense: Tense,
): readonly string[] {
  if (isMisdirected) return [MISDIRECTED]
  if (heldBack.length > 0) return heldBackLines(heldBack)
  const paint = paintFor(io.stdout, io)
  const done = [...planLines(plan, tense, paint), ...connectionLines(connections, paint)]
  if (blocked === undefined) return done
  return [
    paint.red('Nothing of this is done, since it would break'),
    ...blocked.checks.map((key) => `  ${printable(displayKey(key))}`),
    ...planLines(blocked.plan, 'future', paint),
    ...connectionLines(blocked.connections ?? [], paint),
    ...(isEmptyPlan(plan) ? [] : ['Done all the same:', ...done]),
  ]
}

function markdownLines({
  plan,
  findings,
  heldBack,
  isMisdirected,
  blocked,
  connections = [],
}: PlannedTurn): readonly string[] {
  const stopped = isMisdirected
    ? MISDIRECTED
    : heldBack.length > 0
      ? heldBackLines(heldBack).join(' ')
      : undefined
  return planMarkdown({
    done: { plan, connections },
    blocked,
    findings,
    stopped,
  })
}

const MISDIRECTED = 'Nothing was looked at, since a path leads nowhere.'

function heldBackLines(keys: readonly ObjectKey[]): readonly string[] {
  return [
    'Held back, with every other change, since it would delete:',
    ...keys.map((key) => printable(`- ${displayKey(key)}`)),
  ]
}
