import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCluster, type Cluster, type CommandResult } from '../server/cluster.ts'
import { describeWithCluster } from '../shared.ts'
import { expectedOutput, steady, stepsOf } from './console-blocks.ts'
import { startWorkloads, type Workloads } from './workloads.ts'

const ROOT = path.join(import.meta.dirname, '../../..')
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8')

const INSTALL = 'kubectl apply --server-side -k manifests/deploy'
const UNINSTALL = 'kubectl -n palisade-system delete deployment palisade-controller'

describeWithCluster('the steps of the README in a cluster, word for word', ({ binaries }) => {
  let cluster: Cluster
  let workloads: Workloads | undefined
  beforeAll(async () => {
    cluster = await startCluster(binaries)
    const [kubectl = '', ...first] = cluster.kubectlCommand
    script('kubectl', `exec ${[kubectl, ...first].join(' ')} "$@"`)
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

  test.each([...stepsOf(read('README.md'), '## In a cluster')])('$command', async (step) => {
    const { stdout } = await run(step.command)
    expect(steady(stdout)).toMatch(expectedOutput(step))
    if (step.command === INSTALL) workloads = await startWorkloads(cluster, ['node-1'])
    if (step.command === UNINSTALL) await workloads?.kill()
  })
})
