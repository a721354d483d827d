/**
 * A controller and an agent beside a real API server on this machine: the start with many objects, one member more in a
 * group that everybody's rules name, rest, and the way from a save to its status and to what the agent has
 * programmed, with the server's own way from a write to a watch beside it, before anybody else watches. Run it by itself:
 *
 *     npx tsx test/bench/cluster.ts [INSTANCES] [GROUPS]
 *
 * Client, server, store, controller and agent share the cores. Writes are counted by the server, in its own metrics.
 */
import { mkdtempSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { PalisadeObject } from '../../src/api/objects.ts'
import { keyOf } from '../../src/api/objects.ts'
import { ClusterObjects } from '../../src/kube/cluster-objects.ts'
import { ClusterWriter } from '../../src/kube/cluster-writer.ts'
import { Connection } from '../../src/kube/connection.ts'
import { inParallel } from '../../src/kube/in-parallel.ts'
import { systemTimers } from '../../src/source/timers.ts'
import { stampOf } from '../../src/storage/stamp.ts'
import { install, start, type Child } from '../cli/installation.ts'
import { clusterBinaries } from '../kube/server/binary.ts'
import { ADMIN_TOKEN, kubectl, startCluster } from '../kube/server/cluster.ts'
import { group, instance, vpc } from '../reference/objects.ts'

const [instances = 10_000, groups = 2_000] = process.argv.slice(2).map(Number)
const SAVES = 200

const NODE = 'host-a'

/** One group in so many has its instances on the node of the agent. */
const GROUPS_ELSEWHERE = 50

/** The group whose rule is changed again and again. */
const SAVED = 7

/** More than the controller needs to write what one save leads to. */
const BETWEEN_SAVES_MS = 200
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
const palisade = await install()
const state = mkdtempSync(path.join(cluster.folder, 'agent-'))
const programmed = path.join(state, 'recorded.ndjson')
const children: Child[] = []
try {
  await kubectl(cluster, ['apply', '--server-side', '-f', 'crds'])
  await kubectl(cluster, ['wait', '--for=condition=Established', 'crd', '--all'])
  objects.start()
  await measure()
} finally {
  for (const child of children) child.signal('SIGTERM')
  await Promise.all(children.map((child) => child.ended()))
  await palisade.remove()
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
          ...((index % groups) % GROUPS_ELSEWHERE === SAVED % GROUPS_ELSEWHERE && {
            attachment: { nodeName: NODE, netns: 'shop', interface: `eth${String(index)}` },
          }),
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

  print(`the server alone, from a write to its watch: ${figures(await measured(SAVES, writeToWatch))}`)
  const started = performance.now()
  const controller = run('controller', '--lease-namespace', 'default')
  await until(() => readyCount() >= world.length)
  print(`all statuses right after ${seconds(started)}`)
  print(
    `  status writes: ${String(await writes('status'))}, finalizers and made objects: ${String(await writes(''))}`,
  )
  print(`  the controller's memory at its largest: ${peakMemory(controller)}`)
  const agent = run('agent', '--node', NODE, '--state', state)
  await until(() => agent.err().includes('"msg":"watching"'))
  // Until it has said of each instance that it is programmed, and the controller has seen that.
  await sleep(15_000)
  print(`  the agent's: ${peakMemory(agent)}`)
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

  print(`from a save to its status: ${figures(await measured(SAVES, saveToStatus))}`)
  print(`from a save to what the agent has programmed: ${figures(await measured(SAVES, saveToCommit))}`)
}

function run(...words: readonly string[]): Child {
  const place = ['--kubeconfig', cluster.kubeconfig, '--health-address', '127.0.0.1:0']
  const child = start(palisade, [...words, ...place])
  children.push(child)
  return child
}

/** What the system gave to the whole process. */
function peakMemory({ pid }: Child): string {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8')
  return `${String(Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024))} MiB`
}

/** Milliseconds, one after the other, with a rest between two so that each is one of its own. */
async function measured(count: number, once: (turn: number) => Promise<void>): Promise<readonly number[]> {
  const times: number[] = []
  for (let turn = 0; turn < count; turn++) {
    const from = performance.now()
    await once(turn)
    times.push(performance.now() - from)
    await sleep(BETWEEN_SAVES_MS)
  }
  return times.sort((a, b) => a - b)
}

function figures(times: readonly number[]): string {
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(0)
  return `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms`
}

async function writeToWatch(turn: number): Promise<void> {
  const { metadata } = await writer.apply(
    'AddressGroup/default/seen',
    { metadata: { annotations: { 'example.com/turn': String(turn) } }, spec: { cidrs: ['192.0.2.0/24'] } },
    'user',
  )
  await until(
    () => objects.get('AddressGroup/default/seen')?.metadata.resourceVersion === metadata.resourceVersion,
    1,
  )
}

async function save(port: number): Promise<number> {
  const ingress = [{ name: 'r', protocol: 'TCP', ports: [port] }]
  const spec = { vpcRef: { name: 'shop' }, ingress }
  const { metadata } = await writer.apply(`SecurityGroup/default/g${String(SAVED)}`, { spec }, 'user')
  return metadata.generation
}

async function saveToStatus(turn: number): Promise<void> {
  const generation = await save(1000 + turn)
  const key = `SecurityGroup/default/g${String(SAVED)}`
  await until(() => objects.get(key)?.status['observedGeneration'] === generation, 1)
}

async function saveToCommit(turn: number): Promise<void> {
  const before = stampOf(programmed)
  await save(3000 + turn)
  await until(() => stampOf(programmed) !== before, 1)
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
