import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { EffectiveRule } from '../../src/api/types.gen.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, Shop } from '../firewall/nft/shop.ts'
import { whatIsMissing } from '../firewall/nft/network.ts'

/** Ratios of the time of a packet through palisade's rules to that through connection tracking alone. */
export interface PacketFigures {
  /** The first packet of a connection, which a group of 500 rules allows. */
  readonly fresh: number
  /** A later packet of it. */
  readonly established: number
}

const RULES = 500
/** Below the 262,144 connections that a namespace tracks, and from ports that exist. */
const PACKETS = 20_000
const REPEATS = 9

/** The connection tracking that every stateful firewall has, and nothing else. */
const TRACKING_ALONE = `table inet alone {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
    ct state new accept
  }
}`

/**
 * Sends small UDP packets, each from another source port or all from one, and prints nanoseconds. A veth device hands
 * a packet over in the call that sends it, so the time of the calls holds all of its way.
 */
const SENDER = `
import socket, struct, sys, time
source, target, count, fresh = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == 'fresh'
def packet(port):
    udp = struct.pack('!HHHH', port, 9, 12, 0) + b'palisade'[:4]
    ip = struct.pack('!BBHHHBBH4s4s', 69, 0, 20 + len(udp), 0, 0, 64, 17, 0, socket.inet_aton(source), socket.inet_aton(target))
    return ip + udp
packets = [packet(20000 + n if fresh else 20000) for n in range(count)]
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
sender.sendto(packet(19999 if fresh else 20000), (target, 0))
time.sleep(0.1)
begin = time.perf_counter_ns()
for one in packets: sender.sendto(one, (target, 0))
print(time.perf_counter_ns() - begin)
`

/** Answers the first packet, which makes its connection an established one, and then only fills its buffer. */
const SINK = `
import socket, sys, time
sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sink.bind((sys.argv[1], 9))
print('ready', flush=True)
data, sender = sink.recvfrom(64)
sink.sendto(data, sender)
time.sleep(60)
`

/** A sentence where this system cannot measure it. */
export async function measurePackets(): Promise<PacketFigures | string> {
  const missing = whatIsMissing() ?? (spawnSync('python3', ['-V']).error && 'needs python3')
  if (missing !== undefined) return missing
  const [own, alone] = [await Shop.open(), await Shop.open()]
  try {
    const firewall = own.firewall()
    const server = instanceOn('b', { ingress: rules() })
    await own.program(firewall, [instanceOn('a', { egress: [EVERYTHING] }), server])
    alone.network.sh('shop', `nft -f - <<'EOF'\n${TRACKING_ALONE}\nEOF`)
    // By turns, so that whatever else the machine does falls on both.
    const ratio = async (kind: 'fresh' | 'established'): Promise<number> => {
      const ratios: number[] = []
      for (let turn = 0; turn < REPEATS; turn++) {
        ratios.push((await send(own, kind)) / (await send(alone, kind)))
      }
      return ratios.sort((a, b) => a - b)[Math.floor(REPEATS / 2)] ?? Infinity
    }
    return { fresh: await ratio('fresh'), established: await ratio('established') }
  } finally {
    await own.close()
    await alone.close()
  }
}

/** Nanoseconds. Throws where not all of it came through, since what is dropped costs less. */
async function send({ network }: Shop, kind: 'fresh' | 'established'): Promise<number> {
  network.sh('shop', 'conntrack -F 2> /dev/null')
  const received = (): number =>
    Number(/RX:[^\n]*\n\s*\d+\s+(\d+)/.exec(network.sh('b', 'ip -s link show eth0'))?.[1])
  const [program, ...words] = network.enter('b')
  const sink = spawn(program, [...words, 'python3', '-c', SINK, MACHINES.b.four])
  try {
    await once(sink.stdout, 'data')
    const before = received()
    const [run, ...into] = network.enter('a')
    const python = ['python3', '-c', SENDER, MACHINES.a.four, MACHINES.b.four, String(PACKETS), kind]
    const { status, stdout, stderr } = spawnSync(run, [...into, ...python], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    const arrived = received() - before
    if (arrived < PACKETS) throw new Error(`${String(arrived)} of ${String(PACKETS)} packets came through`)
    return Number(stdout)
  } finally {
    const ended = once(sink, 'exit')
    sink.kill('SIGKILL')
    await ended
  }
}

/** Prefixes and ports that have nothing in common; the last one allows what is sent. */
function rules(): readonly EffectiveRule[] {
  return Array.from({ length: RULES }, (_, index) =>
    allow({
      protocol: 'UDP',
      ports: [index === RULES - 1 ? '9' : String(1000 + index)],
      remote: { cidr: index === RULES - 1 ? '10.0.1.0/24' : `198.51.${String(index % 256)}.0/24` },
      sources: [`web/r-${String(index)}`],
    }),
  )
}
