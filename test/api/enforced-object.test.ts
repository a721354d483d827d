import { describe, expect, test } from 'vitest'
import { decodeEnforced, encodeEnforced } from '../../src/api/enforced-object.ts'
import { instanceNamed } from '../contract/stored-objects.ts'

const web = instanceNamed('web-1')
const identity = { kind: 'Instance', name: 'web-1', namespace: 'shop' }

describe('a version in force, as its status has it', () => {
  test('is read back as it was written', () => {
    expect(decodeEnforced(identity, encodeEnforced(web))).toEqual(web)
  })

  test('has nothing of what a server notes, and no status', () => {
    const metadata = { ...web.metadata, uid: 'u', generation: 3, creationTimestamp: '2026-01-02T03:04:05Z' }
    expect(encodeEnforced({ ...web, metadata, status: {} })).toBe(encodeEnforced(web))
  })

  test('is that of the object that has the status: the identity is not part of the text', () => {
    const read = decodeEnforced({ ...identity, name: 'web-2', uid: 'u-2' }, encodeEnforced(web))
    expect(read?.metadata).toEqual({ ...web.metadata, name: 'web-2', uid: 'u-2' })
  })

  test.each(['', 'null', '[]', '{', '{"spec":{}}', '{"metadata":{}}', '{"metadata":{},"spec":[]}'])(
    'that nobody wrote is none: %j',
    (text) => {
      expect(decodeEnforced(identity, text)).toBeUndefined()
    },
  )

  test('of a kind that palisade does not have is none', () => {
    expect(decodeEnforced({ ...identity, kind: 'Pod' }, encodeEnforced(web))).toBeUndefined()
  })
})
