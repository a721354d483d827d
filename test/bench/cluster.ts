/**
 * A controller beside a real API server on this machine: the start with many objects, one member more in a group
 * that everybody's rules name, rest, and the way from a save to its status. Run it by itself:
 *
 *     npx tsx test/bench/cluster.ts [INSTANCES] [GROUPS]
 *
 * Client, server and store share the cores. Writes are counted by the server, in its own metrics.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { PalisadeObject } from '../../src/api/objects.ts'
import { keyOf } from '../../src/api/objects.ts'
import { runCli } from '../../src/cli/program.ts'
import { ClusterObjects } from '../../src/kube/cluster-objects.ts'
import { ClusterWriter } from '../../src/kube/cluster-writer.ts'
import { Connection } from '../../src/kube/connection.ts'
import { inParallel } from '../../src/kube/in-parallel.ts'
import { systemTimers } from '../../src/source/timers.ts'
import { capturedIo } from '../cli/captured-io.ts'
import { clusterBinaries } from '../kube/server/binary.ts'
import { ADMIN_TOKEN, kubectl, startCluster } from '../kube/server/cluster.ts'
import { group, instance, vpc } from '../reference/objects.ts'

const [instances = 10_000, groups = 2_000] = process.argv.slice(2).map(Number)
const SAVES = 100
const REST_MS = 60_000

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}
function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

const cluster = await startCluster(await clusterBinaries(print))
const connection = await Connection.open({ kubeconfig: cluster.kubeconfig, timers: systemTimers })
const writer = new ClusterWriter(connection)
const objects = new ClusterObjects({
  connection,
  namespaces: ['default'],
  timers: systemTimers,
  random: Math.random,
})
const io = capturedIo({ now: () => new Date() })
try {
  await kubectl(cluster, ['apply', '--server-side', '-f', 'crds'])
  await kubectl(cluster, ['wait', '--for=condition=Established', 'crd', '--all'])
  objects.start()
  await measure()
} finally {
  io.stop()
  await objects.close()
  await connection.close()
  await cluster.stop()
}

async function measure(): Promise<void> {
  const names = Array.from({ length: groups }, (_, index) => `g${String(index)}`)
  const open = { ingress: [{ protocol: 'TCP', ports: [443], remote: { securityGroupRef: { name: 'g0' } } }] }
  const world: readonly PalisadeObject[] = [
    vpc('shop', { limits: { securityGroups: groups + 1 } }),
    group('open', 'shop', open),
    ...names.map((name) => group(name, 'shop', { ingress: [{ protocol: 'TCP', ports: [80] }] })),
    ...Array.from({ length: instances }, (_, index) =>
      instance(
        `i${String(index)}`,
        'shop',
        [...(index % 2 === 0 ? ['open'] : []), names[index % groups] ?? 'open'],
        {
          addresses: [`10.${String(index >> 16)}.${String((index >> 8) & 255)}.${String(index & 255)}`],
        },
      ),
    ),
  ]
  const created = performance.now()
  await inParallel(world, 32, async (object) => {
    await writer.apply(keyOf(object), { metadata: {}, spec: { ...object.spec } }, 'user')
    return 'Continue'
  })
  print(`${String(world.length)} objects created in ${seconds(created)}`)

  const cpu = process.cpuUsage()
  const started = performance.now()
  const words = ['controller', '--kubeconfig', cluster.kubeconfig, '--health-address', '127.0.0.1:0']
  void runCli([...words, '--lease-namespace', 'default', '--log-level', 'warn'], io)
  await until(() => readyCount() >= world.length)
  const used = process.cpuUsage(cpu)
  print(
    `all statuses right after ${seconds(started)}, ${String((used.user + used.system) / 1e6)} s of processor time here`,
  )
  print(`  (this process holds the watching and the writing side of the bench, too)`)
  print(
    `  status writes: ${String(await writes('status'))}, finalizers and made objects: ${String(await writes(''))}`,
  )
  const { heapUsed, rss } = process.memoryUsage()
  print(`  heap ${String(Math.round(heapUsed / 2 ** 20))} MiB, RSS ${String(Math.round(rss / 2 ** 20))} MiB`)

  await sleep(5_000)
  const before = await writes('status')
  await writer.apply(
    'Instance/default/more',
    { spec: { vpcRef: { name: 'shop' }, addresses: ['10.200.0.1'], securityGroupRefs: [{ name: 'g0' }] } },
    'user',
  )
  await until(() => isReady('Instance/default/more'))
  await sleep(3_000)
  print(
    `one member more in a group that the rules of ${String(instances / 2)} name: ${String((await writes('status')) - before)} status writes`,
  )

  const [lists, rested] = [await total(), await writes('status')]
  await sleep(REST_MS)
  print(
    `at rest for ${String(REST_MS / 1000)} s: ${String((await writes('status')) - rested)} status writes, ${String((await total()) - lists)} lists, applies and creations of palisade.dev`,
  )

  const times: number[] = []
  for (let save = 0; save < SAVES; save++) {
    const from = performance.now()
    const { metadata } = await writer.apply(
      'SecurityGroup/default/g7',
      { spec: { vpcRef: { name: 'shop' }, ingress: [{ name: 'r', protocol: 'TCP', ports: [1000 + save] }] } },
      'user',
    )
    await until(
      () => objects.get('SecurityGroup/default/g7')?.status['observedGeneration'] === metadata.generation,
      1,
    )
    times.push(performance.now() - from)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(0)
  print(`from a save to its status: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms`)
}

function isReady(key: string): boolean {
  const object = objects.get(key)
  return object !== undefined && object.status['observedGeneration'] === object.metadata.generation
}

function readyCount(): number {
  let count = 0
  for (const [key, { metadata }] of objects.entries()) {
    if (metadata.namespace !== '' && isReady(key)) count += 1
  }
  return count
}

async function until(condition: () => boolean, everyMs = 50): Promise<void> {
  while (!condition()) await sleep(everyMs)
}

/** Requests that the server has answered with success, by its own count. */
async function counted(pattern: RegExp): Promise<number> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  const answer = await request(`${cluster.url}/metrics`, { dispatcher, headers })
  const text = await answer.body.text()
  await dispatcher.close()
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('apiserver_request_total') && pattern.test(line))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

function writes(subresource: 'status' | ''): Promise<number> {
  return counted(
    new RegExp(`code="20.",.*group="palisade.dev",.*subresource="${subresource}",verb="(APPLY|PATCH)"`),
  )
}

function total(): Promise<number> {
  return counted(/group="palisade.dev",.*verb="(APPLY|PATCH|POST|PUT|LIST|DELETE)"/)
}
