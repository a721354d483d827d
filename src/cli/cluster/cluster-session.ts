import { fileSource } from '../../source/files.ts'
import type { Source } from '../../source/source.ts'
import type { Io } from '../io.ts'
import { openSessionIn, type Session, type SessionOptions } from '../wiring.ts'
import type { TargetOptions } from './options.ts'

/**
 * Looks at manifests as changes to what a cluster declares, from which nothing is deleted by being left out. What
 * talks to the cluster is loaded here. Rejects with KubeError where it cannot be read.
 */
export async function openClusterSession(
  io: Io,
  cluster: TargetOptions,
  options: Omit<SessionOptions, 'allowance' | 'state'>,
): Promise<Session> {
  const [{ openClusterPlace }, { besideCluster }] = await Promise.all([
    import('./cluster-place.ts'),
    import('./beside-cluster.ts'),
  ])
  const place = await openClusterPlace(cluster)
  const surroundings = { ...place, namespace: cluster.namespace ?? place.namespace }
  // As in the controller: what is being deleted there was deleted by a person's word.
  const settings = { ...options, state: undefined, allowance: { type: 'All' } } as const
  // What the controller has yet to judge is not of the manifests' making either.
  const base = await openSessionIn(place, io, {
    ...settings,
    promises: 'Report',
    source: () => besideCluster(NO_MANIFESTS, surroundings),
  })
  const { findings } = await base.loop.turn()
  await base.close()
  return openSessionIn(place, io, {
    ...settings,
    known: findings,
    source: (parse) => besideCluster(fileSource(options.paths, { stdin: io.stdin, parse }), surroundings),
  })
}

const NO_MANIFESTS: Source = {
  read: () => Promise.resolve({ files: [], findings: [], unreadable: [] }),
  watch: () => Promise.resolve({ close: () => Promise.resolve() }),
}
