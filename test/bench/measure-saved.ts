import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { USER } from '../firewall/nft/network.ts'
import { Commits, monotonicMilliseconds, WITNESS } from './commit-witness.ts'
import { addressOf, macOf, type NftShape } from './nft-workload.ts'

const PROGRAM = new URL('../../dist/main.js', import.meta.url).pathname

const NODE = 'host'
const EDITS = 15
/** Enough for what one edit leads to: statuses, handles learnt, another look. */
export const REST_MS = 1_500
const LONGEST_MS = 60_000

/** A network namespace by a name that nobody else sees, with the witness and the program in it. */
const RUN = `
set -e
mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add bench
setpriv --pdeathsig KILL ip netns exec bench python3 -c "$WITNESS" >&3 & exec 3>&-
exec "$@"
`

/**
 * Milliseconds from the save of a file with one changed rule to the kernel's commit, with `palisade run` on as many
 * files as there are groups and then some. Each edit is of another group; `between` them the program is at rest.
 */
export async function measureSaved(
  shape: NftShape,
  between: () => Promise<unknown>,
): Promise<readonly number[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'palisade-saved-'))
  const manifests = path.join(folder, 'manifests')
  writeManifests(manifests, shape)
  const [node, words] = [process.execPath, ['run', manifests, '--state', path.join(folder, 'state')]]
  const inside = ['sh', '-c', RUN, 'sh', node, PROGRAM, ...words, '--firewall', 'nft', '--node', NODE]
  const child = spawn('unshare', [...USER, '-n', '-m', ...inside], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    env: { ...process.env, WITNESS },
  })
  try {
    return await measureEdits(child, manifests, shape, between)
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureEdits(
  child: ChildProcess,
  manifests: string,
  shape: NftShape,
  between: () => Promise<unknown>,
): Promise<readonly number[]> {
  const [, output, , witness] = child.stdio
  if (!isReadable(output) || !isReadable(witness)) throw new Error('nothing can be read of the program')
  const commits = new Commits(witness)
  // The table comes when all is in force.
  await Promise.race([once(output, 'data'), failure(child)])
  output.resume()
  await sleep(10 * REST_MS)
  const times: number[] = []
  for (let group = 0; group < EDITS; group += 1) {
    const from = monotonicMilliseconds()
    save(groupFile(manifests, group), groupText(shape, group, 9000))
    while (commits.last < from) {
      if (monotonicMilliseconds() - from > LONGEST_MS) throw new Error('the kernel did not follow the file')
      await sleep(0.5)
    }
    times.push(commits.last - from)
    await sleep(REST_MS)
    await between()
    await sleep(REST_MS)
  }
  return times
}

const isReadable = (stream: unknown): stream is Readable =>
  typeof stream === 'object' && stream !== null && 'resume' in stream

async function failure(child: ChildProcess): Promise<never> {
  const [code]: unknown[] = await once(child, 'exit')
  throw new Error(`run ended with ${String(code)}`)
}

/** As editors do. */
function save(file: string, text: string): void {
  writeFileSync(`${file}.swp`, text)
  renameSync(`${file}.swp`, file)
}

function writeManifests(folder: string, shape: NftShape): void {
  mkdirSync(folder, { recursive: true })
  const limits = `limits: {securityGroups: ${String(shape.groups)}}`
  save(path.join(folder, 'vpc.yaml'), objectText('VPC', 'bench', [limits]))
  for (let group = 0; group < shape.groups; group += 1) {
    save(groupFile(folder, group), groupText(shape, group, 1000))
  }
  const perFile = 100
  for (let first = 0; first < shape.instances; first += perFile) {
    const texts = Array.from({ length: perFile }, (_, index) => instanceText(shape, first + index))
    save(path.join(folder, `instances-${String(first)}.yaml`), texts.join('---\n'))
  }
}

const groupFile = (folder: string, group: number): string => path.join(folder, `group-${String(group)}.yaml`)

function groupText({ groups, rules, everyRemote }: NftShape, group: number, port: number): string {
  const ingress = Array.from({ length: rules }, (_, index) => {
    const peer = `securityGroupRef: {name: g-${String((group + index) % groups)}}`
    const remote = index % everyRemote === 0 ? peer : `cidr: 10.${String(index)}.0.0/16`
    const ports = `[${String(index === 0 ? port : 1000 + index)}]`
    return `  - {name: r-${String(index)}, protocol: TCP, ports: ${ports}, remote: {${remote}}}`
  })
  return objectText('SecurityGroup', `g-${String(group)}`, ['vpcRef: {name: bench}', 'ingress:', ...ingress])
}

function instanceText({ groups }: NftShape, index: number): string {
  const address = addressOf(index)
  return objectText('Instance', `i-${String(index)}`, [
    'vpcRef: {name: bench}',
    `securityGroupRefs: [{name: g-${String(index % groups)}}]`,
    `addresses: [${address}]`,
    `mac: ${macOf(address)}`,
    `attachment: {nodeName: ${NODE}, netns: bench, interface: pal${String(index)}}`,
  ])
}

const objectText = (kind: string, name: string, spec: readonly string[]): string =>
  [
    'apiVersion: palisade.dev/v1alpha1',
    `kind: ${kind}`,
    `metadata: {name: ${name}}`,
    'spec:',
    ...spec.map((line) => `  ${line}`),
    '',
  ].join('\n')
