import { beforeAll, describe, expect, test } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'
import { cli, NOON, type CliResult } from '../captured-io.ts'
import { SHOP, workplace } from '../workplace.ts'

/** Another `shop` in a namespace of its own, with a `web-1` too. */
const PRODUCTION = Object.values(SHOP)
  .join('---\n')
  .replaceAll('metadata: { name', 'metadata: { namespace: prod, name')

let state: string
beforeAll(async () => {
  state = await mkdtemp(path.join(tmpdir(), 'palisade-get-'))
  const stdin = (): Promise<string> => Promise.resolve([...Object.values(SHOP), PRODUCTION].join('---\n'))
  await cli(['apply', '-', '--state', state], { stdin })
})
afterAll(() => rm(state, { recursive: true }))

const later = (): Date => new Date(NOON.getTime() + 200_000)
const get = (...words: string[]): Promise<CliResult> =>
  cli(['get', ...words, '--state', state], { now: later })

describe('palisade get', () => {
  test('prints the columns of the CRD, of the namespace default', async () => {
    expect(await get('securitygroups')).toEqual({
      status: 0,
      out: `NAME   VPC    RULES   INSTANCES   READY   AGE
app    shop   1       1           True    3m20s
web    shop   1       1           True    3m20s
`,
      err: '',
    })
  })

  test.each(['securitygroup', 'SecurityGroup', 'sg', 'SG', 'securitygroups.palisade.dev'])(
    'takes %s for the kind',
    async (word) => {
      expect((await get(word)).out).toBe((await get('securitygroups')).out)
    },
  )

  test('looks in another namespace with -n', async () => {
    expect((await get('instances', '-n', 'prod', '-o', 'name')).out).toBe(
      'instance.palisade.dev/app-1\ninstance.palisade.dev/web-1\n',
    )
    expect((await get('instances', '-n', 'nowhere')).err).toBe('No instances found in namespace nowhere.\n')
  })

  test('looks in every namespace with -A, and says in which', async () => {
    expect((await get('vpcs', '-A')).out).toBe(`NAMESPACE   NAME   REGION   PROFILE    GROUPS   READY   AGE
default     shop            standard   2        True    3m20s
prod        shop            standard   2        True    3m20s
`)
  })

  test('prints every kind in turn, with names that say which', async () => {
    const { out } = await get()
    expect(out.match(/^\S+\.palisade\.dev\//gm)).toEqual([
      ...Array<string>(4).fill('cloudprofile.palisade.dev/'),
      'vpc.palisade.dev/',
      ...Array<string>(2).fill('securitygroup.palisade.dev/'),
      ...Array<string>(2).fill('instance.palisade.dev/'),
    ])
    expect((await get('palisade')).out).toBe(out)
  })

  test('prints several kinds that are asked for', async () => {
    expect((await get('vpc,sg', '-o', 'name')).out).toBe(
      'securitygroup.palisade.dev/app\nsecuritygroup.palisade.dev/web\nvpc.palisade.dev/shop\n',
    )
  })

  test.each([[['sg', 'web']], [['sg/web']]])('prints one object for %j', async (words) => {
    expect((await get(...words)).out).toMatch(/^NAME +VPC .*\nweb +shop .*\n$/)
  })

  test('prints one object whole as YAML and as JSON', async () => {
    const { out } = await get('sg', 'web', '-o', 'yaml')
    expect(out).toMatch(/^apiVersion: palisade\.dev\/v1alpha1\nkind: SecurityGroup\n/)
    expect(out).toContain('status:\n')
    expect(JSON.parse((await get('sg/web', '-o', 'json')).out)).toMatchObject({
      kind: 'SecurityGroup',
      metadata: { name: 'web' },
      status: { memberCount: 1 },
    })
  })

  test('prints several objects as a list', async () => {
    expect(JSON.parse((await get('sg', '-o', 'json')).out)).toMatchObject({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ metadata: { name: 'app' } }, { metadata: { name: 'web' } }],
    })
  })

  test('prints the objects that are there, and fails for one that is not', async () => {
    const { status, out, err } = await get('sg', 'web', 'ap', '-o', 'name')
    expect(status).toBe(1)
    expect(out).toBe('securitygroup.palisade.dev/web\n')
    expect(err).toBe('error: there is no SecurityGroup ap in namespace default: did you mean app?\n')
  })

  test('says in which namespace an object is', async () => {
    const { status, err } = await get('vpc', 'shop', '-n', 'nowhere')
    expect(status).toBe(1)
    expect(err).toBe(
      'error: there is no VPC shop in namespace nowhere, but in default, prod: choose with -n\n',
    )
  })

  test.each([
    [['securitygruops'], 'error: there is no kind securitygruops: did you mean securitygroups?\n'],
    [
      ['pods'],
      'error: there is no kind pods: the kinds are cloudprofiles, addressgroups, vpcs, securitygroups, instances, reachabilitychecks\n',
    ],
    [['sg/web', 'app'], 'error: app is not KIND/NAME, and the two ways to name objects cannot be mixed\n'],
  ])('refuses %j', async (words, err) => {
    expect(await get(...words)).toEqual({ status: 2, out: '', err })
  })

  test('says how to begin where nothing is in force yet', async () => {
    const place = await workplace()
    const { status, out, err } = await cli(['get', '--state', place.state])
    expect({ status, out }).toEqual({ status: 0, out: '' })
    expect(err).toBe(`Nothing is in ${place.state} yet: palisade apply PATH... fills it.\n`)
  })

  test('takes the state folder from the environment', async () => {
    const { out } = await cli(['get', 'vpcs', '-o', 'name'], { env: { PALISADE_STATE: state } })
    expect(out).toBe('vpc.palisade.dev/shop\n')
  })
})
