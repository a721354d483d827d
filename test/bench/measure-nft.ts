import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryFirewall } from '../../src/firewall/memory.ts'
import type { Executor } from '../../src/firewall/nft/executor.ts'
import { knownTablesInMemory } from '../../src/firewall/nft/known-tables.ts'
import { nftFirewall } from '../../src/firewall/nft/nft.ts'
import { applyChange, diffRulesets } from '../../src/policy/ruleset-change.ts'
import type { EffectiveRule } from '../../src/api/types.gen.ts'
import type { InstanceRuleset, RuleSet, Ruleset } from '../../src/policy/ruleset.ts'
import { TestNetwork, whatIsMissing } from '../firewall/nft/network.ts'

/** Ratios of palisade's time to that of bare `nft -f` for the same text, in the same kernel and run. */
export interface NftFigures {
  readonly load: number
  /** Where the counters were read since the last change, as `run` does time and again. */
  readonly rule: number
  /** A second after another change of the same chain. */
  readonly ruleAgain: number
  /** Right after it. */
  readonly ruleAtOnce: number
  readonly member: number
  readonly instance: number
}

const INSTANCES = 10_000
const GROUPS = 2000
const RULES = 40
const REPEATS = 5
/** Of the rule that is changed again and again. */
const LAST_PORT = 11_000

/** The largest workload of the nft firewall; a sentence where this system cannot run it. */
export async function measureNft(): Promise<NftFigures | string> {
  const missing = whatIsMissing()
  if (missing !== undefined) return missing
  const network = await TestNetwork.open()
  try {
    await network.add('bench', 'bare')
    const real = network.executor()
    let texts: string[] = []
    /** When the kernel last had all of a change; connections are swept after that. */
    let committed = 0
    const executor: Executor = {
      has: (netns) => real.has(netns),
      identity: (netns) => real.identity(netns),
      attend: (...words) => real.attend(...words),
      follow: (...words) => real.follow(...words),
      run: async (netns, command, input) => {
        const finished = await real.run(netns, command, input)
        if (input !== undefined && command[0] === 'nft') {
          texts.push(input)
          committed = performance.now()
        }
        return finished
      },
    }
    const firewall = nftFirewall({
      record: memoryFirewall(),
      tables: knownTablesInMemory(),
      executor,
      now: () => new Date(),
      warn: () => undefined,
    })
    let programmed: Ruleset = { instances: new Map(), remotes: new Map() }
    /** Palisade's time to the kernel's commit over that of bare nft for what one change comes to. */
    const compare = async (desired: Ruleset): Promise<number> => {
      texts = []
      const change = diffRulesets(programmed, desired)
      const start = performance.now()
      await firewall.apply(change)
      const own = committed - start
      programmed = applyChange(programmed, change)
      const [program, ...words] = network.enter('bare')
      const began = performance.now()
      for (const input of texts) {
        const { status, stderr } = spawnSync(program, [...words, 'nft', '-f', '/dev/stdin'], { input })
        if (status !== 0) throw new Error(String(stderr))
      }
      return own / (performance.now() - began)
    }
    const load = await compare(workload())
    // As in a daemon, which listens for what others change once it has taken its first turn.
    const stop = firewall.watch(() => undefined)
    const repeated = async (
      edit: (step: number) => Ruleset,
      before?: () => Promise<unknown>,
    ): Promise<number> => {
      const ratios: number[] = []
      for (let step = 1; step <= REPEATS; step++) {
        await before?.()
        ratios.push(await compare(edit(step)))
      }
      return ratios.sort((a, b) => a - b)[Math.floor(REPEATS / 2)] ?? Infinity
    }
    const rule = await repeated(
      (step) => workload({ port: 9000 + step }),
      () => firewall.counters(),
    )
    const ruleAgain = await repeated(
      (step) => workload({ port: 10_000 + step }),
      () => sleep(1_000),
    )
    const ruleAtOnce = await repeated((step) => workload({ port: LAST_PORT - REPEATS + step }))
    const member = await repeated((step) => workload({ port: LAST_PORT, members: step }))
    const instance = await repeated((step) => workload({ port: LAST_PORT, members: REPEATS, more: step }))
    stop()
    return { load, rule, ruleAgain, ruleAtOnce, member, instance }
  } finally {
    await network.close()
  }
}

interface Edit {
  /** The port of one rule of the first group. */
  readonly port?: number
  /** How many members more the first group has. */
  readonly members?: number
  /** How many instances more there are. */
  readonly more?: number
}

function workload({ port = 1000, members = 0, more = 0 }: Edit = {}): Ruleset {
  const ruleSets = Array.from({ length: GROUPS }, (_, group) => ruleSetOf(group, group === 0 ? port : 1000))
  const instances = new Map<string, InstanceRuleset>()
  for (let index = 0; index < INSTANCES + more; index++) {
    const instance = `Instance/bench/i-${index}`
    const address = addressOf(index)
    instances.set(instance, {
      instance,
      vpc: 'VPC/bench/bench',
      addresses: [address],
      mac: `02:00:${address
        .split('.')
        .map((part) => Number(part).toString(16).padStart(2, '0'))
        .join(':')}`,
      attachment: { nodeName: 'host', netns: 'bench', interface: `pal${index}` },
      ruleSet: ruleSets[index % GROUPS] ?? ruleSetOf(0, port),
    })
  }
  const remotes = new Map<string, readonly string[]>()
  for (let group = 0; group < GROUPS; group++) {
    const own = Array.from({ length: INSTANCES / GROUPS }, (_, at) => `${addressOf(group + at * GROUPS)}/32`)
    const extra = Array.from({ length: group === 0 ? members : 0 }, (_, at) => `10.200.0.${at + 1}/32`)
    remotes.set(`SecurityGroup/bench/g-${group}`, [...own, ...extra])
  }
  return { instances, remotes }
}

const addressOf = (index: number): string => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`

function ruleSetOf(group: number, port: number): RuleSet {
  const implicit: EffectiveRule = { action: 'Drop', protocol: 'All', remote: {}, sources: ['implicit'] }
  const ingress = Array.from({ length: RULES }, (_, index): EffectiveRule => {
    const remote =
      index % 4 === 0 ? { securityGroup: `g-${(group + index) % GROUPS}` } : { cidr: `10.${index}.0.0/16` }
    const ports = [String(index === 0 ? port : 1000 + index)]
    return { action: 'Allow', protocol: 'TCP', ports, remote, sources: [`g-${group}/r-${index}`] }
  })
  return { digest: `sha256:${group}-${port}`, ingress: [...ingress, implicit], egress: [implicit] }
}
