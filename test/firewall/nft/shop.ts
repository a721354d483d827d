import type { EffectiveRule } from '../../../src/api/types.gen.ts'
import { memoryFirewall } from '../../../src/firewall/memory.ts'
import { knownTablesInMemory } from '../../../src/firewall/nft/known-tables.ts'
import { nftFirewall, type NftOptions } from '../../../src/firewall/nft/nft.ts'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { diffRulesets } from '../../../src/policy/ruleset-change.ts'
import type { InstanceRuleset, Ruleset } from '../../../src/policy/ruleset.ts'
import { TestNetwork } from './network.ts'

/** Machines of the test VPC: each in a namespace of its own, cabled to the router's namespace `shop`. */
export const MACHINES = {
  a: { interface: 'pala', mac: '02:00:00:00:00:0a', four: '10.0.1.10', six: 'fd00:10::a' },
  b: { interface: 'palb', mac: '02:00:00:00:00:0b', four: '10.0.1.11', six: 'fd00:10::b' },
} as const
export type MachineName = keyof typeof MACHINES

/** Outside of every instance, behind the router's uplink. */
export const OUTSIDE = { four: '192.0.2.2', six: 'fd00:99::2' } as const

export const TCP_80: EffectiveRule = allow({ protocol: 'TCP', ports: ['80'] })
export const EVERYTHING: EffectiveRule = allow({ protocol: 'All' })

export function allow(changes: Partial<EffectiveRule>): EffectiveRule {
  return { action: 'Allow', protocol: 'All', remote: {}, sources: ['web/rule'], ...changes }
}

const IMPLICIT: EffectiveRule = {
  action: 'Drop',
  protocol: 'All',
  remote: {},
  sources: ['profile:standard/implicit'],
}

export interface Rules {
  readonly ingress?: readonly EffectiveRule[]
  readonly egress?: readonly EffectiveRule[]
}

/** An instance on one of the machines, denied everything that no rule allows. */
export function instanceOn(
  name: MachineName,
  { ingress = [], egress = [] }: Rules,
  changes: Partial<InstanceRuleset> = {},
): InstanceRuleset {
  const { interface: port, mac, four, six } = MACHINES[name]
  const sides = { ingress: [...ingress, IMPLICIT], egress: [...egress, IMPLICIT] }
  return {
    instance: `Instance/shop/${name}`,
    vpc: 'VPC/shop/shop',
    addresses: [four, six],
    mac,
    attachment: { nodeName: 'host-a', netns: 'shop', interface: port },
    ruleSet: { digest: `sha256:${JSON.stringify(sides)}`, ...sides },
    ...changes,
  }
}

/** A router with two machines and an outside, and a firewall that programs the router. */
export class Shop {
  readonly network: TestNetwork
  readonly record = memoryFirewall()
  readonly tables = knownTablesInMemory()

  private constructor(network: TestNetwork) {
    this.network = network
  }

  static async open(): Promise<Shop> {
    const network = await TestNetwork.open()
    try {
      return await Shop.#build(network)
    } catch (error) {
      await network.close()
      throw error
    }
  }

  static async #build(network: TestNetwork): Promise<Shop> {
    const shop = new Shop(network)
    await network.add('shop', ...Object.keys(MACHINES), 'outside')
    for (const name of ['a', 'b'] as const) shop.plug(name)
    shop.plugOutside()
    return shop
  }

  /** Makes a router of the namespace and cables it to the outside. */
  plugOutside(): void {
    const { network } = this
    network.sh(
      'shop',
      'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding',
    )
    network.connect('shop', 'uplink', 'outside', 'eth0')
    network.sh('shop', 'ip addr add 192.0.2.1/24 dev uplink; ip -6 addr add fd00:99::1/64 dev uplink nodad')
    network.sh(
      'outside',
      `ip addr add ${OUTSIDE.four}/24 dev eth0; ip -6 addr add ${OUTSIDE.six}/64 dev eth0 nodad
       ip route add default via 192.0.2.1; ip -6 route add default via fd00:99::1`,
    )
  }

  /** Cables a machine to the router; the router's end has no subnet, only a route to the machine. */
  plug(name: MachineName): void {
    const { interface: port, mac, four, six } = MACHINES[name]
    const { network } = this
    network.connect('shop', port, name, 'eth0')
    network.sh(
      'shop',
      `ip addr add 169.254.1.1/32 dev ${port}; ip -6 addr add fe80::1/64 dev ${port} nodad
       ip route add ${four}/32 dev ${port}; ip -6 route add ${six}/128 dev ${port}`,
    )
    network.sh(
      name,
      `ip link set eth0 address ${mac}
       ip addr add ${four}/32 dev eth0; ip -6 addr add ${six}/128 dev eth0 nodad
       ip route add 169.254.1.1 dev eth0; ip route add default via 169.254.1.1 dev eth0
       ip -6 route add default via fe80::1 dev eth0`,
    )
  }

  /** The options of NftOptions that a test may want otherwise. */
  firewall(options: Partial<Pick<NftOptions, 'packedFrom' | 'node' | 'warn' | 'executor'>> = {}): Firewall {
    return nftFirewall({
      record: this.record,
      tables: this.tables,
      executor: this.network.executor(),
      now: () => new Date('2026-01-02T03:04:05Z'),
      warn: (sentence) => {
        throw new Error(sentence)
      },
      ...options,
    })
  }

  /** Listens, and has compared what it listens to: what was started to listen does not say when it does. Returns how to stop. */
  async listen(firewall: Firewall, bell: () => void = () => undefined): Promise<() => void> {
    const stop = firewall.watch(bell)
    await new Promise((resolve) => setTimeout(resolve, 500))
    await firewall.repair()
    return stop
  }

  /** Programs exactly these instances. */
  async program(
    firewall: Firewall,
    instances: readonly InstanceRuleset[],
    remotes: Ruleset['remotes'] = new Map(),
  ): Promise<void> {
    const desired = { instances: new Map(instances.map((one) => [one.instance, one])), remotes }
    await firewall.apply(diffRulesets(await this.record.read(), desired))
  }

  table(): string {
    return this.network.sh('shop', 'nft -n list table inet palisade')
  }

  async close(): Promise<void> {
    await this.network.close()
  }
}
