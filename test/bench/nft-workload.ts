import type { EffectiveRule } from '../../src/api/types.gen.ts'
import type { InstanceRuleset, RuleSet, Ruleset } from '../../src/policy/ruleset.ts'

/** How much a namespace holds. */
export interface NftShape {
  readonly instances: number
  readonly groups: number
  /** Of each group. */
  readonly rules: number
  /** One rule in so many names a group. */
  readonly everyRemote: number
  /** Addresses that each group stands for. */
  readonly members: number
}

/** What one node may have to hold. */
export const LARGE: NftShape = { instances: 10_000, groups: 2000, rules: 40, everyRemote: 4, members: 5 }

export interface NftEdit {
  /** The port of one rule of the first group. */
  readonly port?: number
  /** How many members more the first group has. */
  readonly members?: number
  /** How many instances more there are. */
  readonly more?: number
}

export function nftWorkload(shape: NftShape, { port = 1000, members = 0, more = 0 }: NftEdit = {}): Ruleset {
  const { groups } = shape
  const ruleSets = Array.from({ length: groups }, (_, group) =>
    ruleSetOf(shape, group, group === 0 ? port : 1000),
  )
  const instances = new Map<string, InstanceRuleset>()
  for (let index = 0; index < shape.instances + more; index++) {
    const instance = `Instance/bench/i-${String(index)}`
    const address = addressOf(index)
    instances.set(instance, {
      instance,
      vpc: 'VPC/bench/bench',
      addresses: [address],
      mac: macOf(address),
      attachment: { nodeName: 'host', netns: 'bench', interface: `pal${String(index)}` },
      ruleSet: ruleSets[index % groups] ?? ruleSetOf(shape, 0, port),
    })
  }
  const remotes = new Map<string, readonly string[]>()
  for (let group = 0; group < groups; group++) {
    const own = Array.from({ length: shape.members }, (_, at) => `${addressOf(group + at * groups)}/32`)
    const extra = Array.from(
      { length: group === 0 ? members : 0 },
      (_, at) => `10.200.0.${String(at + 1)}/32`,
    )
    remotes.set(`SecurityGroup/bench/g-${String(group)}`, [...own, ...extra])
  }
  return { instances, remotes }
}

export const addressOf = (index: number): string =>
  `10.${String(index >> 16)}.${String((index >> 8) & 255)}.${String(index & 255)}`

export function macOf(address: string): string {
  const parts = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  return `02:00:${parts.join(':')}`
}

function ruleSetOf({ groups, rules, everyRemote }: NftShape, group: number, port: number): RuleSet {
  const implicit: EffectiveRule = { action: 'Drop', protocol: 'All', remote: {}, sources: ['implicit'] }
  const ingress = Array.from({ length: rules }, (_, index): EffectiveRule => {
    const remote =
      index % everyRemote === 0
        ? { securityGroup: `g-${String((group + index) % groups)}` }
        : { cidr: `10.${String(index)}.0.0/16` }
    const ports = [String(index === 0 ? port : 1000 + index)]
    return {
      action: 'Allow',
      protocol: 'TCP',
      ports,
      remote,
      sources: [`g-${String(group)}/r-${String(index)}`],
    }
  })
  const digest = `sha256:${String(group)}-${String(port)}`
  return { digest, ingress: [...ingress, implicit], egress: [implicit] }
}
