import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../src/api/objects.ts'
import type { DeclaredFile } from '../../src/controller/declared.ts'
import { LISTED_ADDRESSES, roughCount } from '../../src/controller/status/instance-status.ts'
import { group, instance, plainProfile, vpc } from '../reference/objects.ts'
import { Daemon } from './daemon.ts'
import { fileOf, RecordedEngine } from './recorded-engine.ts'

const KIB_256 = 256 * 1024

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

const bytesOf = (object: PalisadeObject | undefined): number =>
  Buffer.byteLength(JSON.stringify(object?.status ?? {}))

const address = (index: number): string =>
  `10.${String(index >> 16)}.${String((index >> 8) & 255)}.${String(index & 255)}`

function statusesOf(...objects: readonly PalisadeObject[]): RecordedEngine['statuses'] {
  const engine = new RecordedEngine()
  engine.reconcile([fileOf('all.yaml', objects)])
  return engine.statuses
}

describe('a status stays under 256 KiB', () => {
  test('that of an instance with 10,000 rules: both lists are cut at the end, and say how long they are', () => {
    const groups = many(20, (index) =>
      group(`g${String(index)}`, 'shop', {
        ingress: many(250, (rule) => ({
          name: `rule-${String(rule)}`,
          protocol: 'TCP',
          ports: [index * 250 + rule + 1],
          remote: { cidr: '203.0.113.0/24' },
        })),
        egress: many(250, (rule) => ({
          name: `rule-${String(rule)}`,
          protocol: 'UDP',
          ports: [index * 250 + rule + 1],
          remote: { cidr: '203.0.113.0/24' },
        })),
      }),
    )
    const names = groups.map(({ metadata }) => metadata.name)
    const object = statusesOf(vpc('shop'), ...groups, instance('web-1', 'shop', names)).get(
      'Instance/default/web-1',
    )
    expect(bytesOf(object)).toBeLessThan(KIB_256)
    const rules = object?.kind === 'Instance' ? object.status?.effectiveRules : undefined
    expect(rules?.ingressCount).toBe(5001)
    expect(rules?.egressCount).toBe(5001)
    expect(rules?.ingress.length).toBeGreaterThan(500)
    expect(rules?.ingress.length).toBeLessThan(5001)
    expect(rules?.ingress[0]?.ports).toEqual(['1'])
  })

  test('a list that is not cut has no count', () => {
    const object = statusesOf(vpc('shop'), instance('web-1', 'shop')).get('Instance/default/web-1')
    const rules = object?.kind === 'Instance' ? object.status?.effectiveRules : undefined
    expect(rules).toMatchObject({ ingress: [{ action: 'Drop' }], egress: [{ action: 'Drop' }] })
    expect(rules).not.toHaveProperty('ingressCount')
  })

  test('that of a group with 3,000 members of long names and many addresses', () => {
    const long = 'x'.repeat(240)
    const members = many(3000, (index) =>
      instance(`${long}-${String(index)}`, 'shop', ['web'], {
        addresses: [address(index * 2), address(index * 2 + 1)],
      }),
    )
    const object = statusesOf(vpc('shop'), group('web', 'shop'), ...members).get('SecurityGroup/default/web')
    expect(bytesOf(object)).toBeLessThan(KIB_256)
    expect(object?.status).toMatchObject({ memberCount: 3000 })
  })

  test('that of an instance that 1,000 groups of long names select', () => {
    const long = 'x'.repeat(240)
    const groups = many(1200, (index) => group(`${long}-${String(index)}`, 'shop', { instanceSelector: {} }))
    const object = statusesOf(vpc('shop'), ...groups, instance('web-1', 'shop')).get('Instance/default/web-1')
    expect(bytesOf(object)).toBeLessThan(KIB_256)
  })

  test('that of a group that 300 groups of long names refer to', () => {
    const long = 'x'.repeat(240)
    const others = many(300, (index) =>
      group(`${long}-${String(index)}`, 'shop', {
        ingress: [{ remote: { securityGroupRef: { name: 'web' } } }],
      }),
    )
    const object = statusesOf(vpc('shop'), group('web', 'shop'), ...others).get('SecurityGroup/default/web')
    expect(bytesOf(object)).toBeLessThan(KIB_256)
    expect(object?.status).toMatchObject({ referrerCount: 300 })
  })

  test('that of a group with a thousand findings', () => {
    const wrong = group('web', 'shop', {
      ingress: many(500, (index) => ({ name: 'x'.repeat(60) + String(index), priority: 60_000 })),
      egress: many(500, (index) => ({ name: 'x'.repeat(60) + String(index), priority: 60_000 })),
    })
    const object = statusesOf(vpc('shop'), wrong).get('SecurityGroup/default/web')
    expect(bytesOf(object)).toBeLessThan(16 * 1024)
    expect(JSON.stringify(object?.status)).toContain('(and 999 more)')
  })
})

describe('a remote group in a status', () => {
  const open = group('web', 'shop', { ingress: [{ remote: { securityGroupRef: { name: 'db' } } }] })
  const dbs = (count: number): PalisadeObject[] =>
    many(count, (index) => instance(`db-${String(index)}`, 'shop', ['db'], { addresses: [address(index)] }))
  const around = [vpc('shop'), open, group('db', 'shop'), instance('web-1', 'shop', ['web'])]
  const remoteWith = (count: number): unknown => {
    const object = statusesOf(...around, ...dbs(count)).get('Instance/default/web-1')
    return object?.kind === 'Instance' ? object.status?.effectiveRules?.ingress[0]?.remote : undefined
  }

  test('is listed with its addresses up to 16', () => {
    expect(LISTED_ADDRESSES).toBe(16)
    expect(remoteWith(16)).toEqual({
      securityGroup: 'db',
      addresses: many(16, (index) => `${address(index)}/32`),
    })
  })

  test('and counted roughly from 17 on', () => {
    expect(remoteWith(17)).toEqual({ securityGroup: 'db', addressCount: '16+' })
    expect(remoteWith(32)).toEqual({ securityGroup: 'db', addressCount: '32+' })
  })

  test.each([
    [17, '16+'],
    [31, '16+'],
    [32, '32+'],
    [33, '32+'],
    [1023, '512+'],
    [1024, '1024+'],
    [1_000_000, '524288+'],
  ])('%i addresses are %s', (count, text) => {
    expect(roughCount(count)).toBe(text)
  })

  test('so one member more rewrites no status but the group’s own, the new member’s and the VPC’s', () => {
    const engine = new RecordedEngine()
    engine.reconcile([fileOf('all.yaml', [...around, ...dbs(20)])])
    const before = new Map(engine.statuses)
    engine.reconcile([fileOf('all.yaml', [...around, ...dbs(21)])])
    const changed = [...engine.statuses]
      .filter(([key, object]) => before.get(key) !== object)
      .map(([key]) => key)
    expect(changed.sort()).toEqual(['Instance/default/db-20', 'SecurityGroup/default/db'])
  })

  test('but one more that is listed does', () => {
    const engine = new RecordedEngine()
    engine.reconcile([fileOf('all.yaml', [...around, ...dbs(3)])])
    const before = engine.statuses.get('Instance/default/web-1')
    engine.reconcile([fileOf('all.yaml', [...around, ...dbs(4)])])
    expect(engine.statuses.get('Instance/default/web-1')).not.toBe(before)
  })

  test('the digest covers the rules as written, not the addresses', () => {
    const digestWith = (count: number): unknown => {
      const object = statusesOf(...around, ...dbs(count)).get('Instance/default/web-1')
      return object?.kind === 'Instance' ? object.status?.effectiveRules?.digest : undefined
    }
    expect(digestWith(1)).toBe(digestWith(40))
  })
})

describe('how much of a quota is used', () => {
  const region = { region: 'r', profileRef: { name: 'alibaba' } }
  const quotaOf = (statuses: RecordedEngine['statuses'], name: string): unknown => {
    const object = statuses.get(`VPC/default/${name}`)
    return object?.kind === 'VPC' ? object.status?.quotas : undefined
  }

  test('is the same in every VPC that it is counted over, whichever of them it changed in', () => {
    const engine = new RecordedEngine()
    const inFile = (object: PalisadeObject): DeclaredFile => fileOf(`${object.metadata.name}.yaml`, [object])
    const step = (...files: readonly DeclaredFile[]): void => {
      engine.reconcile(files)
      const alone = new RecordedEngine()
      alone.reconcile(files)
      expect(engine.bytes(true)).toEqual(alone.bytes(true))
    }
    const [a, b, g] = [inFile(vpc('a', region)), inFile(vpc('b', region)), inFile(group('g', 'a'))]
    step(a)
    step(a, b)
    expect(quotaOf(engine.statuses, 'a')).toContainEqual({ name: 'vpcs', used: 2, limit: 10 })
    step(a, b, g)
    expect(quotaOf(engine.statuses, 'b')).toContainEqual({ name: 'securityGroups', used: 1, limit: 100 })
    step(a, b)
    step(b)
    expect(quotaOf(engine.statuses, 'b')).toContainEqual({ name: 'vpcs', used: 1, limit: 10 })
  })

  test('is not stated where the profile has no quotas', () => {
    const statuses = statusesOf(plainProfile('own'), vpc('v', { profileRef: { name: 'own' } }))
    expect(statuses.get('VPC/default/v')?.status).not.toHaveProperty('quotas')
  })
})

describe('times in a status', () => {
  test('a condition keeps the moment from which it was so, through changes and restarts', async () => {
    const daemon = new Daemon()
    const transition = async (type: string): Promise<string | undefined> => {
      const conditions = (await daemon.status('VPC/default/shop'))?.status?.conditions
      return conditions?.find((condition) => condition.type === type)?.lastTransitionTime
    }
    await daemon.declare({ 'vpc.yaml': [vpc('shop')] })
    daemon.now = new Date('2026-02-01T00:00:00.900Z')
    await daemon.declare({ 'vpc.yaml': [vpc('shop', { cidrs: ['10.0.0.0/16'] })] })
    expect(await transition('Ready')).toBe('2026-01-02T03:04:05Z')
    daemon.now = new Date('2026-03-01T00:00:00.900Z')
    await daemon.restart()
    await daemon.declare({ 'vpc.yaml': [vpc('shop', { profileRef: { name: 'nowhere' } })] })
    expect(await transition('Ready')).toBe('2026-03-01T00:00:00Z')
    expect((await daemon.status('VPC/default/shop'))?.metadata).toMatchObject({
      generation: 3,
      creationTimestamp: '2026-01-02T03:04:05Z',
    })
  })
})
