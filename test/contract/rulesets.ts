import type { EffectiveRule } from '../../src/api/types.gen.ts'
import type { InstanceRuleset, RuleSet, Ruleset, RulesetChange } from '../../src/policy/ruleset.ts'

export const NO_CHANGE: RulesetChange = { put: [], remove: [], putRemotes: new Map(), removeRemotes: [] }

/** A rule set that differs from any of another name. */
export function ruleSetNamed(name: string): RuleSet {
  const rule = (group: string): EffectiveRule => ({
    action: 'Allow',
    etherType: 'IPv4',
    protocol: 'TCP',
    ports: ['443', '8000-8080'],
    remote: { securityGroup: 'app' },
    priority: 1,
    sources: [`${group}/https`],
  })
  const implicit: EffectiveRule = {
    action: 'Drop',
    protocol: 'All',
    remote: {},
    sources: ['profile:standard/implicit'],
  }
  return { digest: `sha256:${name}`, ingress: [rule(name), implicit], egress: [implicit] }
}

export function instanceRuleset(name: string, changes: Partial<InstanceRuleset> = {}): InstanceRuleset {
  return {
    instance: `Instance/shop/${name}`,
    vpc: 'VPC/shop/shop',
    addresses: ['10.0.1.10', 'fd00:10::10'],
    mac: '02:00:00:00:00:01',
    attachment: { nodeName: 'host-a', netns: 'shop', interface: `pal${name}` },
    ruleSet: ruleSetNamed('web'),
    ...changes,
  }
}

/** Many instances that share few rule sets, and one remote. */
export function rulesetOf(count: number, mac = '02:00:00:00:00:01'): Ruleset {
  const ruleSets = Array.from({ length: 10 }, (_, index) => ruleSetNamed(`set-${index}`))
  const instances = Array.from({ length: count }, (_, index) =>
    instanceRuleset(`web-${index}`, { mac, ruleSet: ruleSets[index % 10] ?? ruleSetNamed('web') }),
  )
  return {
    instances: new Map(instances.map((instance) => [instance.instance, instance])),
    remotes: new Map([['SecurityGroup/shop/app', ['10.0.2.0/24', 'fd00:10:2::/64']]]),
  }
}
