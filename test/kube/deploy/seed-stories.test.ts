import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { isList, isRecord, type UnknownRecord } from '../../../src/core/record.ts'
import { parseManifest } from '../../../src/manifest/parse.ts'
import { readFiles } from '../../golden/expected-files.ts'
import { group } from '../../reference/objects.ts'
import { kubectl, startCluster, type Cluster, type CommandResult } from '../server/cluster.ts'
import { describeWithCluster } from '../shared.ts'
import { DEPLOY } from './shipped.ts'
import { startWorkloads, type Workloads } from './workloads.ts'

const MANIFESTS = path.join(DEPLOY, '..')
const WITHIN = { timeout: 30_000, interval: 100 }
const GOLDEN = path.join(import.meta.dirname, '../../golden')

describeWithCluster('the documents that palisade was made from, told with kubectl', ({ binaries }) => {
  let cluster: Cluster
  let workloads: Workloads | undefined
  beforeAll(async () => {
    cluster = await startCluster(binaries)
    await ok('apply', '--server-side', '-k', DEPLOY)
    workloads = await startWorkloads(cluster)
  })
  afterAll(async () => {
    await workloads?.kill()
    await cluster.stop()
  })
  afterEach(async () => {
    // kubectl itself would ask after five objects in a second.
    await ok('delete', 'instances,securitygroups,addressgroups,vpcs', '--all', '--wait=false')
    await vi.waitFor(async () => {
      expect(await ok('get', 'vpcs,securitygroups,instances', '-o', 'name')).toBe('')
    }, WITHIN)
  })

  const k = (...words: readonly string[]): Promise<CommandResult> => kubectl(cluster, words)

  /** kubectl that has to succeed; gives what it prints. */
  async function ok(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await k(...words)
    expect({ words, status, stderr: status === 0 ? '' : stderr }).toEqual({ words, status: 0, stderr: '' })
    return stdout
  }

  const manifests = (story: string): readonly string[] => ['--server-side', '-f', path.join(MANIFESTS, story)]
  const ready = (...kinds: readonly string[]): Promise<string> =>
    ok('wait', '--for=condition=Ready', '--timeout=30s', kinds.join(','), '--all')

  /** What the cluster says of every object of palisade's, by kind and name. */
  async function statuses(): Promise<Readonly<Record<string, unknown>>> {
    const list: unknown = JSON.parse(await ok('get', 'palisade', '-A', '-o', 'json'))
    const items = isRecord(list) && isList(list['items']) ? list['items'].filter(isRecord) : []
    return Object.fromEntries(items.map(told))
  }

  test.each(['jdcloud', 'alibaba', 'nhn'])(
    '%s comes true with the statuses of the run on files',
    async (story) => {
      await ok('apply', ...manifests(story))
      await ready('vpcs', 'securitygroups', 'instances')
      const files = await readFiles(path.join(GOLDEN, story, 'status'))
      const documents = [...files].flatMap(([file, text]) => parseManifest(file, Buffer.from(text)).documents)
      const expected = Object.fromEntries(documents.map(({ value }) => told(value)))
      await vi.waitFor(async () => {
        expect(await statuses()).toEqual(expected)
      }, WITHIN)

      const versions = (): Promise<string> =>
        ok('get', 'palisade', '-o', 'jsonpath={range .items[*]}{.metadata.resourceVersion} {end}')
      const before = await versions()
      await ok('apply', ...manifests(story))
      expect(await ok('diff', ...manifests(story))).toBe('')
      expect(await versions()).toBe(before)
    },
  )

  test('JD Cloud: the 51st group is refused in its words; another VPC or a raised limit takes it', async () => {
    await ok('apply', ...manifests('jdcloud'))
    const create = (vpc: string, ...names: readonly string[]): Promise<CommandResult> => {
      const groups = names.map((name) => JSON.stringify(group(name, vpc, { displayName: name })))
      return kubectl(cluster, ['create', '-f', '-'], groups.join('\n---\n'))
    }
    // Two are in the folder.
    const names = Array.from({ length: 48 }, (_, index) => `more-${String(index)}`)
    expect(await create('shop', ...names)).toMatchObject({ status: 0 })
    const refused = await create('shop', 'last')
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain(
      '"The number of security groups under selected virtual private cloud resource has reached 50"',
    )
    expect(await create('shop-2', 'last')).toMatchObject({ status: 0 })
    await ok('delete', 'securitygroup', 'last')
    await ok('patch', 'pvpc', 'shop', '--type=merge', '-p', '{"spec":{"limits":{"securityGroups":51}}}')
    expect(await create('shop', 'last')).toMatchObject({ status: 0 })
    await ready('securitygroups')
  })
})

/**
 * What a status says, under the object that it is of. Times, and what only one of the two keeps, are left out: a
 * cluster keeps the accepted version in the status, and does not list the members of remote groups there.
 */
function told({ kind, metadata, status }: UnknownRecord): readonly [string, unknown] {
  const name = isRecord(metadata) ? String(metadata['name']) : ''
  return [`${String(kind)}/${name}`, comparable(status)]
}

const OF_ONE_ALONE: ReadonlySet<string> = new Set(['lastTransitionTime', 'enforced'])
const OF_REMOTES: ReadonlySet<string> = new Set(['addresses', 'addressCount'])

function comparable(value: unknown, omitted = OF_ONE_ALONE): unknown {
  if (isList(value)) return value.map((item) => comparable(item))
  if (!isRecord(value)) return value
  const entries = Object.entries(value).filter(([field]) => !omitted.has(field))
  const below = (field: string): ReadonlySet<string> => (field === 'remote' ? OF_REMOTES : OF_ONE_ALONE)
  return Object.fromEntries(entries.map(([field, part]) => [field, comparable(part, below(field))]))
}
