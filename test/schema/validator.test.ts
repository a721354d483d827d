import { describe, expect, test } from 'vitest'
import { fieldPath } from '../../src/core/field-path.ts'
import { loadCrds } from '../../src/schema/crd.ts'
import { FINDINGS_PER_OBJECT } from '../../src/schema/report.ts'
import type { UnknownRecord } from '../../src/core/record.ts'
import { createValidator } from '../../src/schema/validator.ts'
import { document, parsed, validator, yaml } from './documents.ts'

/** `code field` of each finding. */
function refusals(value: UnknownRecord): readonly string[] {
  return validator.validate(value).findings.map(({ code, path }) => `${code} ${fieldPath(path ?? [])}`)
}

describe('a valid object', () => {
  test('comes back with its defaults, typed, and without status', () => {
    const value = yaml(`
      apiVersion: palisade.dev/v1alpha1
      kind: SecurityGroup
      metadata: {name: web, labels: {app: shop}}
      spec:
        vpcRef: {name: shop}
        egress: []
        ingress:
        - {name: https, ports: [443, 8000-8080], protocol: TCP}
        - {name: ssh, action: Drop}
      status: {conditions: nonsense}
    `)
    expect(validator.validate(value)).toEqual({
      findings: [],
      object: {
        apiVersion: 'palisade.dev/v1alpha1',
        kind: 'SecurityGroup',
        metadata: { name: 'web', labels: { app: 'shop' } },
        spec: {
          vpcRef: { name: 'shop' },
          egress: [],
          ingress: [
            { name: 'https', ports: [443, '8000-8080'], protocol: 'TCP', action: 'Allow' },
            { name: 'ssh', action: 'Drop' },
          ],
        },
      },
    })
  })

  test('has its fields in the order of the schema, in whatever order they were written', () => {
    const one = validator.validate(parsed('VPC', '{cidrs: [10.0.0.0/8], region: r}')).object
    const other = validator.validate(
      parsed('VPC', '{region: r, networkType: VPC, cidrs: [10.0.0.0/8]}'),
    ).object
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
  })

  test('tells an absent list of rules from an empty one', () => {
    const spec = (text: string): unknown => validator.validate(parsed('SecurityGroup', text)).object?.spec
    expect(spec('{vpcRef: {name: a}, egress: []}')).toEqual({ vpcRef: { name: 'a' }, egress: [] })
    expect(spec('{vpcRef: {name: a}}')).toEqual({ vpcRef: { name: 'a' } })
  })

  test('may have whole numbers that are written with a fraction of zero', () => {
    expect(
      refusals(parsed('SecurityGroup', '{vpcRef: {name: a}, ingress: [{name: a, priority: 1.0}]}')),
    ).toEqual([])
  })
})

describe('null', () => {
  test('is refused, since what is not given may mean more than was meant', () => {
    const { object, findings } = validator.validate(
      parsed('SecurityGroup', '{vpcRef: {name: a}, egress: , ingress: [{name: a, remote: , priority: }]}'),
    )
    expect(object).toBeUndefined()
    expect(
      findings.map(({ code, severity, path, hint }) => [code, severity, fieldPath(path ?? []), hint]),
    ).toEqual([
      ['NoValue', 'error', 'spec.ingress[0].remote', 'leave the field out'],
      ['NoValue', 'error', 'spec.ingress[0].priority', 'leave the field out'],
      ['NoValue', 'error', 'spec.egress', 'write [] for an empty list, or leave the field out'],
    ])
  })

  test('in place of a required field is that field missing', () => {
    expect(refusals(parsed('Instance', '{vpcRef: }'))).toEqual(['MissingField spec.vpcRef'])
    expect(refusals(document('VPC', null))).toEqual(['MissingField spec'])
    expect(refusals(document('VPC', undefined))).toEqual(['MissingField spec'])
  })

  test('in a list or a map is refused', () => {
    expect(refusals(parsed('VPC', '{cidrs: [null]}'))).toEqual(['WrongType spec.cidrs[0]'])
    expect(refusals(parsed('CloudProfile', '{messages: {a: }}'))).toContain('WrongType spec.messages.a')
  })
})

describe('a field that the kind does not have', () => {
  test.each([
    ['specc: {}', 'specc', 'did you mean spec?'],
    ['ingress: []', 'ingress', 'what is declared goes into spec'],
  ])('beside spec: %s', (line, field, hint) => {
    const value = { ...parsed('VPC', '{}'), ...yaml(line) }
    expect(validator.validate(value).findings).toMatchObject([{ code: 'UnknownField', path: [field], hint }])
  })

  test('gets a list of those that there are when none is similar', () => {
    const { findings } = validator.validate(
      parsed('VPC', '{subnets: [{name: a, cidr: 10.0.0.0/8, gateway: x}]}'),
    )
    expect(findings.map(({ hint }) => hint)).toEqual(['the fields here are name, cidr, zone'])
  })

  test('may be called like something that all objects have', () => {
    const spec: unknown = JSON.parse('{"__proto__": {"region": "r"}, "constructor": 1, "toString": 2}')
    expect(refusals(document('VPC', spec))).toEqual([
      'UnknownField spec.__proto__',
      'UnknownField spec.constructor',
      'UnknownField spec.toString',
    ])
  })

  test('called like that is a plain key in a map', () => {
    const matchLabels: unknown = JSON.parse('{"__proto__": "a", "constructor": "b"}')
    const spec = { vpcRef: { name: 'a' }, instanceSelector: { matchLabels } }
    expect(JSON.stringify(validator.validate(document('SecurityGroup', spec)).object?.spec)).toBe(
      JSON.stringify(spec),
    )
  })
})

describe('several findings', () => {
  test('of all sorts come together', () => {
    const value = {
      ...parsed(
        'SecurityGroup',
        `
        vpcRef: shop
        igress: []
        ingress:
        - {name: a, protocol: TCP, ports: [80, 9000-8000, 70000], remote: {cidr: 10.0.0.1/8}}
        - {name: a, action: allow, remote: {}, ports: [22], priority: 0}
        `,
      ),
      metadata: { name: 'Web' },
    }
    expect(refusals(value)).toEqual([
      'BadName metadata.name',
      'UnknownField spec.igress',
      'WrongType spec.vpcRef',
      'OutOfRange spec.ingress[0].ports[2]',
      'NotOneOf spec.ingress[1].action',
      'OutOfRange spec.ingress[1].priority',
      'DuplicateEntry spec.ingress[1]',
      'RuleViolated spec.ingress[0].ports[1]',
      'RuleViolated spec.ingress[0].remote.cidr',
      'RuleViolated spec.ingress[1].remote',
    ])
  })

  test('do not include rules about what has the wrong type, and include those about the rest', () => {
    const rules = '[{name: a, etherType: ipv6, remote: {cidr: 10.0.0.0/8}}, {name: b, ports: [1]}]'
    expect(refusals(parsed('SecurityGroup', `{vpcRef: {name: a}, ingress: ${rules}}`))).toEqual([
      'NotOneOf spec.ingress[0].etherType',
      'RuleViolated spec.ingress[1].ports',
    ])
  })

  test('do not include rules that cannot be answered for what is missing', () => {
    expect(refusals(parsed('AddressGroup', '{maxEntries: 1}'))).toEqual(['MissingField spec.cidrs'])
    expect(refusals(parsed('CloudProfile', '{rules: {}, deletion: {referenced: Cascade}}'))).toEqual([
      'MissingField spec.groupTypes',
      'MissingField spec.instanceWithoutGroups',
      'MissingField spec.rules.actions',
    ])
  })

  test('are listed up to a limit, and the rest is counted', () => {
    const found = (count: number): readonly string[] =>
      refusals(
        document('VPC', Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, 0]))),
      )
    expect(found(FINDINGS_PER_OBJECT)).toHaveLength(FINDINGS_PER_OBJECT)
    expect(found(FINDINGS_PER_OBJECT)).not.toContain('MoreFindings ')
    expect(found(FINDINGS_PER_OBJECT + 1)).toHaveLength(FINDINGS_PER_OBJECT + 1)
    expect(found(FINDINGS_PER_OBJECT + 1).at(-1)).toBe('MoreFindings ')
    expect(found(1_000_000)).toHaveLength(FINDINGS_PER_OBJECT + 1)
  })

  test('of a list that is far too long are about its length, not about every entry', () => {
    const ports = Array.from({ length: 1_000_000 }, () => 'x')
    const found = refusals(parsed('SecurityGroup', '{vpcRef: {name: a}}'))
    expect(found).toEqual([])
    const spec = { vpcRef: { name: 'a' }, ingress: [{ name: 'a', protocol: 'TCP', ports }] }
    expect(
      refusals(document('SecurityGroup', spec)).filter((finding) => finding.startsWith('Pattern')),
    ).toHaveLength(64)
  })
})

describe('the former object', () => {
  const former = validator.validate(parsed('VPC', '{region: r}')).object

  test('is compared where there is one', () => {
    expect(validator.validate(parsed('VPC', '{region: s}'), former).findings.map(({ code }) => code)).toEqual(
      ['RuleViolated'],
    )
    expect(validator.validate(parsed('VPC', '{region: s}')).findings).toEqual([])
  })

  test('is the one with its defaults: stating a default changes nothing', () => {
    expect(validator.validate(parsed('VPC', '{region: r, networkType: VPC}'), former).findings).toEqual([])
  })
})

test('a value is not changed, whatever is wrong with it', () => {
  const deepFreeze = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  const spec = '{vpcRef: a, other: 1, egress: , ingress: [{name: a}, {name: a, remote: {}}], region: 1}'
  const value = parsed('SecurityGroup', spec)
  deepFreeze(value)
  expect(validator.validate(value).findings.length).toBeGreaterThan(3)
})

test('a kind is read and compiled when its first object is met', () => {
  const asked: string[] = []
  const lazily = createValidator(
    loadCrds().map((crd) => ({
      kind: crd.kind,
      file: crd.file,
      names: crd.names,
      printerColumns: crd.printerColumns,
      get spec() {
        asked.push(crd.kind)
        return crd.spec
      },
    })),
  )
  lazily.validate(parsed('VPC', '{}'))
  lazily.validate(parsed('VPC', '{}'))
  expect(asked).toEqual(['VPC'])
})

test('a kind without a CRD is a fault of the program', () => {
  expect(() => createValidator([]).validate(parsed('VPC', '{}'))).toThrow('no CRD for VPC')
})
