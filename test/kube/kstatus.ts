import { isList, isRecord, type UnknownRecord } from '../../src/core/record.ts'

type Kstatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating'

/**
 * What Flux, Argo CD and `kubectl` plug-ins read from an object of a kind that they do not know: the rules of
 * sigs.k8s.io/cli-utils/pkg/kstatus, in their order.
 */
export function kstatus(object: UnknownRecord): Kstatus {
  const metadata = recordAt(object, 'metadata')
  const status = recordAt(object, 'status')
  if (metadata['deletionTimestamp'] !== undefined) return 'Terminating'
  const { observedGeneration } = status
  if (observedGeneration !== undefined && observedGeneration !== metadata['generation']) return 'InProgress'
  const conditions = isList(status['conditions']) ? status['conditions'].filter(isRecord) : []
  const of = (type: string): unknown => conditions.find((one) => one['type'] === type)?.['status']
  if (of('Reconciling') === 'True') return 'InProgress'
  if (of('Stalled') === 'True') return 'Failed'
  if (of('Ready') === 'False' || of('Ready') === 'Unknown') return 'InProgress'
  return 'Current'
}

const recordAt = (object: UnknownRecord, field: string): UnknownRecord => {
  const value = object[field]
  return isRecord(value) ? value : {}
}
