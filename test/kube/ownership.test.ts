import { expect, test } from 'vitest'
import { API_VERSION, type PalisadeObject } from '../../src/api/objects.ts'
import type { UnknownRecord } from '../../src/core/record.ts'
import { generatedFields, isGenerated } from '../../src/kube/ownership.ts'
import { serverObject, type ServerObject } from '../../src/kube/server-object.ts'

const MADE: PalisadeObject = {
  apiVersion: API_VERSION,
  kind: 'SecurityGroup',
  metadata: { name: 'shop-default', namespace: 'shops' },
  spec: { vpcRef: { name: 'shop' } },
}

/** What the server has when somebody has applied what palisade made, but for these. */
function onServer(own: UnknownRecord, spec: object = MADE.spec): ServerObject {
  const { metadata } = generatedFields(MADE, undefined)
  const object = serverObject({
    ...MADE,
    metadata: { ...MADE.metadata, resourceVersion: '1', ...metadata, ...own },
    spec,
  })
  if (object === undefined) throw new Error('no server has such an object')
  return object
}

test('what palisade made is its own as long as nobody has changed it', () => {
  expect(isGenerated(onServer({}))).toBe(true)
  expect(isGenerated(onServer({ resourceVersion: '2', annotations: {} }))).toBe(false)
  expect(isGenerated(onServer({}, { ...MADE.spec, ingress: [] }))).toBe(false)
})

test("a copy of it by another name, or in another namespace, is a person's, whatever labels were copied", () => {
  expect(isGenerated(onServer({ name: 'copy' }))).toBe(false)
  expect(isGenerated(onServer({ namespace: 'elsewhere' }))).toBe(false)
})
