import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { KINDS } from '../../src/api/objects.ts'
import { readShippedCrd } from '../../src/schema/crd.ts'
import { isList, isRecord, type UnknownRecord } from '../../src/core/record.ts'
import { crds, yaml } from './documents.ts'

/** A node of the schema as it is in the file, with where it is. */
interface RawNode {
  readonly where: string
  readonly node: UnknownRecord
}

function nodesBelow(node: UnknownRecord, where: string): readonly RawNode[] {
  const { properties, items, additionalProperties } = node
  const children = [
    ...Object.entries(isRecord(properties) ? properties : {}).map(([name, child]) => [
      `${where}.${name}`,
      child,
    ]),
    [`${where}[]`, items],
    [`${where}{}`, additionalProperties],
  ] as const
  const below = children.flatMap(([place, child]) =>
    isRecord(child) ? nodesBelow(child, String(place)) : [],
  )
  return [{ where, node }, ...below]
}

/** The value at dotted steps into a parsed file; numbers are indexes. */
function at(value: unknown, steps: string): unknown {
  return steps.split('.').reduce<unknown>((inner, step) => {
    if (isList(inner)) return inner[Number(step)]
    return isRecord(inner) ? inner[step] : undefined
  }, value)
}

function recordAt(value: unknown, steps: string): UnknownRecord {
  const found = at(value, steps)
  if (!isRecord(found)) throw new Error(`${steps} is not there`)
  return found
}

const whereOf = (nodes: readonly RawNode[]): readonly string[] => nodes.map(({ where }) => where)

test('there is a CRD for every kind and no other', () => {
  const files = readdirSync(new URL('../../crds', import.meta.url))
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
  expect(files).toEqual(crds.map(({ file }) => file).toSorted())
  expect(crds.map(({ kind }) => kind)).toEqual(KINDS)
})

describe.each(crds)('$file', ({ file, kind }) => {
  const definition = yaml(readShippedCrd(file))
  const root = recordAt(definition, 'spec.versions.0.schema.openAPIV3Schema')
  const nodes = nodesBelow(root, '')
  const declared = nodesBelow(recordAt(root, 'properties.spec'), 'spec')
  const of = (type: string): readonly RawNode[] => declared.filter(({ node }) => node['type'] === type)

  test('describes every field, since that is what kubectl explain shows', () => {
    // The values of a map are described with the map.
    const silent = nodes.filter(
      ({ where, node }) =>
        where !== '.metadata' && !where.endsWith('{}') && typeof node['description'] !== 'string',
    )
    expect(whereOf(silent)).toEqual([])
  })

  test('says no more of metadata than that it is an object: an API server refuses even a description', () => {
    expect(recordAt(root, 'properties.metadata')).toEqual({ type: 'object' })
  })

  test('bounds every list, map and text of spec, without which an API server refuses CEL as too expensive', () => {
    const unbounded = [
      ...of('array').filter(({ node }) => node['maxItems'] === undefined),
      ...of('object').filter(
        ({ node }) => 'additionalProperties' in node && node['maxProperties'] === undefined,
      ),
      ...declared
        .filter(({ node }) => node['type'] === 'string' || node['x-kubernetes-int-or-string'] === true)
        .filter(({ node }) => node['maxLength'] === undefined && node['enum'] === undefined),
    ]
    expect(whereOf(unbounded)).toEqual([])
  })

  test('bounds every number of spec, which keeps them exact in JavaScript', () => {
    const numbers = declared.filter(
      ({ node }) => node['type'] === 'integer' || node['x-kubernetes-int-or-string'] === true,
    )
    const inexact = numbers.filter(({ node: { minimum, maximum } }) => {
      return !Number.isSafeInteger(minimum) || !Number.isSafeInteger(maximum)
    })
    expect(whereOf(inexact)).toEqual([])
  })

  test('writes patterns in what RE2 and JavaScript read alike', () => {
    const patterns = nodes.flatMap(({ node }) =>
      typeof node['pattern'] === 'string' ? [node['pattern']] : [],
    )
    expect(patterns.filter((pattern) => !isCommonPattern(pattern))).toEqual([])
  })

  test('counts as in progress for kstatus until a controller has looked at it, as the CRDs of Flux do', () => {
    expect(at(root, 'properties.status.default')).toEqual({ observedGeneration: -1 })
  })

  test('has a default only where no field below could be missing from it', () => {
    const defaults = declared.filter(({ node }) => 'default' in node)
    expect(defaults.filter(({ node }) => node['type'] === 'object' || node['type'] === 'array')).toEqual([])
  })

  test('points each rule at a field that is there', () => {
    for (const { where, node } of declared) {
      const rules = node['x-kubernetes-validations']
      for (const rule of isList(rules) ? rules : []) {
        const field = isRecord(rule) && typeof rule['fieldPath'] === 'string' ? rule['fieldPath'] : ''
        expect(whereOf(declared)).toContain(`${where}${field}`)
      }
    }
  })

  test('compares with the former value only where a server can find it', () => {
    // Below an atomic or set list, or an atomic object, nothing has a former value.
    const transitions = declared.filter(({ node }) =>
      JSON.stringify(node['x-kubernetes-validations'] ?? []).includes('oldSelf'),
    )
    expect(whereOf(transitions).filter((where) => /[[{]/.test(where))).toEqual([])
  })

  test('is served with a status subresource, in the category palisade, at the one version', () => {
    expect(at(definition, 'spec.group')).toBe('palisade.dev')
    expect(at(definition, 'spec.scope')).toBe(kind === 'CloudProfile' ? 'Cluster' : 'Namespaced')
    expect(at(definition, 'spec.names.categories')).toEqual(['palisade'])
    expect(at(definition, 'spec.versions.0')).toMatchObject({
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: { status: {} },
    })
    expect(at(definition, 'spec.versions.1')).toBeUndefined()
  })
})

test.each([
  ['vpcs.yaml', 'pvpc', ['Region', 'Profile', 'Groups', 'Ready', 'Age']],
  ['securitygroups.yaml', 'sg', ['VPC', 'Rules', 'Instances', 'Ready', 'Age']],
  ['instances.yaml', 'inst', ['VPC', 'Addresses', 'Groups', 'Programmed', 'Ready', 'Age']],
  ['addressgroups.yaml', 'ag', ['Entries', 'Referrers', 'Ready', 'Age']],
  ['cloudprofiles.yaml', 'cprof', ['Default', 'VPCs', 'Ready', 'Age']],
])(
  '%s has a short name, the columns of kubectl get, and conditions that are a map by type',
  (file, short, columns) => {
    const definition = yaml(readShippedCrd(file))
    expect(at(definition, 'spec.names.shortNames')).toEqual([short])
    const printed = at(definition, 'spec.versions.0.additionalPrinterColumns')
    expect(isList(printed) && printed.map((column) => at(column, 'name'))).toEqual(columns)
    const path = 'spec.versions.0.schema.openAPIV3Schema.properties.status.properties.conditions'
    expect(at(definition, path)).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    })
  },
)

test('an instance can be selected by its node', () => {
  const definition = yaml(readShippedCrd('instances.yaml'))
  expect(at(definition, 'spec.versions.0.selectableFields')).toEqual([
    { jsonPath: '.spec.attachment.nodeName' },
  ])
})

describe('the common subset of patterns', () => {
  // RE2: no lookaround, no backreferences, other sets behind \s, \w and \b, other line ends for a dot.
  test.each([
    ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', true],
    ['^\\^(\\[[^\\]\\[]+\\][*+]?){1,2}\\$$', true],
    ['^[-._A-Za-z0-9]+$', true],
    ['[a-z]', false],
    ['^(?i)[a-z]$', false],
    ['^(?=a)[a-z]$', false],
    ['^[^\\s]$', false],
    ['^\\d+$', false],
    ['^(a)\\1$', false],
    ['^a.b$', false],
    ['^[[:alpha:]]$', false],
    ['^a*?$', false],
  ])('%s: %s', (pattern, common) => {
    expect(isCommonPattern(pattern)).toBe(common)
  })
})

/** Anchored at both ends; escapes of punctuation only; no dot outside a class; no (?; no lazy repeats; no [: in a class. */
function isCommonPattern(pattern: string): boolean {
  if (!pattern.startsWith('^') || !/(?<!\\)\$$/.test(pattern)) return false
  if (/\\[A-Za-z0-9]/.test(pattern) || pattern.includes('(?') || pattern.includes('[:')) return false
  const outside = pattern.replaceAll(/\\./g, '').replaceAll(/\[\^?[^\]]*\]/g, 'C')
  return !outside.includes('.') && !/[*+?}][?+]/.test(outside)
}
