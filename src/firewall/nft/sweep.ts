import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { listConnections, markConnections, type Connection } from './conntrack.ts'
import type { Executor, Netns } from './executor.ts'
import { allows, type Prefixes } from './judge.ts'
import { generationOf, isRevoked, revokedMark, type Generation } from './mark.ts'

/**
 * Cuts the connections that the rules no longer allow and in which only the other end speaks: the kernel
 * judges a connection again when its opener sends, and that may be never. To be called after the
 * rules are in, since a connection cut before would be allowed again at once.
 *
 * Connections are marked and not forgotten: a reply to a forgotten connection would look like a new
 * one the other way. Returns how many were cut.
 */
export async function sweep(
  executor: Executor,
  netns: Netns,
  instances: Iterable<InstanceRuleset>,
  generation: Generation,
  prefixes: Prefixes,
): Promise<number> {
  const owners = new Map<string, InstanceRuleset>()
  for (const instance of instances) for (const address of instance.addresses) owners.set(address, instance)
  const cut = (await listConnections(executor, netns)).filter(
    (connection) =>
      generationOf(connection.mark) !== generation &&
      !isRevoked(connection.mark) &&
      !isAllowed(connection, owners, prefixes),
  )
  await markConnections(
    executor,
    netns,
    cut.map((connection) => [connection, revokedMark(connection.mark, generation)]),
  )
  return cut.length
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
  return agrees(from, 'Egress') && agrees(to, 'Ingress')
}
