import fc from 'fast-check'
import type { CloudProfileSpec, GroupType, Remote, Rule } from '../../../src/api/types.gen.ts'
import { familyOf, onlyFamily, protocolNumber } from '../packet.ts'

/** Prefixes and addresses that nest, touch and miss the addresses that instances have. */
export const CIDRS: readonly string[] = [
  ...['10.0.0.0/28', '10.0.0.0/30', '10.0.0.4/31', '10.0.0.1/32', '10.0.0.2', '10.0.0.0/8', '0.0.0.0/0'],
  ...['192.0.2.0/24', '128.0.0.0/1', 'fd00::/124', 'fd00::4/127', 'fd00::1', 'fd00::2/128', '::/0'],
]

const PROTOCOLS: readonly (string | number)[] = [
  ...['All', 'TCP', 'tcp', 6, '17', 'UDP', 'ICMP', 1, 'ICMPv6', 58, 'SCTP', 'GRE', 47, 0, '0', 112, 255, 2],
]

const PORTS: readonly (number | string)[] = [22, 80, '79-81', '80-90', 443, '8000-8080', '1-65535', 1, 65535]

const WITH_PORTS: readonly (number | undefined)[] = [6, 17, 33, 132, 136]

const ports: fc.Arbitrary<(number | string)[]> = fc.uniqueArray(fc.constantFrom(...PORTS), {
  minLength: 0,
  maxLength: 3,
})

/** What a rule may name; indices into the groups and lists that there are. */
export interface RemoteNames {
  readonly groups: readonly string[]
  readonly lists: readonly string[]
}

const remoteArbitrary = ({ groups, lists }: RemoteNames): fc.Arbitrary<Remote> => {
  const cidr = fc.constantFrom(...CIDRS).map((text) => ({ cidr: text }))
  const toGroup = (name: string): Remote => ({ securityGroupRef: { name } })
  const toList = (name: string): Remote => ({ addressGroupRef: { name } })
  return fc.oneof(
    { arbitrary: cidr, weight: 3 },
    ...(groups.length > 0 ? [{ arbitrary: fc.constantFrom(...groups).map(toGroup), weight: 3 }] : []),
    ...(lists.length > 0 ? [{ arbitrary: fc.constantFrom(...lists).map(toList), weight: 1 }] : []),
  )
}

const fields = {
  protocol: fc.constantFrom(...PROTOCOLS),
  ports,
  sourcePorts: ports,
  etherType: fc.constantFrom('IPv4' as const, 'IPv6' as const),
  icmp: fc.record(
    { type: fc.constantFrom(0, 8, 255), code: fc.constantFrom(0, 1) },
    { requiredKeys: ['type'] },
  ),
  action: fc.constantFrom('Allow' as const, 'Drop' as const),
  priority: fc.constantFrom(1, 2, 3, 100),
}

/** Any rule that the schema accepts, whatever profiles make of it. Unnamed: its list gives it a name. */
export function ruleArbitrary(names: RemoteNames): fc.Arbitrary<Omit<Rule, 'name'>> {
  const optional = { ...fields, remote: remoteArbitrary(names) }
  return fc.record(optional, { requiredKeys: [] }).map(consistent)
}

/** Takes out what contradicts the rest: ports without a protocol that has them, a family against the remote's. */
function consistent({
  ports: declared,
  sourcePorts,
  icmp,
  etherType,
  remote,
  ...rest
}: Omit<Rule, 'name'>): Omit<Rule, 'name'> {
  const number = protocolNumber(rest.protocol ?? 'All')
  const hasPorts = WITH_PORTS.includes(number)
  const isIcmp = number === 1 || number === 58
  const ofProtocol = isIcmp ? onlyFamily(number) : undefined
  const cidr = remote?.cidr
  const ofCidr = cidr === undefined ? undefined : familyOf(cidr.split('/')[0] ?? '')
  const fitsCidr = ofProtocol === undefined || ofCidr === undefined || ofProtocol === ofCidr
  const family = ofProtocol ?? (fitsCidr ? ofCidr : undefined) ?? etherType
  return {
    ...rest,
    ...(hasPorts && declared !== undefined && { ports: declared }),
    ...(hasPorts && sourcePorts !== undefined && { sourcePorts }),
    ...(isIcmp && icmp !== undefined && { icmp }),
    ...(etherType !== undefined && family !== undefined && { etherType: family }),
    ...(remote !== undefined && fitsCidr && { remote }),
  }
}

/**
 * The rule without what its profile refuses, so that most groups of a world are accepted; undefined where
 * nothing is left of it.
 */
export function fitted(
  { action, priority, sourcePorts, icmp, ports: declared, ...rule }: Omit<Rule, 'name'>,
  { rules }: CloudProfileSpec,
  type: GroupType | undefined,
  groupName: string,
): Omit<Rule, 'name'> | undefined {
  const { etherType, protocol, remote } = rule
  const sort = remoteSort(remote, groupName)
  if (type?.remotes.includes(sort) === false) return undefined
  if (etherType !== undefined && rules.etherTypes?.includes(etherType) === false) return undefined
  const cidr = remote?.cidr
  const ofCidr = cidr === undefined ? undefined : familyOf(cidr.split('/')[0] ?? '')
  if (ofCidr !== undefined && rules.etherTypes?.includes(ofCidr) === false) return undefined
  const number = protocolNumber(protocol ?? 'All')
  const meant = number === 0 && rules.protocolZero === 'All' ? undefined : number
  const known = rules.protocols?.map(protocolNumber)
  if (known?.includes(meant) === false) return undefined
  const range = rules.priority
  const fits = priority !== undefined && range !== undefined && range.min <= priority && priority <= range.max
  return {
    ...rule,
    ...(declared && { ports: rules.portLists === false ? declared.slice(0, 1) : declared }),
    ...(action !== undefined && rules.actions.includes(action) && { action }),
    ...(fits && { priority }),
    ...(sourcePorts !== undefined && rules.sourcePorts === true && { sourcePorts }),
    ...(icmp !== undefined && rules.icmpFields === true && { icmp }),
  }
}

function remoteSort(remote: Rule['remote'], groupName: string): GroupType['remotes'][number] {
  if (remote?.addressGroupRef !== undefined) return 'AddressGroup'
  if (remote?.securityGroupRef === undefined) return 'CIDR'
  return remote.securityGroupRef.name === groupName ? 'SelfReference' : 'SecurityGroup'
}
