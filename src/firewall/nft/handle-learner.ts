import { isSameList } from '../../core/same-list.ts'
import { FirewallError } from '../firewall.ts'
import type { NftCommand } from './nft-command.ts'
import type { Table } from './table.ts'

/** More chains than this are read when they are edited next: to list each takes longer than to list the table. */
const CHAINS_AT_ONCE = 4

/**
 * Learns by which handles the kernel knows rules that were added, after the commit that added them: to ask at the
 * next edit would delay it by the listing, which for a table of 80,000 rules takes longer than the edit.
 */
export class HandleLearner {
  readonly #nft: NftCommand
  #pending: Promise<void> = Promise.resolve()

  constructor(nft: NftCommand) {
    this.#nft = nft
  }

  /** Settled when nothing is being learnt. */
  settled(): Promise<void> {
    return this.#pending
  }

  /** Begins to learn of these chains of what the kernel holds; `isCurrent` says whether it still does when it has answered. */
  begin(names: readonly string[], actual: Table, isCurrent: () => boolean): void {
    if (names.length === 0 || names.length > CHAINS_AT_ONCE) return
    this.#pending = this.#pending.then(async () => {
      if (!isCurrent()) return
      try {
        const listings = await this.#nft.listChains(names, actual.chains.size)
        for (const { table } of isCurrent() ? listings : []) learnHandles(actual, table)
      } catch (error) {
        // The next edit asks, and says what is wrong.
        if (!(error instanceof FirewallError)) throw error
      }
    })
  }
}

/** Takes over the handles of chains that hold what they are known to hold. */
export function learnHandles(actual: Table, listed: Table): void {
  for (const [name, chain] of listed.chains) {
    const known = actual.chains.get(name)
    if (known === undefined || chain.handles === undefined || !isSameList(known.rules, chain.rules)) continue
    actual.chains.set(name, { ...known, handles: chain.handles })
  }
}
