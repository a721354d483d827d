import type { Executor, Netns } from './executor.ts'
import { ICMP } from '../../net/protocol.ts'
import type { Flow } from './judge.ts'

/** One connection that conntrack follows. */
export interface Connection extends Flow {
  readonly family: 'ipv4' | 'ipv6'
  readonly mark: number
  /** Words that name exactly this connection to the program `conntrack`. */
  readonly words: readonly string[]
}

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

/** Gives connections other marks, all by one shell; one that has ended meanwhile is passed over. */
export async function markConnections(
  executor: Executor,
  netns: Netns,
  marks: readonly (readonly [Connection, number])[],
): Promise<void> {
  if (marks.length === 0) return
  const lines = marks.map(([{ family, words }, mark]) =>
    ['conntrack', '-U', '-f', family, ...words, '--mark', String(mark), '>/dev/null', '2>&1'].join(' '),
  )
  await executor.run(netns, ['sh'], `${lines.join('\n')}\n`)
}

/** `tcp 6 431999 ESTABLISHED src=... dst=... sport=... dport=... src=... mark=0 use=1`: the first tuple is the opener's. */
function parseConnection(line: string, family: 'ipv4' | 'ipv6'): Connection | undefined {
  const protocol = /^\S+ +(\d{1,3}) /.exec(line)?.[1]
  const source = field(line, 'src')
  const destination = field(line, 'dst')
  if (protocol === undefined || source === undefined || destination === undefined) return undefined
  const { fields, words } = transport(line, Number(protocol))
  return {
    family,
    source,
    destination,
    protocol: Number(protocol),
    ...fields,
    mark: Number(field(line, 'mark') ?? 0),
    words: ['-p', protocol, '-s', source, '-d', destination, ...words],
  }
}

interface Transport {
  readonly fields: Pick<Flow, 'sourcePort' | 'port' | 'icmp'>
  readonly words: readonly string[]
}

function transport(line: string, protocol: number): Transport {
  const [sport, dport] = [field(line, 'sport'), field(line, 'dport')]
  if (sport !== undefined && dport !== undefined) {
    const fields = { sourcePort: Number(sport), port: Number(dport) }
    return { fields, words: ['--sport', sport, '--dport', dport] }
  }
  const [type, code, id] = [field(line, 'type'), field(line, 'code'), field(line, 'id')]
  if (type === undefined || code === undefined || id === undefined) return { fields: {}, words: [] }
  const word = protocol === ICMP ? 'icmp' : 'icmpv6'
  return {
    fields: { icmp: { type: Number(type), code: Number(code) } },
    words: [`--${word}-type`, type, `--${word}-code`, code, `--${word}-id`, id],
  }
}

/** Addresses, numbers and nothing that a shell reads otherwise. */
function field(line: string, name: string): string | undefined {
  return new RegExp(`(?:^| )${name}=([0-9a-f.:]+)(?: |$)`).exec(line)?.[1]
}
