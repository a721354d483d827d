import { fileSource } from '../../source/files.ts'
import type { Io } from '../io.ts'
import { openSessionIn, type Session, type SessionOptions } from '../wiring.ts'
import type { TargetOptions } from './options.ts'

/**
 * Looks at manifests as changes to what a cluster holds, from which nothing is deleted by being left out. What
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
  return openSessionIn(place, io, {
    ...options,
    state: undefined,
    // As in the controller: what is being deleted there was deleted by a person's word.
    allowance: { type: 'All' },
    source: (parse) => {
      const manifests = fileSource(options.paths, { stdin: io.stdin, parse })
      return besideCluster(manifests, { ...place, namespace: cluster.namespace ?? place.namespace })
    },
  })
}
