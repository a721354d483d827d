import { namespaceOf } from '../../api/objects.ts'
import type { Instance, Subnet, VPC } from '../../api/types.gen.ts'
import { displayKey, objectKey, type ObjectKey } from '../../core/key.ts'
import { parseAddress, type Address } from '../../net/address.ts'
import { containsAddress, parsePrefix } from '../../net/prefix.ts'
import { groupsToBe, namesSome } from '../model/groups-to-be.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import type { Profile } from '../profile.ts'
import { checkVpcRef } from './check-vpc-ref.ts'
import { allOf, finding, NO_FINDINGS, type Finding } from './finding.ts'
import type { Resolution } from './rule-context.ts'

/** What the checks of an instance ask about the rest of the world. */
export interface InstanceSurroundings {
  readonly vpc: VpcIndex | undefined
  readonly vpcDeclared: boolean
  readonly resolve: (key: ObjectKey, vpcName: string) => Resolution
  /** Groups that select it, though not in a version that is in force. */
  readonly selectedInVain: readonly ObjectKey[]
  /** The default group of the VPC, where another is declared in its place and not accepted. */
  readonly homeInDoubt: ObjectKey | undefined
}

/** The checks of an instance beyond its schema, quotas and addresses of others apart. */
export function checkInstance(instance: Instance, around: InstanceSurroundings): readonly Finding[] {
  const { vpc } = around
  if (vpc === undefined) return checkVpcRef(instance, undefined, around.vpcDeclared)
  return allOf(
    checkVpcRef(instance, vpc.object, true),
    checkPlace(instance, vpc.object),
    checkGroupRefs(instance, vpc.profile, around),
    checkSelection(instance, around),
    checkSomeGroup(instance, vpc),
    checkHome(instance, vpc, around),
    checkGroupTypes(instance, vpc),
  )
}

function checkPlace(instance: Instance, vpc: VPC): readonly Finding[] {
  const { subnet, addresses = [] } = instance.spec
  if (subnet === undefined && vpc.spec.cidrs === undefined) return NO_FINDINGS
  const place = subnet === undefined ? undefined : vpc.spec.subnets?.find(({ name }) => name === subnet)
  const findings: Finding[] = []
  if (subnet !== undefined && place === undefined) {
    const names = (vpc.spec.subnets ?? []).map(({ name }) => name)
    findings.push(
      finding(
        'SubnetNotFound',
        instance,
        ['spec', 'subnet'],
        `VPC ${vpc.metadata.name} has no subnet ${subnet}`,
        {
          hint: names.length === 0 ? 'leave subnet out' : `use one of ${names.slice(0, 10).join(', ')}`,
        },
      ),
    )
  }
  for (const [index, text] of addresses.entries()) {
    const outside = outsideOf(text, vpc, place)
    if (outside === undefined) continue
    const path = ['spec', 'addresses', index]
    const hint = 'choose an address inside'
    findings.push(finding('AddressOutside', instance, path, `${text} is outside ${outside}`, { hint }))
  }
  return findings
}

/**
 * What an address is outside of, if anything. A subnet has one family: an address of the other is
 * held to the VPC's cidrs alone.
 */
function outsideOf(text: string, vpc: VPC, subnet: Subnet | undefined): string | undefined {
  const ranges = vpc.spec.cidrs ?? []
  if (subnet === undefined && ranges.length === 0) return undefined
  const address = parseAddress(text)
  if (address === undefined) return undefined
  if (subnet !== undefined && isOutside(address, subnet)) return `subnet ${subnet.name} (${subnet.cidr})`
  return ranges.length === 0 || isWithin(address, ranges)
    ? undefined
    : `VPC ${vpc.metadata.name} (${ranges.join(', ')})`
}

function isOutside(address: Address, { cidr }: Subnet): boolean {
  const result = parsePrefix(cidr)
  return result.ok && result.prefix.family === address.family && !containsAddress(result.prefix, address)
}

function isWithin(address: Address, ranges: readonly string[]): boolean {
  return ranges.some((range) => {
    const result = parsePrefix(range)
    return result.ok && containsAddress(result.prefix, address)
  })
}

function checkGroupRefs(
  instance: Instance,
  profile: Profile,
  { resolve }: InstanceSurroundings,
): readonly Finding[] {
  const refs = instance.spec.securityGroupRefs
  if (refs === undefined || refs.length === 0) return NO_FINDINGS
  const namespace = namespaceOf(instance)
  return refs.flatMap(({ name }, index) => {
    const path = ['spec', 'securityGroupRefs', index, 'name']
    switch (resolve(objectKey('SecurityGroup', namespace, name), instance.spec.vpcRef.name)) {
      case 'InForce':
      case 'NotRemotable':
        return []
      case 'NotFound':
        return finding(
          'SecurityGroupNotFound',
          instance,
          path,
          `there is no SecurityGroup ${name} in namespace ${namespace}`,
          {
            hint: 'declare it, or correct the name',
            profileText: profile.message('unknownInstanceGroup')?.replaceAll('{name}', name),
          },
        )
      case 'NotAccepted':
        return finding(
          'SecurityGroupNotAccepted',
          instance,
          path,
          `SecurityGroup ${name} was never accepted`,
          {
            hint: `correct ${name} first`,
          },
        )
      case 'OtherVPC':
        return finding('OtherVPC', instance, path, `SecurityGroup ${name} belongs to another VPC`, {
          hint: 'a group can only be joined by instances of its own VPC',
          profileText: profile.message('instanceVPC'),
        })
    }
  })
}

/**
 * A group that selects a newcomer and is not accepted is one that the newcomer names: without it the
 * newcomer would run without that group's Drop rules, or with those of a default group in its place.
 */
function checkSelection(instance: Instance, { selectedInVain }: InstanceSurroundings): readonly Finding[] {
  if (selectedInVain.length === 0) return NO_FINDINGS
  const path = ['metadata', 'labels']
  return selectedInVain.map((key) => {
    const hint = `correct ${displayKey(key)} first, or change the labels`
    const problem = `${displayKey(key)} selects them, and is not accepted`
    return finding('SecurityGroupNotAccepted', instance, path, problem, { hint })
  })
}

function checkSomeGroup(instance: Instance, vpc: VpcIndex): readonly Finding[] {
  const { profile } = vpc
  if (profile.spec.instanceWithoutGroups !== 'Refuse' || namesSome(instance)) return NO_FINDINGS
  if (groupsToBe(instance, vpc).length > 0) return NO_FINDINGS
  const hint = 'name a group, or give it the labels that a group selects'
  const profileText = profile.message('instanceWithoutGroups')
  const problem = `profile ${profile.name} does not take an instance without groups`
  return [finding('NoGroups', instance, ['spec', 'securityGroupRefs'], problem, { hint, profileText })]
}

/** It is in force and denies everything, since it waits for a group that it does not name: that has to be said. */
function checkHome(
  instance: Instance,
  vpc: VpcIndex,
  { homeInDoubt }: InstanceSurroundings,
): readonly Finding[] {
  if (homeInDoubt === undefined || namesSome(instance)) return NO_FINDINGS
  if (vpc.signatures.groupsFor(instance, vpc.groups).length > 0) return NO_FINDINGS
  const path = ['spec', 'securityGroupRefs']
  const problem = `without groups it joins ${displayKey(homeInDoubt)}, which was never accepted, so it denies everything`
  const hint = `correct ${displayKey(homeInDoubt)} first, or name a group`
  return [finding('SecurityGroupNotAccepted', instance, path, problem, { hint, refuses: false })]
}

function checkGroupTypes(instance: Instance, vpc: VpcIndex): readonly Finding[] {
  const { profile } = vpc
  if (profile.spec.mixedGroupTypes === 'Allow' || profile.spec.groupTypes.length < 2) return NO_FINDINGS
  const types = new Map(
    groupsToBe(instance, vpc).map(({ object: { metadata, spec } }) => {
      return [profile.groupType(spec.type)?.name ?? '', metadata.name]
    }),
  )
  if (types.size < 2) return NO_FINDINGS
  const list = [...types].map(([type, name]) => `${name} (${type})`).join(' and ')
  const problem = `would be in groups of different types, ${list}`
  const profileText = profile.message('mixedGroupTypes')
  return [
    finding('GroupTypesMixed', instance, ['spec', 'securityGroupRefs'], problem, {
      hint: 'join groups of one type',
      profileText,
    }),
  ]
}
