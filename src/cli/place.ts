import type { Firewall } from '../firewall/firewall.ts'
import { memoryFirewall } from '../firewall/memory.ts'
import { recordedFirewall } from '../firewall/recorded.ts'
import { memoryStore } from '../store/memory.ts'
import { openStateDirectory } from '../store/state-directory.ts'
import type { Store } from '../store/store.ts'
import type { Io } from './io.ts'
import { printable } from './output/printable.ts'
import { assertApart } from './state-place.ts'
import { readVersion } from './version.ts'

export interface PlaceOptions {
  readonly paths: readonly string[]
  /** Undefined: nothing is remembered, everything is judged from nothing. */
  readonly state: { readonly folder: string; readonly mode: 'exclusive' | 'read' } | undefined
}

/** What is remembered, and what is programmed. */
export interface Place {
  readonly store: Store
  readonly firewall: Firewall
}

/** Apart from the rest of the wiring, since to see that nothing has changed needs no more than this. Rejects with UsageError. */
export async function openPlace(io: Io, { paths, state }: PlaceOptions): Promise<Place> {
  if (state === undefined) return { store: memoryStore(), firewall: memoryFirewall() }
  const { folder, mode } = state
  assertApart(paths, folder)
  const options = { mode, palisade: readVersion(), now: io.now }
  const store = await openStateDirectory(folder, options)
  const warn = (sentence: string): void => {
    io.stderr.write(`warning: ${printable(sentence)}\n`)
  }
  return { store, firewall: recordedFirewall(folder, { ...options, warn }) }
}
