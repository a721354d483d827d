import { GENERATION_SET_SIZE, HAS_NOT_LEFT, IS_CUT, IS_JUDGED, IS_NOT_REVOKED } from './mark.ts'
import { PORT_PREFIX } from './names.ts'
import type { NftSet, Table } from './table.ts'

/** Neither a declared port nor one by its name. */
const notPort = (way: 'iifname' | 'oifname'): string => `${way} != "${PORT_PREFIX}*" ${way} != @ports`

/** Open connections of instances whose profile says that they stay, unless they were cut before. After TRACKED, which accepts most packets. */
const keep = (way: 'iifname' | 'oifname', verdict: 'accept' | 'goto leave'): string =>
  `ct state 0x2 ${IS_NOT_REVOKED} ${way} @keep ${verdict}`

/** What asks for an address and what gives one (RFC 2131, RFC 8415), in the family that it is of: in the other one it is a packet like any. */
const DHCP = {
  4: { client: 'udp sport 68 udp dport 67', server: 'udp sport 67 udp dport 68' },
  6: { client: 'udp sport 546 udp dport 547', server: 'udp sport 547 udp dport 546' },
} as const

const dhcp = (from: 'client' | 'server', verdict: 'accept' | 'goto leave'): string[] => [
  `meta nfproto 2 ${DHCP[4][from]} ${verdict}`,
  `meta nfproto 10 ${DHCP[6][from]} ${verdict}`,
]

/** Accepted at the node itself: conntrack does not track neighbour discovery. */
const NEIGHBOURS = 'icmpv6 type @nd accept'

const TRACKED = 'ct state vmap @state'

/**
 * First of all in the way of most packets: to look the state up in a map takes longer than to compare it. With "is" and
 * not "has", which a state that is one of several bits would be asked as well, nft leaves a mask out.
 */
const JUDGED = `ct state == 0x2 ${IS_JUDGED} accept`

/** The first packet of a connection has the rules before it, and is asked nothing about open ones. */
const NOT_NEW = 'ct state != 0x8'

/** What reaches the end of a hook is of a port that no instance is declared for, or of no rule. */
const CLOSED = 'counter drop comment "no rules"'

/** After the rules of a sender, in case that there are none. Only what is tracked gets here: else there is no mark to ask for. */
const UNLESS_LEFT = `${HAS_NOT_LEFT} ${CLOSED}`

const base = (hook: string, priority: number): string =>
  `type filter hook ${hook} priority ${priority}; policy accept;`

/**
 * The chains that are the same in every namespace. What instances may do is in maps from interfaces
 * to chains; with these empty nothing passes a port. A packet between two ports needs the egress of the one
 * and then the ingress of the other; that the one has allowed it is written in its mark (`leave`). Each hook has one
 * chain: of two, the second could mark by new rules what the first one judged by the old.
 *
 * What a port may do beside its rules follows OpenStack Neutron's firewall drivers: ask for an address
 * (DHCP) and look for neighbours, and never answer as a DHCP server or router or under a foreign address.
 */
const CHAINS: Readonly<Record<string, readonly [base: string, ...rules: string[]]>> = {
  raw_prerouting: [
    base('prerouting', -300),
    `${notPort('iifname')} accept`,
    // What nearly every packet has comes first. It may be a link-local address, of which less is allowed below.
    // The address before the MAC address: what nft then asks for the family costs a packet 10 ns less.
    'iifname . ip saddr . ether saddr @source4 goto rogue4',
    'iifname . ip6 saddr . ether saddr @source6 goto rogue6',
    'jump source',
  ],
  forward: [
    base('forward', 0),
    JUDGED,
    `${notPort('iifname')} goto from_outside`,
    `${NOT_NEW} goto open`,
    'jump from_port',
    UNLESS_LEFT,
    `${notPort('oifname')} goto commit`,
    'goto to_port',
  ],
  input: [
    base('input', 0),
    `${notPort('iifname')} goto host_ingress`,
    NEIGHBOURS,
    TRACKED,
    'jump open_from',
    UNLESS_LEFT,
    'jump host_ingress',
    'goto commit',
  ],
  output: [
    base('output', 0),
    'jump host_egress',
    `${notPort('oifname')} goto host_commit`,
    NEIGHBOURS,
    ...dhcp('server', 'accept'),
    TRACKED,
    'goto open_to',
  ],
}

const JUMPED: Readonly<Record<string, readonly string[]>> = {
  source: [
    'ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 goto mac',
    'ip6 saddr :: icmpv6 type 135 ip6 hoplimit 255 goto mac',
    'ip6 saddr :: icmpv6 type 143 goto mac',
    'ip6 saddr fe80::/10 icmpv6 type @link goto mac',
    'ip6 saddr fe80::/10 udp sport 546 udp dport 547 goto mac',
    'iifname . ip saddr @source4_any_mac goto rogue4',
    'iifname . ip6 saddr @source6_any_mac goto rogue6',
    'counter drop comment "spoofed source"',
  ],
  mac: [
    'iifname . ether saddr @macs return',
    'iifname @any_mac return',
    'counter drop comment "spoofed MAC address"',
  ],
  rogue4: [`${DHCP[4].server} counter drop comment "DHCP server"`],
  rogue6: [
    `${DHCP[6].server} counter drop comment "DHCP server"`,
    'icmpv6 type 134 counter drop comment "router advertisement"',
    'icmpv6 type 137 counter drop comment "redirect"',
  ],
  from_outside: [`${notPort('oifname')} accept`, `${NOT_NEW} ${TRACKED}`, 'goto open_to'],
  from_port: [...dhcp('client', 'goto leave'), 'iifname vmap @from_instance', CLOSED],
  to_port: ['oifname vmap @to_instance', CLOSED],
  // Of open connections that these rules have not judged yet, and of what is none.
  open: [TRACKED, 'jump open_from', UNLESS_LEFT, `${notPort('oifname')} goto commit`, 'goto open_to'],
  open_from: [keep('iifname', 'goto leave'), 'goto from_port'],
  open_to: [keep('oifname', 'accept'), 'goto to_port'],
  established: [
    `${IS_JUDGED} accept`,
    `${IS_CUT} counter drop comment "cut"`,
    `ct direction 1 ${IS_NOT_REVOKED} accept`,
    'ct direction 1 counter drop comment "cut"',
  ],
  commit: ['jump mark_judged', 'accept'],
  revoke: ['jump mark_cut', 'drop'],
  invalid: ['counter drop comment "invalid"'],
  // Errors of ICMP alone: a connection that a conntrack helper expects is of a port that no rule may allow.
  related: [
    'meta l4proto != 1 meta l4proto != 58 return',
    `${IS_NOT_REVOKED} accept`,
    'counter drop comment "cut"',
  ],
}

/** States of conntrack as `nft -n` writes them: invalid, established, related, untracked. */
const STATES: readonly (readonly [string, string])[] = [
  ['0x1', 'jump invalid'],
  ['0x2', 'jump established'],
  ['0x4', 'jump related'],
  ['0x40', 'drop'],
]

/** ICMPv6 types of neighbour and multicast listener discovery (RFC 4861, RFC 2710, RFC 3810). */
const DISCOVERY = ['130', '131', '132', '133', '134', '135', '136', '143']
const ROUTER_ADVERTISEMENT = '134'

/** What the skeleton's rules name; the maps and most sets are filled for each instance. */
const SETS: Readonly<Record<string, string>> = {
  ports: 'ifname',
  keep: 'ifname',
  macs: 'ifname . ether_addr',
  any_mac: 'ifname',
  source4: 'ifname . ipv4_addr . ether_addr',
  source6: 'ifname . ipv6_addr . ether_addr',
  source4_any_mac: 'ifname . ipv4_addr',
  source6_any_mac: 'ifname . ipv6_addr',
  from_instance: 'ifname : verdict',
  to_instance: 'ifname : verdict',
  state: 'ct_state : verdict',
  nd: 'icmpv6_type',
  link: 'icmpv6_type',
}

/** With a size, the kernel makes them the kind of set that is looked up 50 ns faster: it holds no more then. */
const GENERATION_SETS = ['judged', 'lately']

/** Adds what every namespace's table holds, without any instance and without what the generation is in. */
export function addSkeleton({ chains, sets }: Table): void {
  for (const [name, type] of Object.entries(SETS)) {
    const kind = type.endsWith(': verdict') ? 'map' : 'set'
    sets.set(name, { kind, type, interval: false, elements: new Map() })
  }
  for (const name of GENERATION_SETS) {
    const own = { type: 'mark', size: GENERATION_SET_SIZE, interval: false, elements: new Map() }
    sets.set(name, { kind: 'set', ...own })
  }
  fill(sets, 'state', STATES)
  fill(
    sets,
    'nd',
    DISCOVERY.map((type) => [type, '']),
  )
  fill(
    sets,
    'link',
    DISCOVERY.filter((type) => type !== ROUTER_ADVERTISEMENT).map((type) => [type, '']),
  )
  for (const [name, [first, ...rules]] of Object.entries(CHAINS)) chains.set(name, { base: first, rules })
  for (const [name, rules] of Object.entries(JUMPED)) chains.set(name, { rules })
  for (const [name, chain] of hostChains(undefined)) chains.set(name, chain)
}

function fill(
  sets: ReadonlyMap<string, NftSet>,
  name: string,
  elements: readonly (readonly [string, string])[],
): void {
  for (const [key, value] of elements) sets.get(name)?.elements.set(key, value)
}

/** Where the rules of the instance that is the node itself come in. */
export interface HostRules {
  readonly ingress: string
  readonly egress: string
  /** Whether its open connections stay when their rule goes. */
  readonly keep: boolean
}

/** Empty in a namespace in which no instance is the node itself. */
export function hostChains(
  host: HostRules | undefined,
): ReadonlyMap<string, { readonly rules: readonly string[] }> {
  if (host === undefined) {
    return new Map(['host_ingress', 'host_egress', 'host_commit'].map((name) => [name, { rules: [] }]))
  }
  const kept = (verdict: 'accept' | 'goto leave'): string[] =>
    host.keep ? [`ct state 0x2 ${IS_NOT_REVOKED} ${verdict}`] : []
  return new Map([
    [
      'host_ingress',
      {
        rules: [
          'iifname "lo" accept',
          NEIGHBOURS,
          ...dhcp('server', 'accept'),
          TRACKED,
          ...kept('accept'),
          `jump ${host.ingress}`,
          CLOSED,
        ],
      },
    ],
    [
      'host_egress',
      {
        rules: [
          'oifname "lo" accept',
          NEIGHBOURS,
          ...dhcp('client', 'goto leave'),
          TRACKED,
          ...kept('goto leave'),
          `jump ${host.egress}`,
          UNLESS_LEFT,
        ],
      },
    ],
    ['host_commit', { rules: ['goto commit'] }],
  ])
}
