import type { EffectiveRule } from '../../api/types.gen.ts'

/** A rule in the words of a console. */
export interface RuleText {
  readonly action: string
  /** '' where rules have none. */
  readonly priority: string
  readonly protocol: string
  readonly ports: string
  readonly remote: string
  readonly sources: string
}

export function ruleText(rule: EffectiveRule): RuleText {
  return {
    action: rule.action,
    priority: rule.priority === undefined ? '' : String(rule.priority),
    protocol: rule.protocol,
    ports: portsText(rule),
    remote: remoteText(rule),
    sources: `${rule.sources.join(', ')}${rule.expires === undefined ? '' : ` until ${rule.expires}`}`,
  }
}

/** One line: `Allow TCP 443 from anywhere (web/https, priority 100)`. */
export function ruleLine(rule: EffectiveRule, direction: 'Ingress' | 'Egress'): string {
  const text = ruleText(rule)
  const { action, priority, remote, sources } = text
  const way = direction === 'Ingress' ? 'from' : 'to'
  const order = priority === '' ? '' : `, priority ${priority}`
  return `${action} ${trafficText(text)} ${way} ${remote} (${sources}${order})`
}

/** `TCP 80,443`; `TCP` for all ports. */
export function trafficText({ protocol, ports }: RuleText): string {
  return ports === 'all' ? protocol : `${protocol} ${ports}`
}

function portsText({ ports, sourcePorts, icmp }: EffectiveRule): string {
  if (icmp !== undefined) return `type ${icmp.type}${icmp.code === undefined ? '' : ` code ${icmp.code}`}`
  const own = ports?.join(',') ?? 'all'
  return sourcePorts === undefined ? own : `${own} from port ${sourcePorts.join(',')}`
}

function remoteText({ remote, etherType }: EffectiveRule): string {
  if (remote.cidr !== undefined) return remote.cidr
  const name = remoteName(remote)
  if (name === undefined) return 'anywhere'
  const family = etherType === undefined ? '' : ` (${etherType} only)`
  return `${name}${family}${membersText(remote)}`
}

function remoteName({ securityGroup, addressGroup }: EffectiveRule['remote']): string | undefined {
  if (securityGroup !== undefined) return `group ${securityGroup}`
  return addressGroup === undefined ? undefined : `address group ${addressGroup}`
}

function membersText({ addresses, addressCount }: EffectiveRule['remote']): string {
  if (addressCount !== undefined) return `: ${addressCount} addresses`
  if (addresses === undefined) return ''
  return addresses.length === 0 ? ': no addresses' : `: ${addresses.join(',')}`
}
