import { mkdtempSync } from 'node:fs'
import path from 'node:path'
import { expect, vi } from 'vitest'
import { freePorts, kubectl, type Cluster } from '../server/cluster.ts'
import { DEPLOY } from './shipped.ts'
import { PROGRAM, startShipped, tokenKubeconfig, type Shipped } from './shipped-process.ts'

/** What runs of the folder that was applied: a process for each container. */
export interface Workloads {
  readonly controller: Shipped
  /** One for each node. */
  readonly agents: readonly Shipped[]
  kill(): Promise<void>
}

const WITHIN = { timeout: 60_000, interval: 100 }

/**
 * Does what a whole cluster does once the folder has been applied: starts the containers with the tokens of their
 * service accounts, and leads the API server to the webhook. Rules are recorded, as the nodes are none.
 */
export async function startWorkloads(cluster: Cluster, nodes: readonly string[] = []): Promise<Workloads> {
  const controller = await startController(cluster)
  const agents = await Promise.all(nodes.map((node) => startAgent(cluster, node)))
  return {
    controller,
    agents,
    kill: async () => {
      await Promise.all([controller, ...agents].map((one) => one.kill('SIGKILL')))
    },
  }
}

async function startController(cluster: Cluster): Promise<Shipped> {
  const [health = 0, webhook = 0] = await freePorts(2)
  // Nothing routes to a Service here, so the API server is told the address itself.
  const url = `https://127.0.0.1:${String(webhook)}/validate`
  const patch = JSON.stringify([{ op: 'replace', path: '/webhooks/0/clientConfig', value: { url } }])
  const words = ['patch', 'validatingwebhookconfiguration', 'palisade', '--type=json', '-p', patch]
  const patched = await kubectl(cluster, words)
  if (patched.status !== 0) throw new Error(patched.stderr)
  const addresses = {
    '--health-address': `127.0.0.1:${String(health)}`,
    '--webhook': `127.0.0.1:${String(webhook)}`,
  }
  const kubeconfig = await tokenKubeconfig(cluster, 'palisade-controller', cluster.url)
  const names = ['--webhook-names=127.0.0.1']
  const process = startShipped('controller.yaml', kubeconfig, { ...PROGRAM, ...addresses }, names)
  await untilReady(process, health)
  await untilAsked(cluster)
  return process
}

/** The API server takes a moment to learn that it is to ask, and whom it is to trust. */
function untilAsked(cluster: Cluster): Promise<void> {
  const refused = path.join(DEPLOY, '../invalid/classic-in-jdcloud.yaml')
  return vi.waitFor(async () => {
    const { stderr } = await kubectl(cluster, ['create', '--dry-run=server', '-f', refused])
    expect(stderr).toContain('denied the request')
  }, WITHIN)
}

async function startAgent(cluster: Cluster, node: string): Promise<Shipped> {
  const [health = 0] = await freePorts(1)
  const replaced = {
    ...PROGRAM,
    '--node': node,
    '--firewall': 'recorded',
    '--state': mkdtempSync(path.join(cluster.folder, `${node}-`)),
    '--health-address': `127.0.0.1:${String(health)}`,
  }
  const kubeconfig = await tokenKubeconfig(cluster, 'palisade-agent', cluster.url)
  const process = startShipped('agent.yaml', kubeconfig, replaced)
  await untilReady(process, health)
  return process
}

function untilReady(process: Shipped, port: number): Promise<void> {
  return vi.waitFor(async () => {
    const answer = await fetch(`http://127.0.0.1:${String(port)}/readyz`).catch(() => undefined)
    expect({ status: answer?.status, log: process.log() }).toMatchObject({ status: 200 })
  }, WITHIN)
}
