import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kubectl, startCluster, type Cluster, type CommandResult } from '../server/cluster.ts'
import { valid, vpc as vpcOf } from '../../reference/objects.ts'
import { describeWithCluster } from '../shared.ts'
import { expectedOutput, steady, stepsOf } from './console-blocks.ts'
import { startWorkloads, type Workloads } from './workloads.ts'

const ROOT = path.join(import.meta.dirname, '../../..')
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8')

const INSTALL = 'kubectl apply --server-side -k manifests/deploy'
const STOP = 'kubectl -n palisade-system delete deployment palisade-controller'

describeWithCluster('the documented steps, word for word', ({ binaries }) => {
  let cluster: Cluster
  let workloads: Workloads | undefined
  beforeAll(async () => {
    cluster = await startCluster(binaries)
    script('kubectl', `exec ${cluster.kubectlCommand.join(' ')} "$@"`)
    script('npx', `shift\nexec '${process.execPath}' --import tsx '${path.join(ROOT, 'src/main.ts')}' "$@"`)
  })
  afterAll(async () => {
    await workloads?.kill()
    await cluster.stop()
  })

  /** Programs of these names come first. */
  function script(name: string, text: string): void {
    const folder = path.join(cluster.folder, 'bin')
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`)
    chmodSync(path.join(folder, name), 0o755)
  }

  function run(command: string): Promise<CommandResult> {
    const env = {
      PATH: `${path.join(cluster.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: cluster.folder,
      KUBECONFIG: cluster.kubeconfig,
    }
    return new Promise((resolve) => {
      execFile('sh', ['-c', `{ ${command}\n} 2>&1`], { cwd: ROOT, env }, (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
      })
    })
  }

  const removal = stepsOf(read('docs/cluster.md'), '## Remove it')
  const steps = [
    ...stepsOf(read('README.md'), '## In a cluster'),
    ...removal.slice(0, -1),
    ...stepsOf(read('docs/cluster.md'), '## What stays Terminating'),
    ...removal.slice(-1),
  ]
  test.each(steps)('$command', async ({ command, output }) => {
    const { stdout } = await run(command)
    expect(steady(stdout)).toMatch(expectedOutput(output))
    if (command === INSTALL) workloads = await startWorkloads(cluster, ['node-1'])
    if (command === STOP) {
      await workloads?.kill()
      await leaveTerminating()
    }
  })

  /** A VPC whose controller went first. */
  async function leaveTerminating(): Promise<void> {
    const metadata = { name: 'left', namespace: 'shop', finalizers: ['palisade.dev/in-use'] }
    const vpc = { ...valid(vpcOf('left')), metadata }
    expect(await kubectl(cluster, ['create', '-f', '-'], JSON.stringify(vpc))).toMatchObject({ status: 0 })
    await kubectl(cluster, ['-n', 'shop', 'delete', 'pvpc/left', '--wait=false'])
  }

  test('leaves nothing behind', async () => {
    const { stdout } = await run('kubectl get crds,clusterroles,clusterrolebindings -o name | grep palisade')
    expect(stdout).toBe('')
  })
})
