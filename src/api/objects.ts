import { objectKey, type ObjectKey } from '../core/key.ts'
import type {
  AddressGroup,
  CloudProfile,
  Instance,
  ReachabilityCheck,
  SecurityGroup,
  VPC,
} from './types.gen.ts'

export const API_VERSION = 'palisade.dev/v1alpha1'
export const API_GROUP = 'palisade.dev'

export type PalisadeObject = VPC | SecurityGroup | Instance | CloudProfile | AddressGroup | ReachabilityCheck
export type Kind = PalisadeObject['kind']

/** Every kind, referents before those that refer to them. */
export const KINDS = [
  'CloudProfile',
  'AddressGroup',
  'VPC',
  'SecurityGroup',
  'Instance',
  'ReachabilityCheck',
] as const

const CLUSTER_SCOPED: ReadonlySet<string> = new Set(['CloudProfile'])

/** The namespace of a namespaced object that states none, as kubectl has it. */
export const DEFAULT_NAMESPACE = 'default'

export function isKind(text: string): text is Kind {
  return KINDS.some((kind) => kind === text)
}

export function isClusterScoped(kind: string): boolean {
  return CLUSTER_SCOPED.has(kind)
}

/** The identity of an object; a namespaced one without a namespace is in `default`. */
export function keyOf(object: PalisadeObject): ObjectKey {
  const { namespace, name } = object.metadata
  return objectKey(object.kind, isClusterScoped(object.kind) ? '' : (namespace ?? DEFAULT_NAMESPACE), name)
}

export function namespaceOf(object: PalisadeObject): string {
  return isClusterScoped(object.kind) ? '' : (object.metadata.namespace ?? DEFAULT_NAMESPACE)
}
