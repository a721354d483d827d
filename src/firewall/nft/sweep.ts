import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { select, type Wish } from './connection-selection.ts'
import type { Connection } from './connection.ts'
import { listConnections, markConnections } from './conntrack.ts'
import { UDP } from '../../net/protocol.ts'
import type { Executor, Netns } from './executor.ts'
import { allows, type Prefixes } from './judge.ts'
import { generationOf, isRevoked, revokedBits, type Generation } from './mark.ts'

/**
 * Cuts the connections that the rules no longer allow and in which only the other end speaks: the kernel
 * judges a connection again when its opener sends, and that may be never. To be called after the
 * rules are in, since a connection cut before would be allowed again at once.
 *
 * Connections are marked and not forgotten: a reply to a forgotten connection would look like a new
 * one the other way.
 */
export async function sweep(
  executor: Executor,
  netns: Netns,
  instances: Iterable<InstanceRuleset>,
  generation: Generation,
  prefixes: Prefixes,
): Promise<void> {
  const owners = new Map<string, InstanceRuleset>()
  for (const instance of instances) for (const address of instance.addresses) owners.set(address, instance)
  const wishFor = (connection: Connection): Wish => {
    const wasCut = isRevoked(connection.mark)
    if (generationOf(connection.mark) === generation) return wasCut ? 'Either' : 'Spared'
    if (isAllowed(connection, owners, prefixes)) return 'Spared'
    return wasCut ? 'Either' : 'Selected'
  }
  const selections = select(await listConnections(executor, netns), wishFor)
  await markConnections(executor, netns, selections, revokedBits(generation))
}

/** An end that is no instance, or whose profile keeps open connections, has no say. */
function isAllowed(
  connection: Connection,
  owners: ReadonlyMap<string, InstanceRuleset>,
  prefixes: Prefixes,
): boolean {
  const from = owners.get(connection.source)
  const to = owners.get(connection.destination)
  const agrees = (end: InstanceRuleset | undefined, direction: 'Ingress' | 'Egress'): boolean =>
    end === undefined || end.established === 'Keep' || allows(end, direction, connection, prefixes)
  const { client, server } = DHCP_PORTS[connection.family]
  // Every port may ask for an address, and be given one by the node, whatever its rules.
  const isAsked = isBetween(connection, client, server)
  const isGiven = from === undefined && isBetween(connection, server, client)
  return (isAsked || agrees(from, 'Egress')) && (isGiven || agrees(to, 'Ingress'))
}

const isBetween = ({ protocol, sourcePort, port }: Connection, from: number, to: number): boolean =>
  protocol === UDP && sourcePort === from && port === to

const DHCP_PORTS = { ipv4: { client: 68, server: 67 }, ipv6: { client: 546, server: 547 } } as const
