import type { EffectiveRule } from '../../api/types.gen.ts'
import { displayKey, parseKey, type ObjectKey } from '../../core/key.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'
import { ruleText } from './rule-text.ts'
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
}

export function rulesLines(
  key: ObjectKey,
  { vpc, addresses, groups, digest, ingress, egress }: InstanceRules,
  paint: Paint,
  width: number | undefined,
): readonly string[] {
  const facts = [
    ['Instance', displayKey(key).replace(/^Instance /, '')],
    ['VPC', vpc],
    ['Address', addresses.length === 0 ? 'none' : addresses.join(', ')],
    ['Groups', groups.length === 0 ? 'none' : groups.join(', ')],
    ['Digest', digest],
  ] as const
  return [
    ...facts.flatMap(([title, text]) => factLines(title, printable(text), width)),
    '',
    paint.bold('Ingress'),
    ...ruleTable(ingress, paint, width),
    '',
    paint.bold('Egress'),
    ...ruleTable(egress, paint, width),
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
export function rulesJson({ key, inForce, reason }: RulesResult): object {
  const { namespace, name } = parseKey(key)
  if (inForce === undefined) return { namespace, name, inForce: false, reason }
  const { vpc, addresses, groups, digest, ingress, egress } = inForce
  const effectiveRules = { digest, ingress, egress }
  return { namespace, name, inForce: true, vpc, addresses, securityGroups: groups, effectiveRules, reason }
}

function ruleTable(
  rules: readonly EffectiveRule[],
  paint: Paint,
  width: number | undefined,
): readonly string[] {
  const columns: readonly Column[] = [
    {
      title: 'ACTION',
      paint: (cell) => (cell.startsWith('Allow') ? paint.green(cell) : paint.red(cell)),
    },
    { title: 'PRIORITY' },
    { title: 'PROTOCOL' },
    { title: 'PORTS', wraps: 'Words' },
    { title: 'REMOTE', wraps: 'Words' },
    { title: 'SOURCE', wraps: 'Parts', paint: paint.dim },
  ]
  const rows = rules.map((rule) => {
    const { action, priority, protocol, ports, remote, sources } = ruleText(rule)
    return [action, priority, protocol, ports, remote, sources]
  })
  return tableLines(columns, rows, width)
}
