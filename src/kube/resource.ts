import { API_GROUP, API_VERSION, KINDS, isClusterScoped, type Kind } from '../api/objects.ts'

/** A type of object as the API server serves it. */
export interface Resource {
  /** '' is the core group. */
  readonly group: string
  readonly version: string
  /** As in paths and in roles: `securitygroups`. */
  readonly plural: string
  readonly kind: string
  readonly isNamespaced: boolean
}

const VERSION = API_VERSION.slice(API_GROUP.length + 1)

/** The plural names of the CRDs, which a test holds against `crds/`. */
const PLURALS: Readonly<Record<Kind, string>> = {
  CloudProfile: 'cloudprofiles',
  AddressGroup: 'addressgroups',
  VPC: 'vpcs',
  SecurityGroup: 'securitygroups',
  Instance: 'instances',
  ReachabilityCheck: 'reachabilitychecks',
}

export function resourceOf(kind: Kind): Resource {
  const isNamespaced = !isClusterScoped(kind)
  return { group: API_GROUP, version: VERSION, plural: PLURALS[kind], kind, isNamespaced }
}

export const PALISADE_RESOURCES: readonly Resource[] = KINDS.map(resourceOf)

/** As in the field `apiVersion`. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`
}

/** The name by which people and roles know it: `securitygroups.palisade.dev`. */
export function qualifiedName({ plural, group }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`
}
