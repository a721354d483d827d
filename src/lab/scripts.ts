import { isIPv6 } from 'node:net'
import type { Family } from '../net/address.ts'
import type { LabPort } from './topology.ts'

/**
 * What is run by `sh -e` in the namespaces of a lab. Whatever is put into these texts is an address,
 * a MAC address or a name that the lab made, all in canonical form.
 */

/** The link between a router and its Internet, with addresses that no rule can mean. */
const UPLINK = {
  router: '169.254.255.2',
  internet: '169.254.255.1',
  router6: 'fe80::2',
  internet6: 'fe80::1',
}

/** The addresses that the Internet has of itself (RFC 2544, RFC 3849): nobody's, and unlikely in rules. */
export const STRANGERS: Readonly<Record<Family, string>> = { IPv4: '198.18.0.9', IPv6: '2001:db8:ffff::9' }

/** Nothing is learnt from the network, and addresses are usable at once. */
const SETTINGS = [
  'for d in all default; do',
  '  echo 0 > /proc/sys/net/ipv4/conf/$d/rp_filter',
  '  echo 0 > /proc/sys/net/ipv4/conf/$d/send_redirects',
  '  echo 0 > /proc/sys/net/ipv6/conf/$d/accept_dad',
  '  echo 0 > /proc/sys/net/ipv6/conf/$d/accept_ra',
  '  echo 0 > /proc/sys/net/ipv6/conf/$d/disable_ipv6',
  'done',
  'ip link set lo up',
]

/** Ends answer every packet: a test may send many at once, and each answer counts. */
const ANSWERING = ['echo 0 > /proc/sys/net/ipv4/icmp_ratemask', 'echo 0 > /proc/sys/net/ipv6/icmp/ratelimit']

/** `internet` is the process that holds the Internet's namespace. */
export function routerScript(internet: number): string {
  return script([
    ...SETTINGS,
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding',
    'echo 1 > /proc/sys/net/ipv6/conf/default/forwarding',
    `ip link add uplink type veth peer name eth0 netns ${internet}`,
    'ip link set uplink addrgenmode none',
    `ip addr add ${UPLINK.router}/30 dev uplink`,
    'ip link set uplink up',
    `ip -6 addr add ${UPLINK.router6}/64 dev uplink nodad`,
    `ip route add default via ${UPLINK.internet} dev uplink`,
    `ip -6 route add default via ${UPLINK.internet6} dev uplink`,
  ])
}

/** A namespace that has every address (`local` routes), except those that it has a way to. */
export function internetScript(): string {
  return script([
    ...SETTINGS,
    ...ANSWERING,
    'echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind',
    'ip link set eth0 addrgenmode none',
    `ip addr add ${UPLINK.internet}/30 dev eth0`,
    'ip link set eth0 up',
    `ip -6 addr add ${UPLINK.internet6}/64 dev eth0 nodad`,
    `ip addr add ${STRANGERS.IPv4}/32 dev lo`,
    `ip -6 addr add ${STRANGERS.IPv6}/128 dev lo nodad`,
    'ip route add local 0.0.0.0/0 dev lo table local',
    'ip -6 route add local ::/0 dev lo table local',
  ])
}

/** Run in the router; `instance` is the process that holds the instance's namespace. The port stays down. */
export function linkScript({ interface: port }: LabPort, instance: number): string {
  return script([
    `ip link add ${port} type veth peer name eth0 netns ${instance}`,
    `ip link set ${port} addrgenmode none`,
  ])
}

/** Run in the router, as often as need be. */
export function unlinkScript({ interface: port }: LabPort): string {
  return script([`ip link del ${port} 2>/dev/null || true`])
}

/** Run in the instance's namespace, as often as need be: its addresses and its way out, and no others. */
export function instanceScript({ mac, addresses, gateways }: LabPort): string {
  const [ipv4 = '', ...more] = gateways.filter((gateway) => !isIPv6(gateway))
  const ipv6 = gateways.filter(isIPv6)
  return script([
    ...SETTINGS,
    ...ANSWERING,
    'ip link set eth0 down',
    'ip addr flush dev eth0',
    `ip link set eth0 address ${mac} addrgenmode eui64`,
    'ip link set eth0 up',
    ...addresses.map(
      (address) => `ip addr add ${hostPrefix(address)} dev eth0${isIPv6(address) ? ' nodad' : ''}`,
    ),
    ...(ipv4 === ''
      ? []
      : [ipv4, ...more].map((gateway) => `ip route replace ${gateway} dev eth0 scope link`)),
    ...(ipv4 === '' ? [] : [`ip route replace default via ${ipv4} dev eth0`]),
    ...ipv6.map((gateway) => `ip -6 route replace ${gateway} dev eth0`),
    `ip -6 route replace default via ${ipv6.at(-1) ?? ''} dev eth0`,
  ])
}

/** Run in the router once its rules are in force: from here on packets flow. */
export function connectScript(port: LabPort): string {
  const { interface: name, addresses, gateways } = port
  return script([
    `ip addr flush dev ${name}`,
    `ip route flush dev ${name}`,
    `ip link set ${name} up`,
    ...gateways.map(
      (gateway) => `ip addr add ${gatewayPrefix(gateway)} dev ${name}${isIPv6(gateway) ? ' nodad' : ''}`,
    ),
    ...addresses.map((address) => `ip route replace ${hostPrefix(address)} dev ${name}`),
  ])
}

/** Run in the Internet's namespace: the way to an instance's addresses. */
export function wayScript({ addresses }: LabPort): string {
  return script(
    addresses.map((address) => {
      // Every address is local here, the router's included: it has to be told that it is on the link.
      const way = isIPv6(address)
        ? `${UPLINK.router6} dev eth0 src ${STRANGERS.IPv6}`
        : `${UPLINK.router} dev eth0 onlink src ${STRANGERS.IPv4}`
      return `ip route replace ${hostPrefix(address)} via ${way} table local`
    }),
  )
}

/** Undoes `wayScript`: the addresses are the Internet's again. */
export function noWayScript({ addresses }: LabPort): string {
  return script(
    addresses.map((address) => `ip route del ${hostPrefix(address)} table local 2>/dev/null || true`),
  )
}

const script = (lines: readonly string[]): string => `${lines.join('\n')}\n`

const hostPrefix = (address: string): string => `${address}/${isIPv6(address) ? 128 : 32}`

/** A link-local address speaks for its link. */
const gatewayPrefix = (address: string): string =>
  address.startsWith('fe80:') ? `${address}/64` : hostPrefix(address)
