import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Firewall } from '../../src/firewall/firewall.ts'
import { memoryFirewall } from '../../src/firewall/memory.ts'
import { knownTablesInMemory } from '../../src/firewall/nft/known-tables.ts'
import { nftFirewall } from '../../src/firewall/nft/nft.ts'
import { applyChange, diffRulesets } from '../../src/policy/ruleset-change.ts'
import type { Ruleset } from '../../src/policy/ruleset.ts'
import { delegate } from '../firewall/nft/delegate.ts'
import { TestNetwork } from '../firewall/nft/network.ts'
import { CommitWitness, monotonicMilliseconds } from './commit-witness.ts'

/** Milliseconds for the same change in the same kernel, until it had all of it: before nft ends, where that is witnessed. */
export interface Compared {
  /** Palisade's; connections are swept after that. */
  readonly own: number
  /** Bare `nft -f`, for the text that palisade gave to nft. */
  readonly bare: number
}

/** An nft firewall in one namespace, and another one that bare nft is given the same text for. */
export class NftRig {
  readonly firewall: Firewall
  readonly #network: TestNetwork
  #texts: string[] = []
  #committed = 0
  #witnesses: { readonly own: CommitWitness; readonly bare: CommitWitness } | undefined
  #programmed: Ruleset = { instances: new Map(), remotes: new Map() }

  private constructor(network: TestNetwork) {
    this.#network = network
    const real = network.executor()
    const executor = delegate(real, {
      run: async (netns, command, input) => {
        const finished = await real.run(netns, command, input)
        if (input !== undefined && command[0] === 'nft') {
          this.#texts.push(input)
          this.#committed = monotonicMilliseconds()
        }
        return finished
      },
    })
    this.firewall = nftFirewall({
      record: memoryFirewall(),
      tables: knownTablesInMemory(),
      executor,
      now: () => new Date(),
      warn: () => undefined,
    })
  }

  static async open(): Promise<NftRig> {
    const network = await TestNetwork.open()
    await network.add('bench', 'bare')
    return new NftRig(network)
  }

  /** From now on commits are witnessed. Of a whole table a witness would be told so much that it took the kernel longer. */
  async witness(): Promise<void> {
    const start = (netns: string): Promise<CommitWitness> => CommitWitness.start(this.#network.enter(netns))
    this.#witnesses = { own: await start('bench'), bare: await start('bare') }
  }

  /** `restMs`: how long nothing is done before bare nft is given the text. */
  async program(desired: Ruleset, restMs = 0): Promise<Compared> {
    this.#texts = []
    const change = diffRulesets(this.#programmed, desired)
    const start = monotonicMilliseconds()
    await this.firewall.apply(change)
    const own = ((await this.#witnesses?.own.when()) ?? this.#committed) - start
    this.#programmed = applyChange(this.#programmed, change)
    await sleep(restMs)
    const [program, ...words] = this.#network.enter('bare')
    const began = monotonicMilliseconds()
    for (const input of this.#texts) {
      const { status, stderr } = spawnSync(program, [...words, 'nft', '-f', '/dev/stdin'], { input })
      if (status !== 0) throw new Error(String(stderr))
    }
    const ended = monotonicMilliseconds()
    return { own, bare: ((await this.#witnesses?.bare.when()) ?? ended) - began }
  }

  async close(): Promise<void> {
    await this.#witnesses?.own.stop()
    await this.#witnesses?.bare.stop()
    await this.#network.close()
  }
}
