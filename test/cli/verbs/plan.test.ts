import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cli } from '../captured-io.ts'
import { SHOP, workplace, type Workplace } from '../workplace.ts'

async function applied(): Promise<Workplace> {
  const place = await workplace(SHOP)
  await cli(['apply', place.manifests, '--state', place.state])
  return place
}

/** The port of the web server changes, and an instance joins. */
async function change(place: Workplace): Promise<void> {
  await place.write('web.yaml', (SHOP['web.yaml'] ?? '').replace('443', '8443'))
  const instances = SHOP['instances.yaml'] ?? ''
  await place.write(
    'instances.yaml',
    `${instances}---\n${instances.split('---')[0]?.replaceAll('web-1', 'web-2').replace('1.1', '1.2') ?? ''}`,
  )
}

describe('palisade plan', () => {
  test('shows objects, rules grouped by instances that change alike, and addresses', async () => {
    const place = await applied()
    await change(place)
    const { status, out, err } = await cli(['plan', place.manifests, '--state', place.state])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out).toBe(`~ change SecurityGroup default/web (spec.ingress.https.ports)
+ create Instance default/web-2
  rules of 1 instance: default/web-1
    - ingress Allow TCP 443 from anywhere (web/https, priority 100)
    + ingress Allow TCP 8443 from anywhere (web/https, priority 100)
  rules of 1 new instance: default/web-2
    + ingress Allow TCP 8443 from anywhere (web/https, priority 100)
    + ingress Drop All from anywhere (profile:standard/implicit)
    + egress Drop All to anywhere (profile:standard/implicit)
  addresses of SecurityGroup default/web
    + 10.0.1.2/32
1 object to create, 1 to change, 0 to delete; 2 instances: 4 rules to add, 1 to remove.
connections in VPC default/shop
  opens:  Internet (IPv4) -> web-1, web-2 TCP 8443
  closes: Internet (IPv4) -> web-1 TCP 443
`)
  })

  test('names instances that change alike together', async () => {
    const place = await applied()
    await change(place)
    await cli(['apply', place.manifests, '--state', place.state])
    await place.write('web.yaml', SHOP['web.yaml'] ?? '')
    const { out } = await cli(['plan', place.manifests, '--state', place.state])
    expect(out).toContain('rules of 2 instances: default/web-1, default/web-2\n')
  })

  describe('of a rule that ends', () => {
    async function ending(): Promise<Workplace> {
      const ends = '[443], expires: 2026-03-02T00:00:00Z'
      const place = await workplace({ ...SHOP, 'web.yaml': (SHOP['web.yaml'] ?? '').replace('[443]', ends) })
      await cli(['apply', place.manifests, '--state', place.state])
      return place
    }
    const CLOSES = '  closes: Internet (IPv4) -> web-1 TCP 443\n'

    test('shows as closed by then what is open now', async () => {
      const { manifests, state } = await ending()
      const { out } = await cli(['plan', manifests, '--state', state, '--at', '2026-03-02T00:00:00Z'])
      expect(out).toContain(CLOSES)
    })

    test('shows what is still in force although its time has come', async () => {
      const { manifests, state } = await ending()
      const later = { now: () => new Date('2026-03-03T00:00:00Z') }
      expect((await cli(['plan', manifests, '--state', state], later)).out).toContain(CLOSES)
      await cli(['apply', manifests, '--state', state], later)
      expect((await cli(['plan', manifests, '--state', state], later)).out).not.toContain('closes')
    })
  })

  test('writes nothing, not even a state folder', async () => {
    const place = await workplace(SHOP)
    await cli(['plan', place.manifests, '--state', place.state])
    expect(existsSync(place.state)).toBe(false)
  })

  test('says so when nothing would change', async () => {
    const place = await applied()
    expect(await cli(['plan', place.manifests, '--state', place.state, '--exit-code'])).toEqual({
      status: 0,
      out: 'Nothing would change.\n',
      err: '',
    })
  })

  test('exits with 4 for changes where that is asked for', async () => {
    const place = await workplace(SHOP)
    expect((await cli(['plan', place.manifests, '--state', place.state, '--exit-code'])).status).toBe(4)
    expect((await cli(['plan', place.manifests, '--state', place.state])).status).toBe(0)
  })

  test('exits with 1 for bad manifests, and shows what would happen all the same', async () => {
    const place = await workplace({ ...SHOP, 'web.yaml': 'nonsense' })
    const { status, out, err } = await cli(['plan', place.manifests, '--state', place.state, '--exit-code'])
    expect(status).toBe(1)
    expect(err).toContain('web.yaml:1:1: error ')
    expect(out).toContain('+ create SecurityGroup default/app')
  })

  test('lists the deletions that it holds back', async () => {
    const place = await applied()
    for (const name of Object.keys(SHOP)) await place.remove(name)
    const { status, out, err } = await cli(['plan', place.manifests, '--state', place.state])
    expect(status).toBe(1)
    expect(out).toBe(`Held back, with every other change, since it would delete:
- Instance default/app-1
- Instance default/web-1
- SecurityGroup default/app
- SecurityGroup default/web
- VPC default/shop
`)
    expect(err).toContain('error DeletionHeldBack: ')
  })

  test.each([['--allow-delete'], ['--allow-delete=all'], ['--allow-delete=5'], ['--allow-delete=100%']])(
    'lets five deletions of five through with %s',
    async (option) => {
      const place = await applied()
      for (const name of Object.keys(SHOP)) await place.remove(name)
      const { status, out } = await cli(['plan', option, place.manifests, '--state', place.state])
      expect(status).toBe(0)
      expect(out).toContain('0 objects to create, 0 to change, 5 to delete')
    },
  )

  test('holds five deletions back with --allow-delete=4', async () => {
    const place = await applied()
    for (const name of Object.keys(SHOP)) await place.remove(name)
    expect((await cli(['plan', '--allow-delete=4', place.manifests, '--state', place.state])).status).toBe(1)
  })

  test('holds five deletions back with --allow-delete 4, the amount as a word of its own', async () => {
    const place = await applied()
    for (const name of Object.keys(SHOP)) await place.remove(name)
    expect((await cli(['plan', '--allow-delete', '4', place.manifests, '--state', place.state])).status).toBe(
      1,
    )
  })

  test('prints JSON and YAML for scripts', async () => {
    const place = await applied()
    await change(place)
    const words = ['plan', place.manifests, '--state', place.state, '-o']
    const json: unknown = JSON.parse((await cli([...words, 'json'])).out)
    expect(json).toMatchObject({
      objects: [
        { action: 'Create', kind: 'Instance', namespace: 'default', name: 'web-2', fields: [] },
        { action: 'Change', kind: 'SecurityGroup', namespace: 'default', name: 'web' },
      ],
      instances: [
        {
          action: 'Change',
          instances: [{ namespace: 'default', name: 'web-1' }],
          rules: [
            { action: 'Remove', direction: 'Ingress', rule: { ports: ['443'] } },
            { action: 'Add', direction: 'Ingress', rule: { ports: ['8443'] } },
          ],
        },
        { action: 'Create', instances: [{ name: 'web-2' }] },
      ],
      addresses: [{ kind: 'SecurityGroup', name: 'web', added: ['10.0.1.2/32'], removed: [] }],
      heldBack: [],
      findings: [],
      summary: { created: 1, changed: 1, deleted: 0, instances: 2, rulesAdded: 4, rulesRemoved: 1 },
    })
    expect((await cli([...words, 'yaml'])).out).toContain('summary:\n  created: 1\n')
  })
})
