import { namespaceOf } from '../../api/objects.ts'
import type { Rule, SecurityGroup } from '../../api/types.gen.ts'
import { objectKey } from '../../core/key.ts'
import type { RemoteSort } from '../profile.ts'
import { finding, NO_FINDINGS, type Finding } from './finding.ts'
import type { RuleContext } from './rule-context.ts'

type Path = readonly (string | number)[]

/** Whether a rule's remote is of a sort that its group may name, and whether it resolves. */
export function checkRemote(rule: Rule, path: Path, context: RuleContext): readonly Finding[] {
  const { group, profile, groupType } = context
  const sort = remoteSort(rule, group)
  const allowed = context.classic
    ? (profile.spec.networks?.classicRemotes ?? groupType.remotes)
    : groupType.remotes
  if (!allowed.includes(sort) || !groupType.remotes.includes(sort)) {
    const problem = `groups of type ${groupType.name} in profile ${profile.name} do not take ${REMOTE_WORDS[sort]} as remote`
    const both = allowed.filter((other) => groupType.remotes.includes(other))
    return [
      finding('RemoteNotAllowed', group, [...path, 'remote'], problem, {
        hint: `use ${both.map((other) => REMOTE_WORDS[other]).join(' or ')}`,
        profileText: profile.message(
          context.classic && sort === 'AddressGroup' ? 'classicAddressGroup' : REMOTE_TEXTS[sort],
        ),
      }),
    ]
  }
  return checkRemoteResolves(rule, path, context)
}

const REMOTE_WORDS: Readonly<Record<RemoteSort, string>> = {
  CIDR: 'a cidr',
  SecurityGroup: 'another security group',
  SelfReference: 'the group itself',
  AddressGroup: 'an address group',
}

const REMOTE_TEXTS: Readonly<Record<RemoteSort, string>> = {
  CIDR: 'remote',
  SecurityGroup: 'remote',
  SelfReference: 'selfReference',
  AddressGroup: 'remote',
}

function remoteSort({ remote }: Rule, group: SecurityGroup): RemoteSort {
  if (remote?.addressGroupRef !== undefined) return 'AddressGroup'
  if (remote?.securityGroupRef === undefined) return 'CIDR'
  return remote.securityGroupRef.name === group.metadata.name ? 'SelfReference' : 'SecurityGroup'
}

/**
 * Fail closed (design, section 3): an Allow rule whose remote does not resolve contributes nothing,
 * so the group may be accepted; a Drop rule without its remote would open what it closes, so the
 * group is not.
 */
function checkRemoteResolves(rule: Rule, path: Path, context: RuleContext): readonly Finding[] {
  const groupName = rule.remote?.securityGroupRef?.name
  const listName = rule.remote?.addressGroupRef?.name
  const refuses = rule.action === 'Drop'
  if (groupName !== undefined && groupName !== context.group.metadata.name) {
    return checkGroupResolves(groupName, [...path, 'remote', 'securityGroupRef'], refuses, context)
  }
  return listName === undefined
    ? NO_FINDINGS
    : checkListResolves(listName, [...path, 'remote', 'addressGroupRef'], refuses, context)
}

function checkGroupResolves(
  name: string,
  path: Path,
  refuses: boolean,
  context: RuleContext,
): readonly Finding[] {
  const { group, profile, resolve } = context
  const namespace = namespaceOf(group)
  const named = `SecurityGroup ${name}`
  switch (resolve(objectKey('SecurityGroup', namespace, name))) {
    case 'InForce':
      return NO_FINDINGS
    case 'NotFound': {
      const hint = 'declare it, or correct the name'
      const profileText = profile.message('unknownSecurityGroup')
      const problem = `there is no ${named} in namespace ${namespace}`
      return [finding('SecurityGroupNotFound', group, path, problem, { hint, profileText, refuses })]
    }
    case 'NotAccepted': {
      const hint = `correct ${name} first`
      const problem = `${named} was never accepted`
      return [finding('SecurityGroupNotAccepted', group, path, problem, { hint, refuses })]
    }
    case 'OtherVPC': {
      const hint = 'name a group of the same VPC, or use its addresses as a cidr'
      const profileText = profile.message('remoteVPC')
      return [
        finding('OtherVPC', group, path, `${named} belongs to another VPC`, { hint, profileText, refuses }),
      ]
    }
    case 'NotRemotable': {
      const hint = 'use the addresses of its members as cidrs, or an address group'
      const profileText = profile.message('remote')
      const problem = `${named} is of a type that no rule may name`
      return [finding('RemoteNotAllowed', group, path, problem, { hint, profileText })]
    }
  }
}

function checkListResolves(
  name: string,
  path: Path,
  refuses: boolean,
  context: RuleContext,
): readonly Finding[] {
  const { group, resolve } = context
  const namespace = namespaceOf(group)
  const resolution = resolve(objectKey('AddressGroup', namespace, name))
  if (resolution === 'NotFound') {
    const problem = `there is no AddressGroup ${name} in namespace ${namespace}`
    const hint = 'declare it, or correct the name'
    return [finding('AddressGroupNotFound', group, path, problem, { hint, refuses })]
  }
  if (resolution !== 'NotAccepted') return NO_FINDINGS
  const problem = `AddressGroup ${name} was never accepted`
  return [
    finding('AddressGroupNotAccepted', group, path, problem, { hint: `correct ${name} first`, refuses }),
  ]
}
