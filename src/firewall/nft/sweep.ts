import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { select, type Wish } from './connection-selection.ts'
import type { Connection } from './connection.ts'
import { listConnections, markConnections } from './conntrack.ts'
import { UDP } from '../../net/protocol.ts'
import type { Executor, Netns } from './executor.ts'
import { allows, type Prefixes } from './judge.ts'
import type { Layout } from './layout.ts'
import { localAddresses } from './local-addresses.ts'
import { CUT_UNTIL_JUDGED, generationOf, isRevoked } from './mark.ts'

/** What of a layout decides which connections go on. */
export type InForce = Pick<Layout, 'instances' | 'generation'>

/**
 * Cuts the connections of a namespace that the rules no longer allow and in which only the other end speaks: the
 * kernel judges a connection again when its opener sends, and that may be never.
 *
 * Connections are marked and not forgotten: a reply to a forgotten connection would look like a new
 * one the other way.
 */
export class Sweeper {
  readonly #executor: Executor
  readonly #netns: Netns
  /** Who had rules in the kernel, or may have had, since connections were last swept. */
  readonly #former = new Set<InstanceRuleset>()

  constructor(executor: Executor, netns: Netns) {
    this.#executor = executor
    this.#netns = netns
  }

  /** The kernel holds the rules of these, or may. */
  remember(instances: Iterable<InstanceRuleset>): void {
    for (const instance of instances) this.#former.add(instance)
  }

  /**
   * To be called after the rules are in, since a connection cut before would be allowed again at once. Rejects where
   * `conntrack` or `ip` fails.
   */
  async sweep({ instances, generation }: InForce, prefixes: Prefixes): Promise<void> {
    const ownerOf = await this.#owners(instances.values())
    const lost = lostAddresses(this.#former, instances, ownerOf)
    const isAllowed = (connection: Connection): boolean =>
      !lost.has(connection.source) &&
      !lost.has(connection.destination) &&
      isAgreed(connection, ownerOf, prefixes)
    const wishFor = (connection: Connection): Wish => {
      const wasCut = isRevoked(connection.mark)
      if (generationOf(connection.mark) === generation) return wasCut ? 'Either' : 'Spared'
      if (isAllowed(connection)) return 'Spared'
      return wasCut ? 'Either' : 'Selected'
    }
    const selections = select(await listConnections(this.#executor, this.#netns), wishFor)
    await markConnections(this.#executor, this.#netns, selections, CUT_UNTIL_JUDGED)
    this.#former.clear()
  }

  /** An instance that is the node itself has all addresses of the node, which are not all declared, and no others. */
  async #owners(instances: Iterable<InstanceRuleset>): Promise<Owners> {
    const owners = new Map<string, InstanceRuleset>()
    let host: InstanceRuleset | undefined
    for (const instance of instances) {
      if (isHost(instance)) host = instance
      else for (const address of instance.addresses) owners.set(address, instance)
    }
    if (host === undefined) return (address) => owners.get(address)
    const isLocal = await localAddresses(this.#executor, this.#netns)
    const looked = new Map<string, InstanceRuleset | undefined>()
    return (address) => {
      if (!looked.has(address)) looked.set(address, isLocal(address) ? host : owners.get(address))
      return looked.get(address)
    }
  }
}

/** Whose rules a connection from or to an address has to follow; undefined: it is no instance's. */
type Owners = (address: string) => InstanceRuleset | undefined

const isHost = (instance: InstanceRuleset | undefined): boolean => instance?.attachment?.host === true

/**
 * Addresses that nobody has any more where somebody had them: behind an interface that is closed now, whose open
 * connections end whatever its profile keeps. Where another instance has the address, its rules decide; where no
 * instance is the node any more, the node is open.
 */
function lostAddresses(
  former: Iterable<InstanceRuleset>,
  instances: InForce['instances'],
  ownerOf: Owners,
): ReadonlySet<string> {
  const lost = new Set<string>()
  for (const one of former) {
    const port = one.attachment?.interface
    if (port === undefined || instances.get(one.instance) === one) continue
    for (const address of one.addresses) {
      const owner = ownerOf(address)
      const hasMoved = owner?.instance === one.instance && owner.attachment?.interface !== port
      if (owner === undefined || hasMoved) lost.add(address)
    }
  }
  return lost
}

/** An end that is no instance, or whose profile keeps open connections, has no say. */
function isAgreed(connection: Connection, ownerOf: Owners, prefixes: Prefixes): boolean {
  const from = ownerOf(connection.source)
  const to = ownerOf(connection.destination)
  // By the loopback interface, which needs no rule.
  if (isHost(from) && from === to) return true
  const agrees = (end: InstanceRuleset | undefined, direction: 'Ingress' | 'Egress'): boolean =>
    end === undefined || end.established === 'Keep' || allows(end, direction, connection, prefixes)
  const { client, server } = DHCP_PORTS[connection.family]
  // Every port may ask for an address, and be given one by the node, whatever its rules.
  const isAsked = isBetween(connection, client, server)
  const isGiven = (from === undefined || isHost(from)) && isBetween(connection, server, client)
  return (isAsked || agrees(from, 'Egress')) && (isGiven || agrees(to, 'Ingress'))
}

const isBetween = ({ protocol, sourcePort, port }: Connection, from: number, to: number): boolean =>
  protocol === UDP && sourcePort === from && port === to

const DHCP_PORTS = { ipv4: { client: 68, server: 67 }, ipv6: { client: 546, server: 547 } } as const
