import path from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { runCli } from '../../src/cli/program.ts'
import { capturedIo } from '../cli/captured-io.ts'
import { createNamespace } from './place.ts'
import { kubectl, type CommandResult } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { describeWithCluster } from './shared.ts'

const QUICKSTART = path.join(import.meta.dirname, '../../manifests/quickstart')

/** A controller in this process. */
interface Running {
  stop(): Promise<number>
}

describeWithCluster('a controller', (cluster) => {
  let namespace: string
  let running: Running
  beforeAll(async () => {
    await installCrds(cluster)
  })
  beforeEach(async () => {
    namespace = await createNamespace(cluster)
  })

  function start(...words: readonly string[]): Running {
    const io = capturedIo({ now: () => new Date() })
    const place = [
      '--kubeconfig',
      cluster.kubeconfig,
      '--namespaces',
      namespace,
      '--lease-namespace',
      namespace,
    ]
    const ended = runCli(['controller', ...place, '--health-address', '127.0.0.1:0', ...words], io)
    return {
      stop: () => {
        io.stop()
        return ended
      },
    }
  }

  const k = (...words: readonly string[]): Promise<CommandResult> =>
    kubectl(cluster, ['-n', namespace, ...words])

  /** kubectl that has to succeed; gives what it prints. */
  async function ok(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await k(...words)
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
    return stdout
  }

  test('makes what is applied ready, without kubectl having to know anything of palisade', async () => {
    running = start()
    await ok('apply', '-f', QUICKSTART)
    await ok('wait', '--for=condition=Ready', '--timeout=20s', 'vpcs,securitygroups,addressgroups', '--all')
    expect(await running.stop()).toBe(0)
  })
})
