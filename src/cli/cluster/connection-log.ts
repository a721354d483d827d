import type { ClusterObjects } from '../../kube/cluster-objects.ts'
import type { Log } from '../live/log.ts'

/** Tells when the cluster is out of sight and when it is seen again; returns how to stop that. */
export function logConnection(cluster: Pick<ClusterObjects, 'health' | 'onChange'>, log: Log): () => void {
  let told: string | undefined
  return cluster.onChange(() => {
    const { disconnectedSince, failure } = cluster.health
    const now = disconnectedSince === undefined ? undefined : failure
    if (now === told) return
    told = now
    if (now === undefined) log.info({}, 'the cluster is seen again')
    else log.warn({ reason: now }, 'the cluster is not seen')
  })
}
