import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import { isList, isRecord, type UnknownRecord } from '../../../src/core/record.ts'
import type { Ruleset } from '../../../src/policy/ruleset.ts'
import { cli } from '../../cli/captured-io.ts'
import { install, start, type Child, type Installation } from '../../cli/installation.ts'
import { vpc } from '../../reference/objects.ts'
import { NODE, recordedIn } from '../node-of-a-cluster.ts'
import { apply, createNamespace } from '../place.ts'
import { kubectl, startCluster, type Cluster } from '../server/cluster.ts'
import { installCrds } from '../server/crds.ts'
import { describeWithCluster } from '../shared.ts'
import {
  groupArbitrary,
  GROUPS,
  instanceArbitrary,
  INSTANCES,
  listArbitrary,
  LISTS,
  REFUSED_PORT,
  stepsArbitrary,
  type Step,
} from './edits.ts'
import { Mortal } from './mortal.ts'

/** What is dead comes back within this, as a kubelet would see to at first. */
const AWAY_MS = 700

const STEPS = 90

const SETTLED = { timeout: 90_000, interval: 200 }

/** Of the objects that somebody declares: what the controller makes is left out. */
const DECLARED = ['get', 'pvpc,sg,addressgroup,instance', '-l', '!palisade.dev/generated', '-o', 'json']

describeWithCluster('a cluster in which everything dies now and then', ({ binaries }) => {
  let palisade: Installation
  let cluster: Cluster
  let namespace: string
  let state: string
  const children = new Map<string, Child>()
  beforeAll(async () => {
    ;[palisade, cluster] = await Promise.all([install(), startCluster(binaries)])
    await installCrds(cluster)
    namespace = await createNamespace(cluster)
    state = mkdtempSync(path.join(cluster.folder, 'agent-'))
  })
  afterAll(async () => {
    for (const child of children.values()) await killed(child)
    await cluster.stop()
    await palisade.remove()
  })

  async function killed(child: Child | undefined): Promise<void> {
    child?.signal('SIGKILL')
    await child?.ended()
  }

  function mortal(name: string, ...words: readonly string[]): Mortal {
    const place = ['--kubeconfig', cluster.kubeconfig, '--health-address', '127.0.0.1:0']
    const revive = (): void => {
      children.set(name, start(palisade, [name, ...words, ...place]))
    }
    revive()
    return new Mortal(
      () => killed(children.get(name)),
      () => {
        revive()
        return Promise.resolve()
      },
    )
  }

  /** Nobody minds that an edit fails while the server is away. */
  async function edit(step: Extract<Step, { act: 'Apply' | 'Delete' }>): Promise<void> {
    const words =
      step.act === 'Apply'
        ? ['apply', '--server-side', '-f', '-']
        : ['delete', '--wait=false', '--ignore-not-found', step.what]
    await kubectl(
      cluster,
      ['-n', namespace, ...words],
      step.act === 'Apply' ? JSON.stringify(step.object) : '',
    )
  }

  async function declared(): Promise<readonly UnknownRecord[]> {
    const { stdout } = await kubectl(cluster, ['-n', namespace, ...DECLARED])
    const list: unknown = JSON.parse(stdout)
    return isRecord(list) && isList(list['items']) ? list['items'].filter(isRecord) : []
  }

  /** Every object in a version that can be accepted; what is on its way out is needed by none of them. */
  async function mend(pick: <T>(arbitrary: fc.Arbitrary<T>) => T): Promise<void> {
    const leaving = new Set((await declared()).filter(isLeaving).map(nameOf))
    const staying = <T extends string>(all: readonly T[]): readonly T[] =>
      all.filter((name) => !leaving.has(name))
    const [groups, lists] = [staying(GROUPS), staying(LISTS)]
    const world: readonly PalisadeObject[] = [
      ...lists.map((name) => pick(listArbitrary(name))),
      ...groups.map((name) => pick(groupArbitrary(name, groups, lists))),
      ...staying(INSTANCES).map((name) => pick(instanceArbitrary(name, groups))),
    ]
    await apply(cluster, namespace, ...world)
    await vi.waitFor(async () => {
      expect((await declared()).filter(isLeaving).map(nameOf)).toEqual([])
    }, SETTLED)
  }

  /** What the same objects come to in a folder of which nothing was known. */
  async function fromScratch(): Promise<Ruleset> {
    const folder = mkdtempSync(path.join(cluster.folder, 'scratch-'))
    const [manifests, own] = [path.join(folder, 'manifests'), path.join(folder, 'state')]
    mkdirSync(manifests)
    writeFileSync(
      path.join(manifests, 'all.json'),
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: await declared() }),
    )
    const { status, err } = await cli(['apply', manifests, '--state', own], { now: () => new Date() })
    expect({ status, err }).toEqual({ status: 0, err: '' })
    return recordedIn(own)
  }

  test('comes to what the same objects come to from scratch, and never opens what was refused', async () => {
    const property = fc.asyncProperty(stepsArbitrary(STEPS), fc.gen(), async (steps, pick) => {
      await apply(cluster, namespace, vpc('shop', { cidrs: ['10.0.0.0/16'] }))
      const victims = {
        server: new Mortal(
          () => cluster.killServer(),
          () => cluster.startServer(),
        ),
        controller: mortal('controller', '--lease-namespace', namespace),
        agent: mortal('agent', '--node', NODE, '--state', state),
      }
      let looks = 0
      for (const step of steps) {
        if (step.act === 'Kill') victims[step.victim].kill(AWAY_MS)
        else if (step.act === 'Wait') await sleep(step.ms)
        else await edit(step)
        looks += 1
        expect(portsOf(await recordedIn(state))).not.toContain(String(REFUSED_PORT))
      }
      expect(looks).toBe(STEPS)
      for (const victim of Object.values(victims)) await victim.alive()
      await mend((arbitrary) => pick(() => arbitrary))
      const expected = await fromScratch()
      await vi.waitFor(async () => {
        expect(await recordedIn(state)).toEqual(expected)
      }, SETTLED)
      const wait = ['-n', namespace, 'wait', '--for=condition=Ready', '--timeout=60s', '--all']
      expect(await kubectl(cluster, [...wait, 'sg,addressgroup,instance'])).toMatchObject({ status: 0 })
    })
    await fc.assert(property, { numRuns: 1, endOnFailure: true })
  })
})

const metadataOf = ({ metadata }: UnknownRecord): UnknownRecord => (isRecord(metadata) ? metadata : {})
const nameOf = (object: UnknownRecord): unknown => metadataOf(object)['name']
const isLeaving = (object: UnknownRecord): boolean => metadataOf(object)['deletionTimestamp'] !== undefined

function portsOf({ instances }: Ruleset): readonly string[] {
  return [...instances.values()].flatMap(({ ruleSet }) => ruleSet.ingress.flatMap(({ ports }) => ports ?? []))
}
