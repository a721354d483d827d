import type { EffectiveRule } from '../../api/types.gen.ts'
import { displayKey, parseKey, type ObjectKey } from '../../core/key.ts'
import type { Paint } from './paint.ts'
import type { CountedRules } from '../counted-rules.ts'
import { countedText, hitCells } from './hit-text.ts'
import { printable } from './printable.ts'
import { ruleText, trafficText } from './rule-text.ts'
import { tableLines, type Column } from './table.ts'
import { wrap } from './wrap.ts'

/** What is in force on one instance, remotes resolved in full. */
export interface InstanceRules {
  readonly vpc: string
  readonly addresses: readonly string[]
  readonly groups: readonly string[]
  readonly digest: string
  readonly ingress: readonly EffectiveRule[]
  readonly egress: readonly EffectiveRule[]
}

/** What `rules` says of one instance. */
interface RulesResult {
  readonly key: ObjectKey
  /** Undefined: no version of it was ever accepted. */
  readonly inForce: InstanceRules | undefined
  /** Why the declared version is not in force, if it is not. */
  readonly reason?: string
  /** Absent: not asked for, or not counted. */
  readonly hits?: CountedRules
}

interface RulesStyle {
  readonly paint: Paint
  readonly width: number | undefined
  readonly hits?: CountedRules
  /** For the ages of last hits. */
  readonly now?: Date
}

export function rulesLines(
  key: ObjectKey,
  { vpc, addresses, groups, digest, ingress, egress }: InstanceRules,
  style: RulesStyle,
): readonly string[] {
  const { paint, width, hits, now = new Date(0) } = style
  const facts = [
    ['Instance', displayKey(key).replace(/^Instance /, '')],
    ['VPC', vpc],
    ['Address', addresses.length === 0 ? 'none' : addresses.join(', ')],
    ['Groups', groups.length === 0 ? 'none' : groups.join(', ')],
    ['Digest', digest],
    ...(hits === undefined ? [] : [['Counted', countedText(hits, now)] as const]),
  ] as const
  return [
    ...facts.flatMap(([title, text]) => factLines(title, printable(text), width)),
    '',
    paint.bold('Ingress'),
    ...ruleTable(ingress, style, hits?.ingress),
    '',
    paint.bold('Egress'),
    ...ruleTable(egress, style, hits?.egress),
  ]
}

/** With a digest the line has 80 columns: 9 here, 71 there. */
const TITLE_WIDTH = 9

function factLines(title: string, text: string, width: number | undefined): readonly string[] {
  const lines = width === undefined ? [text] : wrap(text, Math.max(1, width - TITLE_WIDTH), 'Words')
  return lines.map((line, index) => (index === 0 ? title : '').padEnd(TITLE_WIDTH) + line)
}

export function deniedText({ key, reason }: RulesResult): readonly string[] {
  const why = reason === undefined ? [] : [printable(reason)]
  return [printable(`${displayKey(key)}: nothing of it is in force, so it denies everything.`), ...why]
}

/** For scripts; `inForce: false` stands for "denies everything". */
export function rulesJson({ key, inForce, reason, hits }: RulesResult): object {
  const { namespace, name } = parseKey(key)
  if (inForce === undefined) return { namespace, name, inForce: false, reason }
  const { vpc, addresses, groups, digest, ingress, egress } = inForce
  const counted = hits && { countedAt: hits.countedAt, everySeconds: hits.everySeconds, others: hits.others }
  const effectiveRules = {
    digest,
    ...(counted && { counted }),
    ingress: withHits(ingress, hits?.ingress),
    egress: withHits(egress, hits?.egress),
  }
  return { namespace, name, inForce: true, vpc, addresses, securityGroups: groups, effectiveRules, reason }
}

/** `hits: null` stands for a rule that is newer than the last sample. */
function withHits(
  rules: readonly EffectiveRule[],
  hits: CountedRules['ingress'] | undefined,
): readonly object[] {
  return hits === undefined ? rules : rules.map((rule, index) => ({ ...rule, hits: hits[index] ?? null }))
}

function ruleTable(
  rules: readonly EffectiveRule[],
  { paint, width, now = new Date(0) }: RulesStyle,
  hits: CountedRules['ingress'] | undefined,
): readonly string[] {
  const action: Column = {
    title: 'ACTION',
    paint: (cell) => (cell.startsWith('Allow') ? paint.green(cell) : paint.red(cell)),
  }
  const source: Column = { title: 'SOURCE', wraps: 'Parts', paint: paint.dim }
  const texts = rules.map(ruleText)
  if (hits !== undefined) {
    // With remote and priority beside the counts no row would fit 80 columns.
    const columns: readonly Column[] = [action, { title: 'TRAFFIC', wraps: 'Words' }, ...HIT_COLUMNS, source]
    const rows = texts.map((text, index) => [
      text.action,
      trafficText(text),
      ...hitCells(hits[index], now),
      text.sources,
    ])
    return tableLines(columns, rows, width)
  }
  const columns: readonly Column[] = [
    action,
    { title: 'PRIORITY' },
    { title: 'PROTOCOL' },
    { title: 'PORTS', wraps: 'Words' },
    { title: 'REMOTE', wraps: 'Words' },
    source,
  ]
  const rows = texts.map((text) => [
    text.action,
    text.priority,
    text.protocol,
    text.ports,
    text.remote,
    text.sources,
  ])
  return tableLines(columns, rows, width)
}

const HIT_COLUMNS: readonly Column[] = [{ title: 'PACKETS' }, { title: 'BYTES' }, { title: 'LAST HIT' }]
