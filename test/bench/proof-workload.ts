import { API_VERSION, type PalisadeObject } from '../../src/api/objects.ts'
import type { ReachabilityCheck, Rule } from '../../src/api/types.gen.ts'

/** How large the VPC is whose connections are asked about. */
export interface ProofSize {
  readonly instances: number
  readonly groups: number
  /** Of all groups together. */
  readonly rules: number
}

/** What the targets are set for. */
export const PROOF_SIZE: ProofSize = { instances: 10_000, groups: 500, rules: 5000 }

/**
 * One VPC of services that call each other: every instance is in the group of its service and every fourth service in one
 * more; a group has rules from other groups, from offices, from address lists and from everywhere, in
 * turn, and half of the egress is closed but for what is named.
 */
export function proofObjects({ instances, groups, rules }: ProofSize): PalisadeObject[] {
  const perGroup = Math.max(2, Math.round(rules / groups))
  return [
    { apiVersion: API_VERSION, kind: 'VPC', metadata: { name: 'vpc' }, spec: { cidrs: ['10.0.0.0/8'] } },
    ...range(20).map((index): PalisadeObject => ({
      apiVersion: API_VERSION,
      kind: 'AddressGroup',
      metadata: { name: `list-${String(index)}` },
      spec: { cidrs: [`203.0.${String(index)}.0/24`, `2001:db8:${index.toString(16)}::/48`] },
    })),
    ...range(groups).map((index): PalisadeObject => ({
      apiVersion: API_VERSION,
      kind: 'SecurityGroup',
      metadata: { name: groupName(index) },
      spec: {
        vpcRef: { name: 'vpc' },
        ingress: range(perGroup - 1).map((rule) => ingressRule(index, rule, groups)),
        egress: [index % 2 === 0 ? { name: 'all' } : { name: 'own', remote: { cidr: '10.0.0.0/8' } }],
      },
    })),
    // Machines of a service have addresses side by side, as they have in a subnet.
    ...range(instances)
      .map((index) => ({ index, service: Math.floor((index * groups) / instances) }))
      .map(({ index, service }): PalisadeObject => ({
        apiVersion: API_VERSION,
        kind: 'Instance',
        metadata: { name: `i-${String(index)}`, labels: { service: groupName(service) } },
        spec: {
          vpcRef: { name: 'vpc' },
          addresses: [`10.${String(index >> 16)}.${String((index >> 8) & 255)}.${String(index & 255)}`],
          securityGroupRefs: [
            { name: groupName(service) },
            ...(service % 4 === 0 ? [{ name: groupName((service + 1) % groups) }] : []),
          ],
        },
      })),
  ]
}

/** A rule that group 7 gets in one turn and loses in the next. */
export function changedGroup(objects: readonly PalisadeObject[], turn: number): PalisadeObject {
  const group = objects.find(({ metadata }) => metadata.name === groupName(7))
  if (group?.kind !== 'SecurityGroup') throw new Error('there is no group 7')
  const more: Rule = { name: 'more', protocol: 'TCP', ports: [9999], remote: { cidr: '198.51.100.0/24' } }
  const ingress = [...(group.spec.ingress ?? []), ...(turn % 2 === 0 ? [more] : [])]
  return { ...group, spec: { ...group.spec, ingress } }
}

/** Promises that hold: nobody outside reaches the database port of a service. */
export function proofChecks(count: number, { groups }: ProofSize): readonly ReachabilityCheck[] {
  return range(count).map((index) => ({
    apiVersion: API_VERSION,
    kind: 'ReachabilityCheck',
    metadata: { name: `check-${String(index)}`, namespace: 'default' },
    spec: {
      vpcRef: { name: 'vpc' },
      from:
        index % 2 === 0
          ? { internet: true }
          : { securityGroupRef: { name: groupName((index + 250) % groups) } },
      to:
        index % 3 === 0
          ? { instanceSelector: { matchLabels: { service: groupName(index % groups) } } }
          : { securityGroupRef: { name: groupName(index % groups) } },
      protocol: 'TCP',
      ports: [60_000],
      expect: 'Denied',
      enforcement: 'Block',
    },
  }))
}

function ingressRule(group: number, rule: number, groups: number): Rule {
  const name = `r-${String(rule)}`
  const port = 1024 + ((group * 31 + rule * 7) % 40_000)
  const common = { name, protocol: 'TCP', ports: [port] }
  switch (rule % 4) {
    case 0:
      return {
        ...common,
        remote: { securityGroupRef: { name: groupName((group + rule * 13 + 1) % groups) } },
      }
    case 1:
      return { ...common, remote: { cidr: `192.${String(group % 200)}.${String(rule)}.0/24` } }
    case 2:
      return { ...common, remote: { addressGroupRef: { name: `list-${String((group + rule) % 20)}` } } }
    default:
      // One service in ten is for everybody, the others for one subnet.
      if (group % 10 === 0) return { ...common, ports: [443, 8443] }
      return { ...common, remote: { cidr: `10.0.${String((group + rule) % 64)}.0/24` } }
  }
}

const groupName = (index: number): string => `g-${String(index)}`

const range = (length: number): number[] => Array.from({ length }, (_, index) => index)
