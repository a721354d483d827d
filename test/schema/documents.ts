import { load } from 'js-yaml'
import { API_VERSION, isClusterScoped, type Kind } from '../../src/api/objects.ts'
import { loadCrds } from '../../src/schema/crd.ts'
import { isRecord, type UnknownRecord } from '../../src/core/record.ts'
import { createValidator } from '../../src/schema/validator.ts'
import { addressGroupCases } from './cases/address-group.ts'
import type { SchemaCase } from './cases/case.ts'
import { cloudProfileCases } from './cases/cloud-profile.ts'
import { instanceCases } from './cases/instance.ts'
import { reachabilityCheckCases } from './cases/reachability-check.ts'
import { securityGroupCases } from './cases/security-group.ts'
import { vpcCases } from './cases/vpc.ts'

export const crds = loadCrds()
export const validator = createValidator(crds)

export const casesByKind: Readonly<Record<Kind, readonly SchemaCase[]>> = {
  CloudProfile: cloudProfileCases,
  AddressGroup: addressGroupCases,
  VPC: vpcCases,
  SecurityGroup: securityGroupCases,
  Instance: instanceCases,
  ReachabilityCheck: reachabilityCheckCases,
}

/** A spec that nothing is wrong with, for tests of everything else. */
const plainSpecs: Readonly<Record<Kind, string>> = {
  CloudProfile:
    '{groupTypes: [{name: a, implicit: {ingress: Drop, egress: Drop}, remotes: [CIDR]}], rules: {actions: [Allow]}, instanceWithoutGroups: DenyAll}',
  AddressGroup: '{cidrs: [192.0.2.0/24]}',
  VPC: '{cidrs: [10.0.0.0/16]}',
  SecurityGroup: '{vpcRef: {name: shop}}',
  Instance: '{vpcRef: {name: shop}}',
  ReachabilityCheck:
    '{vpcRef: {name: shop}, from: {internet: true}, to: {instances: [db-1]}, protocol: TCP, ports: [5432], expect: Denied}',
}

/** A document of the kind with this spec, called `x`, in the namespace `shop` where there are any. */
export function document(kind: Kind, spec: unknown): UnknownRecord {
  const metadata = isClusterScoped(kind) ? { name: 'x' } : { name: 'x', namespace: 'shop' }
  return { apiVersion: API_VERSION, kind, metadata, spec }
}

export const parsed = (kind: Kind, spec: string): UnknownRecord => document(kind, load(spec))

/** A plain valid document with other metadata. */
export const withMetadata = (kind: Kind, metadata: unknown): UnknownRecord => ({
  ...parsed(kind, plainSpecs[kind]),
  metadata,
})

export function yaml(text: string): UnknownRecord {
  const value: unknown = load(text)
  if (!isRecord(value)) throw new Error('the test needs a map')
  return value
}
