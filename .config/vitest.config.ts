import { defineConfig } from 'vitest/config'

const root = new URL('..', import.meta.url).pathname

/** These share a Kubernetes API server, which is started only when one of them runs. */
const CLUSTER_TESTS = 'test/kube/**/*.test.ts'

export default defineConfig({
  root,
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // One more than vitest takes of two cores: most of these tests wait for a kernel, a server or a timer.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'palisade', include: ['test/**/*.test.ts'], exclude: [CLUSTER_TESTS] },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: [CLUSTER_TESTS],
          globalSetup: [new URL('../test/kube/setup.ts', import.meta.url).pathname],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
