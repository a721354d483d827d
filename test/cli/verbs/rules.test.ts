import { describe, expect, test } from 'vitest'
import { displayWidth } from '../../../src/cli/output/display-width.ts'
import { restoredModel } from '../../../src/cli/wiring.ts'
import { ruleId } from '../../../src/controller/hit-sampler.ts'
import { isRecord } from '../../../src/core/record.ts'
import { openStateDirectory } from '../../../src/store/state-directory.ts'
import type { CountedRule } from '../../../src/store/store.ts'
import { cli, type CapturedOptions, type CliResult } from '../captured-io.ts'
import { SHOP, workplace, type Workplace } from '../workplace.ts'

const NOW = new Date('2026-01-02T03:04:05Z')
const EMPTY = { ingress: [], egress: [] }

async function applied(files: Readonly<Record<string, string>> = SHOP): Promise<Workplace> {
  const place = await workplace(files)
  await cli(['apply', place.manifests, '--state', place.state])
  return place
}

async function rules(
  { state }: Workplace,
  words: readonly string[],
  options: CapturedOptions = {},
): Promise<CliResult> {
  const result = await cli(['rules', ...words, '--state', state], options)
  return { ...result, out: result.out.replace(/sha256:[0-9a-f]{64}/, 'DIGEST') }
}

const instance = (name: string, address: string, group: string, namespace = 'default'): string =>
  `apiVersion: palisade.dev/v1alpha1
kind: Instance
metadata: { name: ${name}, namespace: ${namespace} }
spec: { vpcRef: { name: shop }, addresses: [${address}], securityGroupRefs: [{ name: ${group} }] }
`

describe('palisade rules', () => {
  test('prints the rules of an instance down to the implicit one, remote groups resolved', async () => {
    expect(await rules(await applied(), ['app-1'])).toEqual({
      status: 0,
      out: `Instance default/app-1
VPC      shop
Address  10.0.2.1
Groups   app
Digest   DIGEST

Ingress
ACTION   PRIORITY   PROTOCOL   PORTS   REMOTE                   SOURCE
Allow    100        TCP        8080    group web: 10.0.1.1/32   app/web
Drop                All        all     anywhere                 profile:standard/implicit

Egress
ACTION   PRIORITY   PROTOCOL   PORTS   REMOTE     SOURCE
Drop                All        all     anywhere   profile:standard/implicit
`,
      err: '',
    })
  })

  test('lists every member of a remote group, where status only counts them', async () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      instance(`server-${index}`, `10.0.3.${index}`, 'web'),
    )
    const place = await applied({ ...SHOP, 'many.yaml': many.join('---\n') })
    const { out } = await rules(place, ['app-1'])
    expect(out).toContain(',10.0.3.39/32 ')
    expect(out.match(/\d+\/32/g)).toHaveLength(41)
  })

  test('fits a terminal of 80 columns and loses nothing', async () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      instance(`server-${index}`, `10.0.3.${index}`, 'web'),
    )
    const place = await applied({ ...SHOP, 'many.yaml': many.join('---\n') })
    const { out } = await rules(place, ['app-1'], { columns: 80, env: { NO_COLOR: '1' } })
    expect(Math.max(...out.split('\n').map(displayWidth))).toBeLessThanOrEqual(80)
    expect(out.match(/\d+\/32/g)).toHaveLength(10)
  })

  test('prints YAML and JSON for scripts', async () => {
    const place = await applied()
    expect(JSON.parse((await rules(place, ['app-1', '-o', 'json'])).out)).toEqual({
      namespace: 'default',
      name: 'app-1',
      inForce: true,
      vpc: 'shop',
      addresses: ['10.0.2.1'],
      securityGroups: ['app'],
      effectiveRules: {
        digest: 'DIGEST',
        ingress: [
          {
            action: 'Allow',
            protocol: 'TCP',
            ports: ['8080'],
            remote: { securityGroup: 'web', addresses: ['10.0.1.1/32'] },
            priority: 100,
            sources: ['app/web'],
          },
          { action: 'Drop', protocol: 'All', remote: {}, sources: ['profile:standard/implicit'] },
        ],
        egress: [{ action: 'Drop', protocol: 'All', remote: {}, sources: ['profile:standard/implicit'] }],
      },
    })
    expect((await rules(place, ['app-1', '-o', 'yaml'])).out).toContain('inForce: true\n')
  })

  describe('with --hits', () => {
    /** The kernel is played: the rules of app-1 counted so much, a quarter of a minute ago. */
    async function counted(): Promise<Workplace> {
      const place = await applied()
      const store = await openStateDirectory(place.state, { mode: 'exclusive', palisade: '0.1.0' })
      const model = restoredModel(await store.readInventory())
      const { ingress, egress } = model.instanceRuleset('Instance/default/app-1')?.ruleSet ?? EMPTY
      const rule = (id: string, packets: number, lastHit?: string): CountedRule => ({
        id,
        packets,
        bytes: packets * 60,
        ...(lastHit !== undefined && { lastHit }),
      })
      const [web, implicit] = ingress.map((one) => ruleId(one, 'Ingress'))
      const [out] = egress.map((one) => ruleId(one, 'Egress'))
      await store.hits?.write({
        at: new Date(NOW.getTime() - 15_000).toISOString(),
        everySeconds: 10,
        ruleSets: [
          {
            instances: ['Instance/default/app-1', 'Instance/default/app-2'],
            rules: [
              rule(web ?? '', 12_345_678, new Date(NOW.getTime() - 200_000).toISOString()),
              rule(implicit ?? '', 3),
              rule(out ?? '', 0),
            ],
          },
        ],
      })
      await store.close()
      return place
    }

    test('shows what each rule has counted, and when it was last hit', async () => {
      const { out, err } = await rules(await counted(), ['app-1', '--hits'], { now: () => NOW })
      expect(err).toBe('')
      expect(out).toContain(
        'Counted  first packets of connections, together with 1 other instance, 15s ago, every 10s\n',
      )
      expect(out).toContain(`
Ingress
ACTION   TRAFFIC    PACKETS   BYTES   LAST HIT   SOURCE
Allow    TCP 8080   12.3M     740M    3m20s      app/web
Drop     All        3         180     unknown    profile:standard/implicit

Egress
ACTION   TRAFFIC   PACKETS   BYTES   LAST HIT   SOURCE
Drop     All       0         0       never      profile:standard/implicit
`)
    })

    test('fits a terminal of 80 columns', async () => {
      const options = { columns: 80, env: { NO_COLOR: '1' }, now: (): Date => NOW }
      const { out } = await rules(await counted(), ['app-1', '--hits'], options)
      expect(out).toContain('12.3M')
      expect(Math.max(...out.split('\n').map(displayWidth))).toBeLessThanOrEqual(80)
    })

    test('has exact numbers in JSON', async () => {
      const { out } = await rules(await counted(), ['app-1', '--hits', '-o', 'json'])
      expect(JSON.parse(out)).toMatchObject({
        effectiveRules: {
          counted: { everySeconds: 10, others: 1 },
          ingress: [
            { sources: ['app/web'], hits: { packets: 12_345_678, bytes: 740_740_680 } },
            { hits: { packets: 3, bytes: 180 } },
          ],
          egress: [{ hits: { packets: 0 } }],
        },
      })
    })

    test('says of a rule that is newer than the last look that it was not looked at', async () => {
      const place = await counted()
      await place.write('app.yaml', (await place.read('app.yaml')).replace('8080', '8081'))
      await cli(['apply', place.manifests, '--state', place.state])
      const { out } = await rules(place, ['app-1', '--hits', '-o', 'json'])
      expect(JSON.parse(out)).toMatchObject({ effectiveRules: { ingress: [{ hits: null }, { hits: {} }] } })
      expect((await rules(place, ['app-1', '--hits'])).out).toMatch(/TCP 8081 +- +- +- +app\/web\n/)
    })

    test('says where nothing counts', async () => {
      const { status, out, err } = await rules(await applied(), ['app-1', '--hits'])
      expect(status).toBe(0)
      expect(out).not.toContain('PACKETS')
      expect(err).toBe('warning: nothing has been counted: palisade run --firewall nft and lab up count\n')
      expect((await rules(await counted(), ['web-1', '--hits'])).err).toMatch(
        /^warning: Instance default\/web-1 had not been enforced when hits were last counted, at /,
      )
    })
  })

  test('says the same as the status, digest included', async () => {
    const place = await applied()
    const shown = await cli(['rules', 'app-1', '-o', 'json', '--state', place.state])
    const kept = await cli(['get', 'instance', 'app-1', '-o', 'json', '--state', place.state])
    const value: unknown = JSON.parse(shown.out)
    const effectiveRules = isRecord(value) ? value['effectiveRules'] : undefined
    expect(effectiveRules).toBeDefined()
    expect(JSON.parse(kept.out)).toMatchObject({ status: { effectiveRules } })
  })

  test('says of an instance that was never accepted that it denies everything', async () => {
    const place = await applied({ ...SHOP, 'lost.yaml': instance('lost', '10.9.9.9', 'web') })
    const { status, out } = await rules(place, ['lost'])
    expect(status).toBe(0)
    expect(out).toMatch(/^Instance default\/lost: nothing of it is in force, so it denies everything\.\n/)
    expect(out).toContain('10.9.9.9 is outside')
    expect(JSON.parse((await rules(place, ['lost', '-o', 'json'])).out)).toMatchObject({ inForce: false })
  })

  test('shows what is in force where a later version was not accepted', async () => {
    const place = await applied()
    await place.write('instances.yaml', (await place.read('instances.yaml')).replace('10.0.2.1', '10.9.9.9'))
    await cli(['apply', place.manifests, '--state', place.state])
    expect((await rules(place, ['app-1'])).out).toContain('Address  10.0.2.1\n')
  })

  test('suggests the name that was probably meant', async () => {
    const { status, out, err } = await rules(await applied(), ['web1'])
    expect({ status, out }).toEqual({ status: 1, out: '' })
    expect(err).toBe('error: there is no instance web1: did you mean web-1?\n')
  })

  test('says how to find the names where none is near', async () => {
    const place = await applied()
    expect((await rules(place, ['database'])).err).toBe(
      'error: there is no instance database: palisade get instances -A lists them\n',
    )
    expect((await rules(await workplace(), ['database'])).err).toBe(
      'error: there is no instance database, nor any other\n',
    )
  })

  describe('with one name in two namespaces', () => {
    const other = Object.values(SHOP)
      .join('---\n')
      .replaceAll('metadata: { name', 'metadata: { namespace: prod, name')

    test('asks which is meant', async () => {
      const { status, err } = await rules(await applied({ ...SHOP, 'prod.yaml': other }), ['web-1'])
      expect(status).toBe(1)
      expect(err).toBe('error: several instances are called web-1: say default/web-1 or prod/web-1\n')
    })

    test.each([[['prod/web-1']], [['web-1', '-n', 'prod']]])('takes %j', async (words) => {
      const { out } = await rules(await applied({ ...SHOP, 'prod.yaml': other }), words)
      expect(out).toContain('Instance prod/web-1\n')
    })
  })
})
