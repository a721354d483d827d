import type { Firewall } from '../firewall/firewall.ts'
import { memoryFirewall } from '../firewall/memory.ts'
import type { Executor } from '../firewall/nft/executor.ts'
import { recordedFirewall, type RecordedOptions } from '../firewall/recorded.ts'
import { memoryStore } from '../store/memory.ts'
import { openStateDirectory } from '../store/state-directory.ts'
import type { Store } from '../store/store.ts'
import type { Io } from './io.ts'
import { printable } from './output/printable.ts'
import { assertApart } from './state-place.ts'
import { readVersion } from './version.ts'

/** What enforces the rules. */
export type FirewallChoice =
  | { readonly type: 'recorded' }
  | {
      readonly type: 'nft'
      readonly executor: Executor
      /** Only instances attached to this node are enforced; absent: all. */
      readonly node?: string
    }

export interface PlaceOptions {
  readonly paths: readonly string[]
  /** Undefined: nothing is remembered, everything is judged from nothing. */
  readonly state:
    | {
        readonly folder: string
        readonly mode: 'exclusive' | 'read'
        /** Whether what is remembered is kept elsewhere as well, so that it may be lost; absent: no. */
        readonly isCopy?: boolean
      }
    | undefined
  /** Absent: rules are recorded in the state folder and touch no kernel. */
  readonly firewall?: FirewallChoice
}

/** What is remembered, and what is programmed. */
export interface Place {
  readonly store: Store
  readonly firewall: Firewall
}

/** Apart from the rest of the wiring, since to see that nothing has changed needs no more than this. Rejects with UsageError and FirewallError. */
export async function openPlace(io: Io, { paths, state, firewall }: PlaceOptions): Promise<Place> {
  if (state === undefined) return { store: memoryStore(), firewall: memoryFirewall() }
  const { folder, mode } = state
  assertApart(paths, folder)
  const options = { mode, palisade: readVersion(), now: io.now }
  const warn = (sentence: string): void => {
    io.stderr.write(`warning: ${printable(sentence)}\n`)
  }
  const onSetAside = state.isCopy === true ? warn : undefined
  const store = await openStateDirectory(folder, { ...options, onSetAside })
  const recorded = { ...options, warn }
  const record = recordedFirewall(folder, recorded)
  if (firewall?.type !== 'nft') return { store, firewall: record }
  try {
    return { store, firewall: await openNft(record, folder, recorded, firewall) }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Loaded when it is used: most commands touch no kernel. */
async function openNft(
  record: Firewall,
  folder: string,
  recorded: RecordedOptions & { readonly now: () => Date },
  { executor, node }: Extract<FirewallChoice, { type: 'nft' }>,
): Promise<Firewall> {
  const [{ probeNft }, { nftFirewall }, { knownTablesIn }, { CLAIMS_FOLDER, NetnsClaims }] =
    await Promise.all([
      import('../firewall/nft/probe.ts'),
      import('../firewall/nft/nft.ts'),
      import('../firewall/nft/known-tables.ts'),
      import('./netns-claims.ts'),
    ])
  await probeNft(executor)
  const { now, warn } = recorded
  const claims = new NetnsClaims(CLAIMS_FOLDER, now)
  return nftFirewall({
    record,
    tables: knownTablesIn(folder, recorded),
    executor,
    warn,
    now,
    ...(node !== undefined && { node }),
    claim: (netns, identity) => {
      claims.claim(netns, identity)
    },
    release: (netns) => {
      claims.release(netns)
    },
  })
}
