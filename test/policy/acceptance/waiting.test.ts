import { describe, expect, test } from 'vitest'
import { keyOf } from '../../../src/api/objects.ts'
import type { Instance, VPC } from '../../../src/api/types.gen.ts'
import { group, instance, plainProfile, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const NAMESPACES = ['one', 'two', 'three', 'four'] as const
type Namespace = (typeof NAMESPACES)[number]

const vpcs: readonly VPC[] = NAMESPACES.map((namespace) => valid(vpc({ name: 'v', namespace })))

interface Wish {
  /** A place of the one node; absent: none. */
  readonly place?: string
  readonly groups?: readonly string[]
  readonly addresses?: readonly string[]
}

const at = (
  namespace: Namespace,
  name: string,
  { place, groups = [], addresses = [] }: Wish = {},
): Instance => {
  const attachment = { nodeName: 'host-a', netns: 'shop', interface: place ?? '' }
  return valid(
    instance({ name, namespace }, 'v', groups, { addresses, ...(place !== undefined && { attachment }) }),
  )
}

const placeOf = (installation: Installation, object: Instance): string | undefined => {
  const inForce = installation.inForce(object)
  return inForce?.kind === 'Instance' ? inForce.spec.attachment?.interface : undefined
}

describe('who waits in one namespace', () => {
  test('is not looked at when another changes', () => {
    const waiting = at('one', 'a', { groups: ['missing'] })
    const installation = new Installation(...vpcs, waiting)

    const { judged } = installation.declare(at('two', 'b'))

    expect([...judged]).toEqual(['Instance/two/b'])
    expect(installation.codes(waiting)).toEqual(['SecurityGroupNotFound'])
  })

  test('is looked at when something changes there', () => {
    const installation = new Installation(...vpcs, at('one', 'a', { groups: ['missing'] }))
    const { judged } = installation.declare(at('one', 'b'))
    expect([...judged]).toEqual(['Instance/one/b', 'Instance/one/a'])
  })

  test('is looked at when a profile changes', () => {
    const installation = new Installation(...vpcs, at('one', 'a', { groups: ['missing'] }))
    const { judged } = installation.declare(plainProfile('fifth', {}))
    expect(judged).toContain('Instance/one/a')
  })
})

describe('a place on a node goes from one namespace to another', () => {
  test('when its holder is deleted', () => {
    const holder = at('one', 'a', { place: 'pal1' })
    const waiting = at('two', 'b', { place: 'pal1' })
    const installation = new Installation(...vpcs, holder, waiting)
    expect(installation.codes(waiting)).toEqual(['AttachmentTaken'])

    installation.withdraw(keyOf(holder))

    expect(placeOf(installation, waiting)).toBe('pal1')
  })

  test('when its holder leaves it, and to the older of two that want it', () => {
    const waiting = at('two', 'b', { place: 'pal1' })
    const installation = new Installation(...vpcs, at('one', 'a', { place: 'pal1' }), waiting)

    const younger = at('one', 'c', { place: 'pal1' })
    installation.declare(younger, at('one', 'a', { place: 'pal2' }))

    expect(placeOf(installation, waiting)).toBe('pal1')
    expect(installation.codes(younger)).toEqual(['AttachmentTaken'])
  })

  test('along a chain: each gets what the one before it leaves, before anybody younger', () => {
    const first = at('one', 'a', { place: 'pal1' })
    const second = at('two', 'b', { place: 'pal2' })
    const third = at('three', 'c', { place: 'pal2' })
    const installation = new Installation(...vpcs, first, second, third)
    installation.declare(at('two', 'b', { place: 'pal1' }))
    expect(placeOf(installation, second)).toBe('pal2')

    const younger = at('one', 'd', { place: 'pal2' })
    installation.declare(younger, at('one', 'a', { place: 'pal3' }))

    expect(placeOf(installation, second)).toBe('pal1')
    expect(placeOf(installation, third)).toBe('pal2')
    expect(installation.codes(younger)).toEqual(['AttachmentTaken'])
  })

  test('along a chain of twelve thousand', () => {
    const numbers = Array.from({ length: 12_000 }, (_, index) => index)
    const place = (index: number): string => `pal${String(index)}`
    const name = (index: number): string => `i${String(index).padStart(5, '0')}`
    const holders = numbers.map((index) => at('two', name(index), { place: place(index) }))
    const installation = new Installation(...vpcs, at('one', 'a', { place: 'last' }), ...holders)
    // Each wants the place of the next, and the last one that of another namespace.
    installation.declare(
      ...numbers.map((index) =>
        at('two', name(index), { place: index === 11_999 ? 'last' : place(index + 1) }),
      ),
    )
    installation.withdraw('Instance/one/a')
    expect(placeOf(installation, at('two', name(0)))).toBe('pal1')
  })

  test('in exchange, where one end had to wait for a group', () => {
    const first = at('one', 'a', { place: 'pal2', groups: ['g'] })
    const second = at('two', 'b', { place: 'pal1' })
    const installation = new Installation(
      ...vpcs,
      at('one', 'a', { place: 'pal1' }),
      at('two', 'b', { place: 'pal2' }),
    )
    installation.declare(first)
    installation.declare(second)
    installation.declare(valid(group({ name: 'g', namespace: 'one' }, 'v')))
    expect(placeOf(installation, first)).toBe('pal2')
    expect(placeOf(installation, second)).toBe('pal1')
  })

  test('to one that exchanges addresses with a neighbour', () => {
    const holder = at('one', 'a', { place: 'pal1' })
    const wants = at('two', 'b', { place: 'pal1', addresses: ['10.0.0.2'] })
    const neighbour = at('two', 'c', { addresses: ['10.0.0.1'] })
    const installation = new Installation(
      ...vpcs,
      holder,
      at('two', 'b', { addresses: ['10.0.0.1'] }),
      at('two', 'c', { addresses: ['10.0.0.2'] }),
    )
    installation.declare(wants)
    installation.declare(neighbour)
    installation.withdraw(keyOf(holder))
    expect(installation.isAccepted(wants)).toBe(true)
    expect(installation.isAccepted(neighbour)).toBe(true)
  })

  test('and is foretold as it comes', () => {
    const installation = new Installation(
      ...vpcs,
      at('one', 't', { addresses: ['10.0.0.2'] }),
      at('one', 'w', { place: 'pal1', addresses: ['10.0.0.1'] }),
      at('two', 'z', { place: 'pal2' }),
    )
    installation.declare(at('one', 'w', { place: 'pal2', addresses: ['10.0.0.2'] }))
    installation.declare(at('two', 'z', { place: 'pal1' }))
    const last = at('one', 't', { addresses: ['10.0.0.1'] })
    expect(installation.acceptance.trial.declare(last)).toEqual([])
    installation.declare(last)
    expect(installation.isAccepted(last)).toBe(true)
  })

  test('which nobody is told of when its holder is declared again as it is', () => {
    const holder = at('one', 'a', { place: 'pal1' })
    const installation = new Installation(...vpcs, holder, at('two', 'b', { place: 'pal1' }))
    expect([...installation.declare(holder).judged]).toEqual(['Instance/one/a'])
  })
})
