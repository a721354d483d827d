import { describe, expect, test } from 'vitest'
import type { Kind } from '../../src/api/objects.ts'
import { fieldPath } from '../../src/core/field-path.ts'
import { validator, withMetadata, yaml } from './documents.ts'

/** `code field` of each finding. */
function refusals(metadata: unknown, kind: Kind = 'VPC'): readonly string[] {
  const { findings } = validator.validate(withMetadata(kind, metadata))
  return findings.map(({ code, path }) => `${code} ${fieldPath(path ?? [])}`)
}

const letters = (count: number): string => 'a'.repeat(count)

describe('a name', () => {
  test.each(['a', '0', 'web-1', 'a.b.c', 'a--b', letters(253)])('may be %s', (name) => {
    expect(refusals({ name })).toEqual([])
  })

  test.each(['Web', 'web_1', '-a', 'a-', '.a', 'a.', 'a..b', 'a.-b', 'ä', 'a b', 'a\n', 'a/b', letters(254)])(
    'may not be %j',
    (name) => {
      expect(refusals({ name })).toEqual(['BadName metadata.name'])
    },
  )

  test('is required, and a text', () => {
    expect(refusals({})).toEqual(['MissingField metadata.name'])
    expect(refusals({ name: null })).toEqual(['MissingField metadata.name'])
    expect(refusals({ name: '' })).toEqual(['MissingField metadata.name'])
    expect(refusals({ name: 1 })).toEqual(['WrongType metadata.name'])
    expect(refusals(undefined)).toEqual(['MissingField metadata'])
    expect(refusals('web')).toEqual(['WrongType metadata'])
  })

  test('cannot be generated, and the hint says why', () => {
    const { findings } = validator.validate(withMetadata('VPC', { generateName: 'web-' }))
    expect(findings.map(({ hint }) => hint)).toEqual([
      'generateName makes a new object each time: give it a name',
    ])
  })
})

describe('a namespace', () => {
  test.each(['a', 'shop-1', letters(63)])('may be %s', (namespace) => {
    expect(refusals({ name: 'x', namespace })).toEqual([])
  })

  test.each(['Shop', 'a.b', '-a', 'a-', letters(64)])('may not be %s', (namespace) => {
    expect(refusals({ name: 'x', namespace })).toEqual(['BadName metadata.namespace'])
  })

  test('is a text', () => {
    expect(refusals({ name: 'x', namespace: 1 })).toEqual(['WrongType metadata.namespace'])
  })

  test('is default where none is given, also when it is empty', () => {
    for (const metadata of [{ name: 'x' }, { name: 'x', namespace: '' }, { name: 'x', namespace: null }]) {
      expect(validator.validate(withMetadata('VPC', metadata)).object?.metadata).toEqual({ name: 'x' })
    }
  })

  test('is refused for what belongs to no namespace', () => {
    expect(refusals({ name: 'x', namespace: 'a' }, 'CloudProfile')).toEqual(['BadName metadata.namespace'])
    expect(refusals({ name: 'x' }, 'CloudProfile')).toEqual([])
  })
})

describe('labels', () => {
  test.each([
    ['role', 'web'],
    ['app.kubernetes.io/name', 'Web_1.0-a'],
    [letters(63), ''],
    [`${letters(63)}.${letters(63)}.${letters(63)}.${letters(61)}/a`, letters(63)],
    ['A', '1'],
  ])('may be %s: %s', (key, value) => {
    expect(refusals({ name: 'x', labels: { [key]: value } })).toEqual([])
  })

  test.each([
    '',
    '-a',
    'a-',
    'a b',
    'a/b/c',
    '/a',
    'a/',
    'A.org/b',
    'ä',
    letters(64),
    `${letters(254)}/a`,
    '__proto__',
  ])('may not have the key %j', (key) => {
    const labels: unknown = JSON.parse(`{${JSON.stringify(key)}: "web"}`)
    expect(refusals({ name: 'x', labels })).toEqual([`BadLabel ${fieldPath(['metadata', 'labels', key])}`])
  })

  test.each(['-a', 'a-', 'a b', 'a/b', 'ä', letters(64), 'a\n'])('may not have the value %j', (value) => {
    expect(refusals({ name: 'x', labels: { role: value } })).toEqual(['BadLabel metadata.labels.role'])
  })

  test.each([1, true, null, ['a'], { a: 'b' }])('may not have the value %j, which is no text', (value) => {
    expect(refusals({ name: 'x', labels: { role: value } })).toEqual(['WrongType metadata.labels.role'])
  })

  test('are a map, or nothing', () => {
    expect(refusals({ name: 'x', labels: ['a'] })).toEqual(['WrongType metadata.labels'])
    expect(refusals({ name: 'x', labels: null })).toEqual([])
  })

  test('of a wrong type say what to write', () => {
    const labels = yaml('{a: 80, b: true, c: }')
    const { findings } = validator.validate(withMetadata('Instance', { name: 'x', labels }))
    expect(findings.map(({ hint }) => hint)).toEqual([
      'put it in quotes: "80"',
      'put it in quotes: "true"',
      'write "" for an empty value',
    ])
  })
})

describe('annotations', () => {
  test.each([
    ['a', 'any text at all, ä\n'],
    // Kubernetes lowers the domain of an annotation before it looks at it, and not that of a label.
    ['Example.org/Note', ''],
  ])('may be %s: %j', (key, value) => {
    expect(refusals({ name: 'x', annotations: { [key]: value } })).toEqual([])
  })

  test.each(['', 'a b', 'a/b/c', letters(64)])('may not have the key %j', (key) => {
    const field = fieldPath(['metadata', 'annotations', key])
    expect(refusals({ name: 'x', annotations: { [key]: '' } })).toEqual([`BadAnnotation ${field}`])
  })

  test('take at most 256 KiB together, keys included, in bytes', () => {
    const annotations = (bytes: number): unknown => ({
      name: 'x',
      annotations: { ab: letters(bytes - 4) + 'ä' },
    })
    expect(refusals(annotations(262_144))).toEqual([])
    expect(refusals(annotations(262_145))).toEqual(['BadAnnotation metadata.annotations'])
  })
})

describe('other metadata', () => {
  test('that an API server writes is kept where palisade reads it and ignored elsewhere', () => {
    const metadata = yaml(`
      name: x
      uid: 0f
      generation: 3
      resourceVersion: "17"
      creationTimestamp: "2026-01-01T00:00:00Z"
      finalizers: [palisade.dev/in-use]
      managedFields: [{manager: kubectl}]
      ownerReferences: []
      selfLink: /apis
      deletionGracePeriodSeconds: 0
    `)
    const { object, findings } = validator.validate(withMetadata('VPC', metadata))
    expect(findings).toEqual([])
    expect(object?.metadata).toEqual({
      name: 'x',
      uid: '0f',
      generation: 3,
      resourceVersion: '17',
      creationTimestamp: '2026-01-01T00:00:00Z',
      finalizers: ['palisade.dev/in-use'],
    })
  })

  test('may be null, as generators write it', () => {
    const metadata = yaml('{name: x, creationTimestamp: null, generation: null, finalizers: null}')
    expect(validator.validate(withMetadata('VPC', metadata)).object?.metadata).toEqual({ name: 'x' })
  })

  test.each([
    ['uid', 1],
    ['generation', '1'],
    ['generation', 1.5],
    ['finalizers', 'a'],
    ['finalizers', [1]],
  ])('is refused as %s: %j', (field, value) => {
    expect(refusals({ name: 'x', [field]: value })).toEqual([`WrongType metadata.${field}`])
  })

  test('that is unknown is refused: a misspelt word would change who is selected', () => {
    const { findings } = validator.validate(withMetadata('Instance', { name: 'x', lables: {}, color: 'red' }))
    expect(findings.map(({ code, hint }) => [code, hint])).toEqual([
      ['UnknownField', 'did you mean labels?'],
      ['UnknownField', 'free text about an object belongs in annotations'],
    ])
  })
})
