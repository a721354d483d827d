import type { Instance } from '../../../api/types.gen.ts'
import { keyOf } from '../../../api/objects.ts'
import { parseKey, type ObjectKey } from '../../../core/key.ts'
import type { RunningInstance } from '../../../lab/lab-file.ts'
import { EXIT, type ExitStatus } from '../../exit-status.ts'
import { writeLines, type Io } from '../../io.ts'
import { count } from '../../output/count.ts'
import { tableLines, type Column } from '../../output/table.ts'
import { openState } from '../../wiring.ts'
import { needLab } from './running.ts'

export interface LabStatusOptions {
  readonly state: string
}

/** Of a digest people compare the beginning; `rules` shows it whole. */
const SHOWN_DIGEST = 'sha256:'.length + 12

const COLUMNS: readonly Column[] = [
  { title: 'INSTANCE' },
  { title: 'VPC' },
  { title: 'ADDRESSES', wraps: 'Words' },
  { title: 'PORT' },
  { title: 'DIGEST' },
  { title: 'READY' },
]

/** What is up: every instance with its addresses and the digest of the rules in force. */
export async function labStatus(io: Io, { state }: LabStatusOptions): Promise<ExitStatus> {
  const { supervisor, networks, instances } = needLab(state)
  const store = await openState(state)
  const objects = await store.readStatus(instances.map(({ key }) => key))
  const known = new Map<ObjectKey, Instance>(
    objects.flatMap((object) => (object.kind === 'Instance' ? [[keyOf(object), object] as const] : [])),
  )
  const rows = instances.map((instance) => rowOf(instance, known.get(instance.key)))
  writeLines(io.stdout, [
    ...(rows.length === 0 ? [] : tableLines(COLUMNS, rows, io.stdout.columns)),
    `${count(networks.length, 'VPC')}, ${count(instances.length, 'instance')}; held by process ${supervisor.pid}`,
  ])
  return EXIT.done
}

function rowOf(
  { key, vpc, interface: port, addresses }: RunningInstance,
  object?: Instance,
): readonly string[] {
  const { namespace, name } = parseKey(key)
  const ready = object?.status?.conditions?.find(({ type }) => type === 'Ready')?.status
  return [
    namespace === 'default' ? name : `${namespace}/${name}`,
    parseKey(vpc).name,
    addresses.length === 0 ? '-' : addresses.join(','),
    port,
    object?.status?.effectiveRules?.digest.slice(0, SHOWN_DIGEST) ?? '-',
    ready ?? 'Unknown',
  ]
}
