import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stringify } from 'yaml'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { types } from '../../.scripts/generators/types.ts'

const text = { type: 'string' }

function crd(kind: string, spec: object, status?: object): object {
  const properties = { spec, ...(status === undefined ? {} : { status }) }
  const openAPIV3Schema = { description: `A ${kind}.`, type: 'object', required: ['spec'], properties }
  return {
    spec: {
      group: 'palisade.dev',
      names: { kind },
      versions: [{ name: 'v1alpha1', schema: { openAPIV3Schema } }],
    },
  }
}

const objectOf = (properties: object, more: object = {}): object => ({ type: 'object', properties, ...more })

describe('the types of crds/*.yaml', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'palisade-types-'))
    await mkdir(path.join(root, 'crds'))
  })
  afterEach(() => rm(root, { recursive: true }))

  /** The generated text with each run of white space as one blank: layout and redundant brackets are prettier's work. */
  async function generated(...crds: readonly object[]): Promise<string> {
    for (const [index, content] of crds.entries()) {
      await writeFile(path.join(root, 'crds', `${index}.yaml`), stringify(content))
    }
    const files = await types(root)
    return files.map(({ content }) => content.replaceAll(/\s+/g, ' ')).join('')
  }

  test('an object of a kind has that kind, its version, its spec, and its status where there is one', async () => {
    const source = await generated(crd('Gate', objectOf({ a: text }), objectOf({ b: text })))
    expect(source).toContain(
      "export interface Gate { readonly apiVersion: 'palisade.dev/v1alpha1' readonly kind: 'Gate' " +
        'readonly metadata: ObjectMeta readonly spec: GateSpec readonly status?: GateStatus }',
    )
    expect(source).toContain('export interface GateSpec { readonly a?: string }')
    expect(source).toContain('export interface GateStatus { readonly b?: string }')
  })

  const fields: readonly (readonly [schema: object, type: string])[] = [
    [{ type: 'integer', format: 'int64', minimum: 1 }, 'number'],
    [{ type: 'string', enum: ['A', 'B'], default: 'A' }, '("A" | "B")'],
    [{ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, text] }, '(number | string)'],
    [{ type: 'string', nullable: true }, '(string | null)'],
    [{ type: 'array', items: text, minItems: 1, maxItems: 3 }, 'readonly string[]'],
    [{ type: 'array', items: { 'x-kubernetes-int-or-string': true } }, 'readonly (number | string)[]'],
    [{ type: 'array', items: { type: 'array', items: text } }, 'readonly (readonly string[])[]'],
    [{ type: 'array', items: objectOf({ b: text }) }, 'readonly { readonly b?: string }[]'],
    [{ type: 'array', items: objectOf({}, { title: 'Item', nullable: true }) }, 'readonly (Item | null)[]'],
    [{ type: 'object', additionalProperties: text }, '{ readonly [k: string]: string }'],
    [
      { type: 'object', additionalProperties: { type: 'array', items: text } },
      '{ readonly [k: string]: readonly string[] }',
    ],
    [{ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, 'Readonly<Record<string, unknown>>'],
    [objectOf({ b: text }, { title: 'Named' }), 'Named'],
  ]
  test.each(fields)('%j is %s', async (schema, type) => {
    const source = await generated(crd('Gate', objectOf({ a: schema }, { required: ['a'] })))
    expect(source).toContain(`export interface GateSpec { readonly a: ${type} }`)
  })

  test('one title in two kinds is one type, described where it is used', async () => {
    const named = (description: string): object => objectOf({ x: text }, { title: 'Named', description })
    const source = await generated(
      crd('Gate', objectOf({ a: named('Here.') })),
      crd('Wall', objectOf({ b: named('There.') })),
    )
    expect(source.split('interface Named {')).toHaveLength(2)
    expect(source).toContain('export interface GateSpec { /** Here. */ readonly a?: Named }')
    expect(source).toContain('export interface WallSpec { /** There. */ readonly b?: Named }')
  })

  test('one title for two schemas is refused, with both places', async () => {
    const named = (field: string): object => objectOf({ [field]: text }, { title: 'Named' })
    const source = generated(
      crd('Gate', objectOf({ a: named('x') })),
      crd('Wall', objectOf({ b: named('y') })),
    )
    await expect(source).rejects.toThrow(
      'crds/1.yaml: spec.b: title Named denotes another schema than at crds/0.yaml: spec.a',
    )
  })

  test('a title that is the name of a kind is refused', async () => {
    const source = generated(crd('Gate', objectOf({ a: objectOf({}, { title: 'Gate' }) })))
    await expect(source).rejects.toThrow('the type Gate would be declared twice')
  })

  test('a schema without a type is refused, with its place', async () => {
    const source = generated(crd('Gate', objectOf({ a: { description: 'anything' } })))
    await expect(source).rejects.toThrow('crds/0.yaml: spec.a: type must be a string')
  })

  test('a folder without CRDs is refused', async () => {
    await expect(generated()).rejects.toThrow('holds no CRD')
  })
})
