import { isRecord } from '../core/record.ts'
import type { Connection } from './connection.ts'
import { KubeError } from './kube-error.ts'
import { qualifiedName, type Resource } from './resource.ts'

const CRDS: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  isNamespaced: false,
}

/** A question on the way to programming: it must not take longer than a person would wait. */
const DEADLINE_MS = 3_000

/**
 * Whether the type of an object is itself gone or being removed, which deletes all of its objects though
 * nobody meant any of them. Rejects with KubeError where that cannot be told.
 */
export async function isTypeRemoved(connection: Connection, resource: Resource): Promise<boolean> {
  try {
    const crd = await connection.request(
      { verb: 'get', resource: CRDS, name: qualifiedName(resource) },
      DEADLINE_MS,
    )
    const metadata = isRecord(crd) ? crd['metadata'] : undefined
    return isRecord(metadata) && metadata['deletionTimestamp'] !== undefined
  } catch (error) {
    if (error instanceof KubeError && error.code === 404) return true
    throw error
  }
}
