import { beforeAll, expect, test } from 'vitest'
import { addressGroup } from '../reference/objects.ts'
import { createNamespace } from './place.ts'
import { startController } from './controller-in-process.ts'
import { kubectl, type CommandResult } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { describeWithCluster } from './shared.ts'

/** As many as an address group may have, each about as long as a prefix gets. */
const PREFIXES = Array.from(
  { length: 10_000 },
  (_, index) => `2001:db8:1234:5678:9abc:def0:${(0x1000 + index).toString(16)}:0/112`,
)

describeWithCluster('the largest address group', (cluster) => {
  let namespace: string
  beforeAll(async () => {
    await installCrds(cluster)
    namespace = await createNamespace(cluster)
  })
  const k = (words: readonly string[], input = ''): Promise<CommandResult> =>
    kubectl(cluster, ['-n', namespace, ...words], input)
  const declared = JSON.stringify(addressGroup('all', PREFIXES))

  test('is too large for the note that kubectl apply keeps in an annotation', async () => {
    const { status, stderr } = await k(['apply', '-f', '-'], declared)
    expect(status).toBe(1)
    expect(stderr).toContain('metadata.annotations: Too long')
  })

  test('comes into force when it is applied by the server', async () => {
    expect(await k(['apply', '--server-side', '-f', '-'], declared)).toMatchObject({ status: 0 })
    const controller = startController(cluster.kubeconfig, namespace)
    const wait = ['wait', '--for=condition=Ready', '--timeout=60s', 'addressgroup/all']
    expect(await k(wait)).toMatchObject({ status: 0 })
    expect(await controller.stop()).toBe(0)
  })
})
