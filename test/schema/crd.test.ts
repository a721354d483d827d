import { describe, expect, test } from 'vitest'
import { kindNamed, loadCrds, readShippedCrd } from '../../src/schema/crd.ts'
import { crds } from './documents.ts'

describe('loadCrds', () => {
  test('asks for the file of every kind, once', () => {
    const asked: string[] = []
    loadCrds((file) => {
      asked.push(file)
      return readShippedCrd(file)
    })
    expect(asked).toEqual(crds.map(({ file }) => file))
  })

  test.each([
    ['[]', 'vpcs.yaml: must hold a CustomResourceDefinition'],
    ['{spec: {names: {kind: Vpc}}}', 'vpcs.yaml: defines Vpc, not VPC'],
    ['{spec: {names: {kind: VPC}, versions: []}}', 'vpcs.yaml: want exactly one version'],
    [
      '{spec: {names: {kind: VPC}, versions: [{schema: {}}]}}',
      'vpcs.yaml: openAPIV3Schema must be an object',
    ],
  ])('refuses to read the schema of %s', (text, problem) => {
    const vpc = loadCrds((file) => (file === 'vpcs.yaml' ? text : readShippedCrd(file))).find(
      ({ kind }) => kind === 'VPC',
    )
    expect(() => vpc?.spec).toThrow(problem)
  })

  test.each([
    ['does not require spec', '{properties: {spec: {}}}', 'spec must be required'],
    [
      'has a rule of its own',
      '{required: [spec], properties: {spec: {}}, x-kubernetes-validations: []}',
      'rules belong to spec',
    ],
    ['has a field beside spec', '{required: [spec], properties: {spec: {}, data: {}}}', 'data beside spec'],
  ])('refuses a schema that %s', (_, root, problem) => {
    const text = `{spec: {names: {kind: VPC}, versions: [{schema: {openAPIV3Schema: ${root}}}]}}`
    const vpc = loadCrds((file) => (file === 'vpcs.yaml' ? text : readShippedCrd(file))).find(
      ({ kind }) => kind === 'VPC',
    )
    expect(() => vpc?.spec).toThrow(problem)
  })
})

describe('a word of the command line', () => {
  test.each([
    ['SecurityGroup', 'SecurityGroup'],
    ['securitygroups', 'SecurityGroup'],
    ['sg', 'SecurityGroup'],
    ['SG', 'SecurityGroup'],
    ['vpc', 'VPC'],
    ['pvpc', 'VPC'],
    ['inst', 'Instance'],
    ['ag', 'AddressGroup'],
    ['cprof', 'CloudProfile'],
    ['pods', undefined],
    ['', undefined],
  ])('%s means %s', (word, kind) => {
    expect(kindNamed(crds, word)).toBe(kind)
  })

  test('means one kind only', () => {
    const words = crds.flatMap(({ names }) => [names.plural, names.singular, ...names.shortNames])
    expect(new Set(words).size).toBe(words.length)
  })
})

test.each(crds)('$kind has columns that end with its state and its age', ({ printerColumns }) => {
  expect(printerColumns.slice(-2)).toEqual([
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ])
})
