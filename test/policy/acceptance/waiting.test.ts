import { describe, expect, test } from 'vitest'
import { keyOf } from '../../../src/api/objects.ts'
import type { Instance, VPC } from '../../../src/api/types.gen.ts'
import { instance, plainProfile, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const NAMESPACES = ['one', 'two', 'three', 'four'] as const
type Namespace = (typeof NAMESPACES)[number]

const vpcs: readonly VPC[] = NAMESPACES.map((namespace) => valid(vpc({ name: 'v', namespace })))

/** An instance at a place of one node; `place` undefined: at none. */
const at = (namespace: Namespace, name: string, place?: string, groups: readonly string[] = []): Instance => {
  const attachment = { nodeName: 'host-a', netns: 'shop', interface: place ?? '' }
  return valid(instance({ name, namespace }, 'v', groups, { ...(place !== undefined && { attachment }) }))
}

const placeOf = (installation: Installation, object: Instance): string | undefined => {
  const inForce = installation.inForce(object)
  return inForce?.kind === 'Instance' ? inForce.spec.attachment?.interface : undefined
}

describe('who waits in one namespace', () => {
  test('is not looked at when another changes', () => {
    const waiting = at('one', 'a', undefined, ['missing'])
    const installation = new Installation(...vpcs, waiting)

    const { judged } = installation.declare(at('two', 'b'))

    expect(judged).toEqual(['Instance/two/b'])
    expect(installation.codes(waiting)).toEqual(['SecurityGroupNotFound'])
  })

  test('is looked at when something changes there', () => {
    const installation = new Installation(...vpcs, at('one', 'a', undefined, ['missing']))
    const { judged } = installation.declare(at('one', 'b'))
    expect(judged).toEqual(['Instance/one/b', 'Instance/one/a'])
  })

  test('is looked at when a profile changes', () => {
    const installation = new Installation(...vpcs, at('one', 'a', undefined, ['missing']))
    const { judged } = installation.declare(plainProfile('fifth', {}))
    expect(judged).toContain('Instance/one/a')
  })
})

describe('a place on a node goes from one namespace to another', () => {
  test('when its holder is deleted', () => {
    const holder = at('one', 'a', 'pal1')
    const waiting = at('two', 'b', 'pal1')
    const installation = new Installation(...vpcs, holder, waiting)
    expect(installation.codes(waiting)).toEqual(['AttachmentTaken'])

    installation.withdraw(keyOf(holder))

    expect(placeOf(installation, waiting)).toBe('pal1')
  })

  test('when its holder leaves it, and to the older of two that want it', () => {
    const waiting = at('two', 'b', 'pal1')
    const installation = new Installation(...vpcs, at('one', 'a', 'pal1'), waiting)

    const younger = at('one', 'c', 'pal1')
    installation.declare(younger, at('one', 'a', 'pal2'))

    expect(placeOf(installation, waiting)).toBe('pal1')
    expect(installation.codes(younger)).toEqual(['AttachmentTaken'])
  })

  test('along a chain: each gets what the one before it leaves, before anybody younger', () => {
    const first = at('one', 'a', 'pal1')
    const second = at('two', 'b', 'pal2')
    const third = at('three', 'c', 'pal2')
    const installation = new Installation(...vpcs, first, second, third)
    installation.declare(at('two', 'b', 'pal1'))
    expect(placeOf(installation, second)).toBe('pal2')

    const younger = at('one', 'd', 'pal2')
    installation.declare(younger, at('one', 'a', 'pal3'))

    expect(placeOf(installation, second)).toBe('pal1')
    expect(placeOf(installation, third)).toBe('pal2')
    expect(installation.codes(younger)).toEqual(['AttachmentTaken'])
  })
})
