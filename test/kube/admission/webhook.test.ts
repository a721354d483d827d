import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startWebhook, type Webhook } from '../../../src/kube/admission/webhook.ts'
import type { Connection } from '../../../src/kube/connection.ts'
import { systemTimers } from '../../../src/source/timers.ts'
import { group, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../../policy/installation.ts'
import { apply, connect, createNamespace } from '../place.ts'
import { freePorts, kubectl, type CommandResult } from '../server/cluster.ts'
import { installCrds } from '../server/crds.ts'
import { describeWithCluster } from '../shared.ts'
import { worldOf } from './world.ts'

describeWithCluster('the API server, asking the webhook', (cluster) => {
  let namespace: string
  let connection: Connection
  let webhook: Webhook
  const problems: unknown[] = []
  let listening: number | undefined

  const configuration = (port: number): object => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: namespace },
    webhooks: [
      {
        name: 'objects.palisade.dev',
        clientConfig: { url: `https://127.0.0.1:${String(port)}/validate` },
        rules: [
          {
            apiGroups: ['palisade.dev'],
            apiVersions: ['v1alpha1'],
            operations: ['CREATE', 'UPDATE', 'DELETE'],
            resources: ['vpcs', 'securitygroups', 'instances'],
          },
        ],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        failurePolicy: 'Fail',
        timeoutSeconds: 2,
      },
    ],
  })

  beforeAll(async () => {
    await installCrds(cluster)
    namespace = await createNamespace(cluster)
    const [port = 0] = await freePorts(1)
    await apply(cluster, namespace, configuration(port), {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'webhook' },
    })
    connection = await connect(cluster, cluster.url)
    const shop = valid(vpc({ name: 'shop', namespace }, { profileRef: { name: 'jdcloud' } }))
    const groups = Array.from({ length: 50 }, (_, index) =>
      valid(group({ name: `g${String(index)}`, namespace }, 'shop')),
    )
    const world = worldOf(new Installation(shop, ...groups))
    webhook = startWebhook({
      connection,
      world: () => world,
      place: { namespace, secret: 'webhook', configuration: namespace, webhook: 'objects.palisade.dev' },
      host: '127.0.0.1',
      port,
      names: ['127.0.0.1'],
      timers: systemTimers,
      today: () => new Date(),
      onListening: (bound) => (listening = bound),
      onProblem: (error) => problems.push(error),
    })
    await vi.waitFor(
      () => {
        expect(problems).toEqual([])
        expect(listening).toBe(port)
      },
      { timeout: 20_000 },
    )
  })
  afterAll(async () => {
    await kubectl(cluster, ['delete', 'validatingwebhookconfiguration', namespace])
    await webhook.close()
    await connection.close()
  })

  const applied = (name: string, ...words: readonly string[]): Promise<CommandResult> => {
    const object = valid(group({ name, namespace }, 'shop', { displayName: name }))
    return kubectl(cluster, ['apply', ...words, '-f', '-'], JSON.stringify(object))
  }

  test('refuses the 51st group of JD Cloud on the spot, in its words, and in a dry run', async () => {
    const sentence =
      'The number of security groups under selected virtual private cloud resource has reached 50'
    for (const words of [['--server-side'], [], ['--dry-run=server']]) {
      const { status, stderr } = await applied('g50', ...words)
      expect(status).toBe(1)
      expect(stderr).toContain('admission webhook "objects.palisade.dev" denied the request: SecurityGroup')
      expect(stderr).toContain(sentence)
    }
  })

  test('takes one of the fifty, with what is to be said of it as a warning', async () => {
    const object = valid(group({ name: 'g7', namespace }, 'shop', { displayName: '!' }))
    const { status, stdout, stderr } = await kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(object))
    expect(stderr).toMatch(/^Warning: SecurityGroup .*displayName/)
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'securitygroup.palisade.dev/g7 created\n' })
  })

  test('keeps its certificates in the Secret and trusts their CA', async () => {
    const words = ['get', 'secret', 'webhook', '-n', namespace, '-o', 'jsonpath={.data.ca\\.crt}']
    const inSecret = await kubectl(cluster, words)
    const path = 'jsonpath={.webhooks[0].clientConfig.caBundle}'
    const trusted = await kubectl(cluster, ['get', 'validatingwebhookconfiguration', namespace, '-o', path])
    expect(inSecret.stdout.length).toBeGreaterThan(500)
    expect(trusted.stdout).toBe(inSecret.stdout)
  })
})
