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

/** Milliseconds for the same change in the same kernel. */
export interface Compared {
  /** Palisade's, until the kernel had all of it; connections are swept after that. */
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
  #programmed: Ruleset = { instances: new Map(), remotes: new Map() }

  private constructor(network: TestNetwork) {
    this.#network = network
    const real = network.executor()
    const executor = delegate(real, {
      run: async (netns, command, input) => {
        const finished = await real.run(netns, command, input)
        if (input !== undefined && command[0] === 'nft') {
          this.#texts.push(input)
          this.#committed = performance.now()
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

  /** `restMs`: how long nothing is done before bare nft is given the text. */
  async program(desired: Ruleset, restMs = 0): Promise<Compared> {
    this.#texts = []
    const change = diffRulesets(this.#programmed, desired)
    const start = performance.now()
    await this.firewall.apply(change)
    const own = this.#committed - start
    this.#programmed = applyChange(this.#programmed, change)
    await sleep(restMs)
    const [program, ...words] = this.#network.enter('bare')
    const began = performance.now()
    for (const input of this.#texts) {
      const { status, stderr } = spawnSync(program, [...words, 'nft', '-f', '/dev/stdin'], { input })
      if (status !== 0) throw new Error(String(stderr))
    }
    return { own, bare: performance.now() - began }
  }

  close(): Promise<void> {
    return this.#network.close()
  }
}
