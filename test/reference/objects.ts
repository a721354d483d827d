import { API_VERSION, keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type {
  AddressGroup,
  CloudProfile,
  CloudProfileSpec,
  Instance,
  InstanceSpec,
  ObjectMeta,
  Rule,
  SecurityGroup,
  SecurityGroupSpec,
  VPC,
  VPCSpec,
} from '../../src/api/types.gen.ts'
import type { UnknownRecord } from '../../src/core/record.ts'
import { loadCrds } from '../../src/schema/crd.ts'
import { createValidator } from '../../src/schema/validator.ts'

/** A name, or a name with labels or a namespace. */
type Meta = string | ObjectMeta

/** A rule whose name does not matter to the case: it gets one from its place. */
export type Unnamed<T> = T extends { readonly name: string }
  ? Omit<T, 'name'> & { readonly name?: string }
  : T

type GroupSpec = Omit<SecurityGroupSpec, 'vpcRef' | 'ingress' | 'egress'> & {
  readonly ingress?: readonly Unnamed<Rule>[]
  readonly egress?: readonly Unnamed<Rule>[]
}

const metadata = (meta: Meta): ObjectMeta => (typeof meta === 'string' ? { name: meta } : meta)

const named = (rules: readonly Unnamed<Rule>[]): Rule[] =>
  rules.map((rule, index) => ({ ...rule, name: rule.name ?? `r${String(index)}` }))

export function vpc(meta: Meta, spec: VPCSpec = {}): VPC {
  return { apiVersion: API_VERSION, kind: 'VPC', metadata: metadata(meta), spec }
}

export function group(meta: Meta, vpcName: string, spec: GroupSpec = {}): SecurityGroup {
  const { ingress, egress, ...rest } = spec
  return {
    apiVersion: API_VERSION,
    kind: 'SecurityGroup',
    metadata: metadata(meta),
    spec: {
      vpcRef: { name: vpcName },
      ...rest,
      ...(ingress && { ingress: named(ingress) }),
      ...(egress && { egress: named(egress) }),
    },
  }
}

/** `groups` are the names of the groups that it names. */
export function instance(
  meta: Meta,
  vpcName: string,
  groups: readonly string[] = [],
  spec: Omit<InstanceSpec, 'vpcRef' | 'securityGroupRefs'> = {},
): Instance {
  const refs = groups.map((name) => ({ name }))
  return {
    apiVersion: API_VERSION,
    kind: 'Instance',
    metadata: metadata(meta),
    spec: { vpcRef: { name: vpcName }, ...(refs.length > 0 && { securityGroupRefs: refs }), ...spec },
  }
}

export function addressGroup(meta: Meta, cidrs: readonly string[], maxEntries?: number): AddressGroup {
  const spec = { cidrs, ...(maxEntries !== undefined && { maxEntries }) }
  return { apiVersion: API_VERSION, kind: 'AddressGroup', metadata: metadata(meta), spec }
}

export function profile(name: string, spec: CloudProfileSpec): CloudProfile {
  return { apiVersion: API_VERSION, kind: 'CloudProfile', metadata: { name }, spec }
}

/** A profile with one type of group, closed both ways, and no more than `spec` says. */
export function plainProfile(name: string, spec: Partial<CloudProfileSpec> = {}): CloudProfile {
  return profile(name, {
    groupTypes: [
      {
        name: 'Basic',
        implicit: { ingress: 'Drop', egress: 'Drop' },
        remotes: ['CIDR', 'SecurityGroup', 'SelfReference', 'AddressGroup'],
      },
    ],
    rules: { actions: ['Allow'] },
    instanceWithoutGroups: 'DenyAll',
    ...spec,
  })
}

const validator = createValidator(loadCrds())

/**
 * The object as the schema leaves it, defaults filled in; throws where the schema refuses it, so that no
 * case is about an object that could not exist. `previous` is the version that it replaces.
 */
export function valid<T extends PalisadeObject>(object: T, previous?: PalisadeObject): T {
  const plain: UnknownRecord = { ...object }
  const { object: read, findings } = validator.validate(plain, previous)
  if (read === undefined) throw new Error(findings.map(({ message }) => message).join('\n'))
  if (!isSameKind(object, read)) throw new Error(`${keyOf(object)} was read as ${keyOf(read)}`)
  return read
}

function isSameKind<T extends PalisadeObject>(object: T, read: PalisadeObject): read is T {
  return read.kind === object.kind
}
