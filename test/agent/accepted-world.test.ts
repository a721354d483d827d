import { expect, test } from 'vitest'
import { AcceptedReader } from '../../src/agent/accepted-world.ts'
import { API_VERSION } from '../../src/api/objects.ts'
import type { UnknownRecord } from '../../src/core/record.ts'
import { serverObject, type ServerObject } from '../../src/kube/server-object.ts'

const KEY = 'SecurityGroup/default/web'

function groupOnServer(version: string, labels: UnknownRecord, status: UnknownRecord): ServerObject {
  const metadata = {
    ...{ name: 'web', namespace: 'default', uid: '1', resourceVersion: version, generation: 1 },
    ...{ creationTimestamp: '2026-03-01T12:00:00Z', labels },
  }
  const object = serverObject({ apiVersion: API_VERSION, kind: 'SecurityGroup', metadata, spec: {}, status })
  if (object === undefined) throw new Error('no server has such an object')
  return object
}

test('the world of an agent is the same as long as nothing that counts has changed', () => {
  const reader = new AcceptedReader('host-a')
  const first = reader.read([{ key: KEY, now: groupOnServer('1', {}, {}) }])
  expect(reader.read([{ key: KEY, now: groupOnServer('2', {}, { observedGeneration: 1 }) }])).toBe(first)
  expect(reader.read([])).toBe(first)
  expect(reader.read([{ key: KEY, now: undefined }])).not.toBe(first)
})

test('it is another one when a group becomes one that palisade makes', () => {
  const reader = new AcceptedReader('host-a')
  const first = reader.read([{ key: KEY, now: groupOnServer('1', {}, {}) }])
  const next = reader.read([{ key: KEY, now: groupOnServer('2', { 'palisade.dev/generated': 'true' }, {}) }])
  expect(next).not.toBe(first)
})
