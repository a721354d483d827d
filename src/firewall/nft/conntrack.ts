import type { Executor, Netns } from './executor.ts'
import { ICMP } from '../../net/protocol.ts'
import type { Connection } from './connection.ts'
import type { ConnectionSelection } from './connection-selection.ts'
import type { Flow } from './judge.ts'
import type { MarkBits } from './mark.ts'

/** Every connection of a namespace. Rejects where `conntrack` cannot be run or fails. */
export async function listConnections(executor: Executor, netns: Netns): Promise<readonly Connection[]> {
  const connections: Connection[] = []
  for (const family of ['ipv4', 'ipv6'] as const) {
    const { status, stdout, stderr } = await executor.run(netns, ['conntrack', '-L', '-f', family])
    if (status !== 0) throw new Error(stderr.trim().split('\n')[0])
    for (const line of stdout.split('\n')) {
      const connection = parseConnection(line, family)
      if (connection !== undefined) connections.push(connection)
    }
  }
  return connections
}

/**
 * Gives these bits to all connections of each selection, by one shell. Each command makes the kernel list all of its
 * connections. Rejects where they are not all done in time, with how many there were.
 */
export async function markConnections(
  executor: Executor,
  netns: Netns,
  selections: readonly ConnectionSelection[],
  { bits, mask }: MarkBits,
): Promise<void> {
  if (selections.length === 0) return
  const mark = `${String(bits)}/${String(mask)}`
  const lines = selections.map(({ family, words, count }) => {
    const command = ['conntrack', '-U', '-f', family, ...words, '--mark', mark, '>/dev/null', '2>&1'].join(
      ' ',
    )
    const turns = Math.ceil(count / MARKED_AT_ONCE) + 1
    return `n=0; while [ $n -lt ${String(turns)} ] && ! ${command}; do n=$((n+1)); done`
  })
  // One that has ended meanwhile is passed over, so how the commands end does not count.
  const input = `${lines.join('\n')}\ntrue\n`
  const { status } = await executor.run(netns, ['timeout', String(LONGEST_SECONDS), 'sh'], input)
  if (status !== 0) {
    throw new Error(`${String(lines.length)} commands were not all done within ${String(LONGEST_SECONDS)} s`)
  }
}

/** conntrack 1.4.7 is out of buffers after 256, and goes on from there when it is asked again. */
const MARKED_AT_ONCE = 128

/** Changes of the rules wait for it. */
const LONGEST_SECONDS = 10

/** `tcp 6 431999 ESTABLISHED src=... dst=... sport=... dport=... src=... mark=0 use=1`: the first tuple is the opener's. */
function parseConnection(line: string, family: 'ipv4' | 'ipv6'): Connection | undefined {
  const protocol = /^\S+ +(\d{1,3}) /.exec(line)?.[1]
  const [source, answering] = fields(line, 'src')
  const [asked] = fields(line, 'dst')
  if (protocol === undefined || source === undefined || asked === undefined) return undefined
  const { flow, what, own } = transport(line, Number(protocol))
  return {
    family,
    source,
    // Rules are met after the destination was translated: who answers is who is spoken to.
    destination: answering ?? asked,
    protocol: Number(protocol),
    ...flow,
    mark: Number(fields(line, 'mark')[0] ?? 0),
    words: [['-p', protocol], ['-s', source], what, ['-d', asked], own],
  }
}

interface Transport {
  readonly flow: Pick<Flow, 'sourcePort' | 'port' | 'icmp'>
  /** Words for what is asked for. */
  readonly what: readonly string[]
  /** Words for what is the opener's own. */
  readonly own: readonly string[]
}

function transport(line: string, protocol: number): Transport {
  const [sport, answering] = fields(line, 'sport')
  const [dport] = fields(line, 'dport')
  if (sport !== undefined && dport !== undefined) {
    const flow = { sourcePort: Number(sport), port: Number(answering ?? dport) }
    return { flow, what: ['--dport', dport], own: ['--sport', sport] }
  }
  const [[type], [code], [id]] = [fields(line, 'type'), fields(line, 'code'), fields(line, 'id')]
  if (type === undefined || code === undefined || id === undefined) return { flow: {}, what: [], own: [] }
  const word = protocol === ICMP ? 'icmp' : 'icmpv6'
  return {
    flow: { icmp: { type: Number(type), code: Number(code) } },
    what: [`--${word}-type`, type, `--${word}-code`, code],
    own: [`--${word}-id`, id],
  }
}

/** What stands for a name, first of the opener and then of who answers: addresses, numbers and nothing that a shell reads otherwise. */
function fields(line: string, name: string): readonly (string | undefined)[] {
  return [...line.matchAll(new RegExp(`(?<=^| )${name}=([0-9a-f.:]+)(?= |$)`, 'g'))].map(([, text]) => text)
}
