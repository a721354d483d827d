import type { Store } from '../store/store.ts'
import type { ClusterOptions } from './cluster/options.ts'
import { openState } from './wiring.ts'

export interface RememberedOptions extends ClusterOptions {
  readonly state: string
  readonly namespace?: string
}

/** What is in force, to be looked at. */
export interface Remembered {
  readonly store: Store
  /** As it was given, else that of the context of a cluster. */
  readonly namespace: string | undefined
}

/** The state folder, or the cluster where that is asked for. What talks to a cluster is loaded only then. */
export async function openRemembered(options: RememberedOptions): Promise<Remembered> {
  const { state, kubernetes, namespace } = options
  if (kubernetes !== true) return { store: await openState(state), namespace }
  const { openClusterPlace } = await import('./cluster/cluster-place.ts')
  const place = await openClusterPlace(options)
  return { store: place.store, namespace: namespace ?? place.namespace }
}
