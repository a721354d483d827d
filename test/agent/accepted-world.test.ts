import { describe, expect, test } from 'vitest'
import { AcceptedReader, type Validate } from '../../src/agent/accepted-world.ts'
import { API_VERSION } from '../../src/api/objects.ts'
import type { UnknownRecord } from '../../src/core/record.ts'
import { FINALIZER, generatedFields } from '../../src/kube/ownership.ts'
import { serverObject, type ServerObject } from '../../src/kube/server-object.ts'
import { loadCrds } from '../../src/schema/crd.ts'
import { createValidator } from '../../src/schema/validator.ts'

const validator = createValidator(loadCrds())
const validate: Validate = (object) => validator.validate({ ...object })

const GENERATED = { vpcRef: { name: 'shop' } }

const KEY = 'SecurityGroup/default/shop-web'

function groupOnServer(version: string, labels: UnknownRecord, status: UnknownRecord): ServerObject {
  return onServer('SecurityGroup', { name: 'shop-web', resourceVersion: version, labels }, {}, status)
}

function onServer(
  kind: string,
  own: UnknownRecord,
  spec: UnknownRecord,
  status: UnknownRecord,
): ServerObject {
  const metadata = {
    ...{ namespace: 'default', uid: '1', generation: 1, creationTimestamp: '2026-03-01T12:00:00Z' },
    ...own,
  }
  const object = serverObject({ apiVersion: API_VERSION, kind, metadata, spec, status })
  if (object === undefined) throw new Error('no server has such an object')
  return object
}

describe('a version in force that is none', () => {
  const withText = (object: string, generation = 2): ServerObject => {
    const enforced = { generation, digest: '', object }
    return onServer('SecurityGroup', { name: 'shop-web', resourceVersion: '2' }, {}, { enforced })
  }
  const ingress = [{ name: 'a', protocol: 'FOO', ports: [22], remote: { cidr: 'nonsense' } }]

  test.each([
    ['garbage', 'it is no object of palisade'],
    ['{"metadata":{},"spec":{"vpcRef":{"name":"shop"},"ingress":"x"}}', 'spec.ingress: must be a list'],
    [JSON.stringify({ metadata: {}, spec: { ...GENERATED, ingress } }), 'spec.ingress[0]'],
  ])('is not read, and it is said why: %s', (text, reason) => {
    const reader = new AcceptedReader('host-a', validate)
    const world = reader.read([
      { key: 'Instance/default/i-1', now: acceptedInstance() },
      { key: KEY, now: withText(text) },
    ])
    expect(world.versions.has(KEY)).toBe(false)
    expect(world.present.has(KEY)).toBe(true)
    expect(world.unreadable?.get(KEY)).toContain(
      'status.enforced of SecurityGroup default/shop-web cannot be read',
    )
    expect(world.unreadable?.get(KEY)).toContain(reason)
    const good = withText(JSON.stringify({ metadata: {}, spec: GENERATED }), 3)
    const mended = reader.read([{ key: KEY, now: good }])
    expect(mended.versions.has(KEY)).toBe(true)
    expect(mended.unreadable?.size).toBe(0)
  })
})

describe('what is being deleted and another program keeps', () => {
  const deleted = (...finalizers: readonly string[]): UnknownRecord => ({
    ...{ deletionTimestamp: '2026-03-01T13:00:00Z', finalizers: [...finalizers, 'example.com/audit'] },
  })
  const accepted = (own: UnknownRecord): ServerObject =>
    onServer(
      'SecurityGroup',
      { name: 'shop-web', resourceVersion: '2', ...own },
      {},
      { enforced: enforcedGroup() },
    )
  const enforcedGroup = (): UnknownRecord => ({
    ...{ generation: 1, digest: '', object: JSON.stringify({ metadata: {}, spec: GENERATED }) },
  })
  const readerOf = (group: ServerObject): AcceptedReader => {
    const reader = new AcceptedReader('host-a', validate)
    reader.read([
      { key: 'Instance/default/i-1', now: acceptedInstance() },
      { key: KEY, now: group },
    ])
    return reader
  }

  test('is gone once palisade has let it go', () => {
    const world = readerOf(accepted({})).read([{ key: KEY, now: accepted(deleted()) }])
    expect(world.versions.has(KEY)).toBe(false)
    expect(world.present.has(KEY)).toBe(false)
  })

  test('reserves no name any more', () => {
    const declared = (own: UnknownRecord): ServerObject =>
      onServer('SecurityGroup', { name: 'shop-web', resourceVersion: '2', ...own }, {}, {})
    const reader = readerOf(declared({}))
    expect(reader.read([]).reserved.has(KEY)).toBe(true)
    expect(reader.read([{ key: KEY, now: declared(deleted()) }]).reserved.has(KEY)).toBe(false)
  })

  test('stays in force while somebody needs it', () => {
    const world = readerOf(accepted({})).read([{ key: KEY, now: accepted(deleted(FINALIZER)) }])
    expect(world.versions.has(KEY)).toBe(true)
  })

  test('is gone at once where nobody can need it', () => {
    const key = 'Instance/default/i-1'
    const reader = readerOf(accepted({}))
    const now = acceptedInstance(deleted())
    expect(reader.read([{ key, now }]).present.has(key)).toBe(false)
  })
})

/** The default group that palisade makes, as it is on the server by now. */
function generatedGroup(
  version: string,
  spec: UnknownRecord,
  own: UnknownRecord = {},
  status: UnknownRecord = {},
): ServerObject {
  const group = {
    apiVersion: API_VERSION,
    kind: 'SecurityGroup',
    metadata: { name: 'shop-web' },
    spec: GENERATED,
  } as const
  const { metadata } = generatedFields(group, undefined)
  return onServer(
    'SecurityGroup',
    { name: 'shop-web', resourceVersion: version, ...metadata, ...own },
    spec,
    status,
  )
}

/** An instance of the node that is in force, so that its namespace counts. */
function acceptedInstance(own: UnknownRecord = {}): ServerObject {
  const attachment = { nodeName: 'host-a', interface: 'tap0' }
  const object = JSON.stringify({ metadata: {}, spec: { ...GENERATED, addresses: ['10.0.0.1'], attachment } })
  const enforced = { generation: 1, digest: 'sha256:1', object }
  return onServer('Instance', { name: 'i-1', resourceVersion: '1', ...own }, {}, { enforced })
}

test('the world of an agent is the same as long as nothing that counts has changed', () => {
  const reader = new AcceptedReader('host-a', validate)
  const first = reader.read([{ key: KEY, now: groupOnServer('1', {}, {}) }])
  expect(reader.read([{ key: KEY, now: groupOnServer('2', {}, { observedGeneration: 1 }) }])).toBe(first)
  expect(reader.read([])).toBe(first)
  expect(reader.read([{ key: KEY, now: undefined }])).not.toBe(first)
})

test('it is another one when an object was made anew, and a version in force is of one object', () => {
  const reader = new AcceptedReader('host-a', validate)
  const key = 'Instance/default/i-1'
  const first = reader.read([{ key, now: acceptedInstance({ uid: 'first' }) }])
  expect(first.versions.get(key)?.object.metadata.uid).toBe('first')
  const second = reader.read([{ key, now: acceptedInstance({ uid: 'second' }) }])
  expect(second.versions.get(key)?.object.metadata.uid).toBe('second')
  const refused = (uid: string): ServerObject =>
    onServer('Instance', { name: 'i-1', resourceVersion: '1', uid }, {}, {})
  const third = reader.read([{ key, now: refused('second') }])
  const fourth = reader.read([{ key, now: refused('third') }])
  expect(fourth).not.toBe(third)
  expect(fourth.present.get(key)).toMatchObject({ uid: 'third', version: undefined })
})

test('it is another one when a group becomes one that palisade makes', () => {
  const reader = new AcceptedReader('host-a', validate)
  const first = reader.read([{ key: KEY, now: groupOnServer('1', {}, {}) }])
  const next = reader.read([{ key: KEY, now: generatedGroup('2', GENERATED) }])
  expect(next).not.toBe(first)
})

test('a default group that somebody has changed gives way once the controller has refused the change', () => {
  const reader = new AcceptedReader('host-a', validate)
  const reservedWith = (group: ServerObject): readonly string[] => [
    ...reader.read([{ key: KEY, now: group }]).reserved,
  ]
  const changed = (observedGeneration: number, accepted: UnknownRecord): ServerObject => {
    const conditions = [
      { type: 'Ready', status: 'False' },
      { type: 'Accepted', ...accepted },
    ]
    const spec = { ...GENERATED, egress: [] }
    return generatedGroup('2', spec, { generation: 2 }, { observedGeneration, conditions })
  }
  reader.read([{ key: 'Instance/default/i-1', now: acceptedInstance() }])
  expect(reservedWith(generatedGroup('1', GENERATED))).toEqual([])
  expect(reservedWith(changed(1, { status: 'True', reason: 'Accepted' }))).toEqual([])
  expect(reservedWith(changed(2, { status: 'False', reason: 'ChangeBlocked' }))).toEqual([])
  expect(reservedWith(changed(2, { status: 'False', reason: 'Invalid' }))).toEqual([KEY])
  expect(reservedWith(changed(1, { status: 'False', reason: 'Invalid' }))).toEqual([])
})

test('a refused group reserves the name of a default group of its own VPC, or of any where it is not valid', () => {
  const reader = new AcceptedReader('host-a', validate)
  const reservedWith = (spec: UnknownRecord): boolean => {
    const now = onServer('SecurityGroup', { name: 'shop-web', resourceVersion: '2' }, spec, {})
    return reader.read([{ key: KEY, now }]).reserved.has(KEY)
  }
  reader.read([{ key: 'Instance/default/i-1', now: acceptedInstance() }])
  expect(reservedWith(GENERATED)).toBe(true)
  expect(reservedWith({ vpcRef: { name: 'other' } })).toBe(false)
  expect(reservedWith({ vpcRef: { name: 'other' }, ingress: 'all' })).toBe(true)
})
