import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOf } from '../../../src/api/objects.ts'
import type { Instance } from '../../../src/api/types.gen.ts'
import { instance, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const NAMESPACES = ['one', 'two', 'three'] as const

const names = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  name: fc.constantFrom('a', 'b', 'c', 'd'),
})

/** So few addresses and places that most changes want what somebody has. */
const instances: fc.Arbitrary<Instance> = fc
  .record({
    name: names,
    groups: fc.constantFrom([], [], [], ['missing']),
    addresses: fc.uniqueArray(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'), { maxLength: 2 }),
    place: fc.option(fc.constantFrom('pal1', 'pal2', 'pal3'), { nil: undefined }),
  })
  .map(({ name, groups, addresses, place }) => {
    const attachment = { nodeName: 'host-a', netns: 'shop', interface: place ?? '' }
    return valid(instance(name, 'v', groups, { addresses, ...(place !== undefined && { attachment }) }))
  })

const changes = fc.record({
  declare: fc.uniqueArray(instances, { minLength: 1, maxLength: 5, selector: keyOf }),
  withdraw: fc.array(fc.nat(11), { maxLength: 2 }),
})

/** Of what is said to belong to somebody, what does not. */
function lies(installation: Installation, declared: ReadonlyMap<string, Instance>): string[] {
  return [...declared.values()].flatMap((object) =>
    installation.findings(object).flatMap(({ code, message }) => {
      const holder = / belongs to (Instance) (.*)$/.exec(message)?.slice(1).join('/') ?? ''
      const held = installation.model.object(holder)
      const spec = held?.kind === 'Instance' ? held.spec : undefined
      const address = /: (\S+) belongs/.exec(message)?.[1] ?? ''
      const isTrue =
        code === 'AddressTaken'
          ? spec?.addresses?.includes(address) === true
          : code !== 'AttachmentTaken' || spec?.attachment?.interface === object.spec.attachment?.interface
      return isTrue ? [] : [message]
    }),
  )
}

test('who is refused something is told who has it, and whoever is told so has it', () => {
  fc.assert(
    fc.property(fc.array(changes, { minLength: 1, maxLength: 12 }), (steps) => {
      const vpcs = NAMESPACES.map((namespace) => valid(vpc({ name: 'v', namespace })))
      const installation = new Installation(...vpcs)
      const declared = new Map<string, Instance>()
      for (const { declare, withdraw } of steps) {
        const coming = new Map(declare.map((object) => [keyOf(object), object]))
        const known = [...declared.keys()]
        const going = withdraw
          .map((index) => known[index])
          .filter((key) => key !== undefined && !coming.has(key))
        const keys = [...new Set(going)].filter((key) => key !== undefined)
        installation.change(declare, keys)
        for (const key of keys) declared.delete(key)
        for (const [key, object] of coming) declared.set(key, object)
        expect(lies(installation, declared)).toEqual([])
      }
    }),
    { numRuns: 300 },
  )
})
