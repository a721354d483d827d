import type { VPC } from '../../api/types.gen.ts'
import { displayKey, type ObjectKey } from '../../core/key.ts'
import { containsPrefix, formatPrefix, overlaps, parsePrefix, type Prefix } from '../../net/prefix.ts'
import type { Profile } from '../profile.ts'
import { DEFAULT_PROFILE } from '../references.ts'
import { finding, type Finding } from './finding.ts'

/** What the checks of a VPC ask about the rest of the world. */
export interface VpcSurroundings {
  readonly profile: Profile | undefined
  /** The other Classic network of the region, if there is one. */
  readonly otherClassic: ObjectKey | undefined
}

interface Placed {
  readonly prefix: Prefix
  readonly path: readonly (string | number)[]
}

/** The checks of a VPC beyond its schema, quotas apart. */
export function checkVpc(vpc: VPC, { profile, otherClassic }: VpcSurroundings): Finding[] {
  if (profile === undefined) {
    const name = vpc.spec.profileRef?.name ?? DEFAULT_PROFILE
    const hint = 'name one of the built-in profiles (standard, jdcloud, alibaba, nhn) or declare this one'
    return [
      finding('ProfileNotFound', vpc, ['spec', 'profileRef'], `there is no CloudProfile ${name}`, { hint }),
    ]
  }
  return [
    ...checkNetworkType(vpc, profile, otherClassic),
    ...checkCidrs(vpc, profile),
    ...checkSubnets(vpc, profile),
  ]
}

function checkNetworkType(vpc: VPC, profile: Profile, otherClassic: ObjectKey | undefined): Finding[] {
  const type = vpc.spec.networkType ?? 'VPC'
  const types = profile.spec.networks?.types ?? ['VPC']
  if (!types.includes(type)) {
    return [
      finding(
        'NetworkTypeNotSupported',
        vpc,
        ['spec', 'networkType'],
        `profile ${profile.name} has no ${type} network`,
        {
          hint: `use one of ${types.join(', ')}`,
          profileText: profile.message('networkType'),
        },
      ),
    ]
  }
  if (type !== 'Classic' || otherClassic === undefined) return []
  const problem = `region ${vpc.spec.region ?? ''} has a Classic network already, ${displayKey(otherClassic)}`
  return [
    finding('ClassicTaken', vpc, ['spec', 'networkType'], problem, {
      hint: 'put its groups and instances there',
    }),
  ]
}

function checkCidrs(vpc: VPC, profile: Profile): Finding[] {
  const rules = profile.spec.networks?.cidrs
  const cidrs = placed(vpc.spec.cidrs ?? [], (index) => ['spec', 'cidrs', index])
  const findings = overlapping(vpc, cidrs, 'CidrOverlap')
  for (const { prefix, path } of cidrs) {
    if (prefix.family !== 'IPv4' || rules === undefined) continue
    const within = (rules.within ?? []).flatMap(validPrefix)
    if (within.length > 0 && !within.some((range) => containsPrefix(range, prefix))) {
      const problem = `${formatPrefix(prefix)} is outside what profile ${profile.name} allows`
      findings.push(
        finding('CidrNotAllowed', vpc, path, problem, {
          hint: `choose it inside ${(rules.within ?? []).join(', ')}`,
        }),
      )
    }
    findings.push(...checkLength(vpc, prefix, path, profile, rules))
  }
  return findings
}

function checkSubnets(vpc: VPC, profile: Profile): Finding[] {
  const subnets = vpc.spec.subnets ?? []
  const ranges = (vpc.spec.cidrs ?? []).flatMap(validPrefix)
  const cidrs = placed(
    subnets.map(({ cidr }) => cidr),
    (index) => ['spec', 'subnets', index, 'cidr'],
  )
  const findings = overlapping(vpc, cidrs, 'SubnetOverlap')
  for (const { prefix, path } of cidrs) {
    if (ranges.length > 0 && !ranges.some((range) => containsPrefix(range, prefix))) {
      const problem = `${formatPrefix(prefix)} is outside the VPC's cidrs`
      const hint = `choose it inside ${ranges.map(formatPrefix).join(' or ')}`
      findings.push(finding('SubnetOutside', vpc, path, problem, { hint }))
    }
    const rules = profile.spec.networks?.subnets
    if (prefix.family === 'IPv4' && rules !== undefined) {
      findings.push(...checkLength(vpc, prefix, path, profile, rules))
    }
  }
  return findings
}

function checkLength(
  vpc: VPC,
  prefix: Prefix,
  path: Placed['path'],
  profile: Profile,
  { minLength = 0, maxLength = 32 }: { readonly minLength?: number; readonly maxLength?: number },
): Finding[] {
  if (prefix.length >= minLength && prefix.length <= maxLength) return []
  const problem = `/${String(prefix.length)} is a prefix length that profile ${profile.name} does not allow`
  const hint = `choose one from /${String(minLength)} to /${String(maxLength)}`
  return [finding('CidrNotAllowed', vpc, path, problem, { hint })]
}

/** Each prefix that overlaps an earlier one; at most 512 subnets make 131,000 comparisons. */
function overlapping(vpc: VPC, list: readonly Placed[], code: 'CidrOverlap' | 'SubnetOverlap'): Finding[] {
  const findings: Finding[] = []
  const seen: Placed[] = []
  for (const next of list) {
    const other = seen.find(({ prefix }) => overlaps(prefix, next.prefix))
    if (other !== undefined) {
      const problem = `${formatPrefix(next.prefix)} overlaps ${formatPrefix(other.prefix)}`
      findings.push(finding(code, vpc, next.path, problem, { hint: 'choose ranges that share no address' }))
    }
    seen.push(next)
  }
  return findings
}

function placed(cidrs: readonly string[], path: (index: number) => Placed['path']): Placed[] {
  return cidrs.flatMap((cidr, index) => validPrefix(cidr).map((prefix) => ({ prefix, path: path(index) })))
}

/** Nothing for a text that is no prefix: the schema has said so. */
function validPrefix(text: string): Prefix[] {
  const result = parsePrefix(text)
  return result.ok ? [result.prefix] : []
}
