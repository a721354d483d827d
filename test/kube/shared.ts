import { describe, inject, test } from 'vitest'
import type { SharedCluster } from './setup.ts'

/** Describes what needs the API server; skipped as a whole where there is none. */
export function describeWithCluster(name: string, body: (cluster: SharedCluster) => void): void {
  const cluster = inject('cluster')
  if (cluster === null) test.skip(`${name} (no cluster)`, () => undefined)
  else {
    describe(name, () => {
      body(cluster)
    })
  }
}
