import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { Connection } from '../../src/kube/connection.ts'
import { LEASES } from '../../src/kube/lease.ts'
import { systemTimers } from '../../src/source/timers.ts'
import { connect } from './place.ts'
import { kubectl, writeKubeconfig } from './server/cluster.ts'
import { describeWithCluster } from './shared.ts'

describeWithCluster('a connection', (cluster) => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  const list = (connection: Connection): Promise<unknown> =>
    connection.request({ verb: 'list', resource: LEASES, namespace: 'default' })

  test('takes the context that it is told', async () => {
    const file = writeKubeconfig(cluster.folder, 'context-of-a-test', cluster.url, 'a token')
    const open = (context: string): Promise<Connection> =>
      Connection.open({ kubeconfig: file, context, timers: systemTimers })
    expect((await open('context-of-a-test')).server).toBe(cluster.url)
    await expect(open('none')).rejects.toThrow('the kubeconfig has no context none: it has context-of-a-test')
  })

  test('says where a kubeconfig is missing', async () => {
    const missing = Connection.open({ kubeconfig: '/nowhere/config', timers: systemTimers })
    await expect(missing).rejects.toThrow(/^cannot read the kubeconfig: ENOENT.*\/nowhere\/config/)
    vi.stubEnv('KUBECONFIG', '')
    vi.stubEnv('HOME', '/nowhere')
    await expect(Connection.open({ timers: systemTimers })).rejects.toThrow(
      'found no kubeconfig: pass --kubeconfig, set KUBECONFIG, or run in a Pod',
    )
  })

  test('says that its token is refused', async () => {
    const connection = await connect(cluster, cluster.url, 'stale')
    await expect(list(connection)).rejects.toThrow(
      'cannot list leases.coordination.k8s.io in namespace default: ' +
        'the API server does not accept the credentials (401 Unauthorized)',
    )
    await connection.close()
  })

  test('takes the new token of its Pod as soon as the old one is refused', async () => {
    const root = mkdtempSync(path.join(cluster.folder, 'pod-'))
    const folder = path.join(root, 'var/run/secrets/kubernetes.io/serviceaccount')
    mkdirSync(folder, { recursive: true })
    const place = new URL(cluster.url)
    vi.stubEnv('KUBERNETES_SERVICE_HOST', place.hostname)
    vi.stubEnv('KUBERNETES_SERVICE_PORT', place.port)
    // The server signed its certificate itself: the file holds the authority as well.
    copyFileSync(path.join(cluster.folder, 'certificates/apiserver.crt'), path.join(folder, 'ca.crt'))
    writeFileSync(path.join(folder, 'namespace'), 'shop')
    writeFileSync(path.join(folder, 'token'), 'old\n')
    const connection = await Connection.open({ serviceAccountRoot: root, timers: systemTimers })
    expect(connection.namespace).toBe('shop')
    await expect(list(connection)).rejects.toThrow('401')

    await kubectl(cluster, ['-n', 'default', 'create', 'serviceaccount', 'rotated'])
    const token = await kubectl(cluster, ['-n', 'default', 'create', 'token', 'rotated'])
    writeFileSync(path.join(folder, 'token'), token.stdout)

    // The account may do nothing: it is known, which is what is asked.
    await expect(list(connection)).rejects.toThrow('system:serviceaccount:default:rotated')
    await connection.close()
    rmSync(root, { recursive: true })
  })
})
