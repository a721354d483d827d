import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyOf, namespaceOf, type PalisadeObject } from '../../../src/api/objects.ts'
import type { ObjectKey } from '../../../src/core/key.ts'
import type { Model } from '../../../src/policy/model/model.ts'
import { remoteKeys } from '../../../src/policy/references.ts'
import { objectsOf, worldsArbitrary } from '../../reference/arbitraries/world.ts'
import { compare } from '../comparison.ts'
import { Installation } from '../installation.ts'

/** What changes in one step: some objects of one of the states come in that state's version, some go. */
const steps = fc.array(
  fc.record({
    state: fc.nat(2),
    come: fc.array(fc.nat(100), { maxLength: 12, size: 'max' }),
    go: fc.array(fc.nat(100), { maxLength: 4, size: 'max' }),
    spoil: fc.option(fc.nat(100), { nil: undefined, freq: 8 }),
  }),
  { minLength: 1, maxLength: 6, size: 'max' },
)

/** An installation with what is declared to it, good or bad, at any moment. */
class Course {
  readonly installation = new Installation()
  readonly declared = new Map<ObjectKey, PalisadeObject>()
  /** Every version that was ever declared. */
  readonly seen = new Set<PalisadeObject>()

  step(come: readonly PalisadeObject[], go: readonly ObjectKey[]): void {
    const coming = new Map(come.map((object) => [keyOf(object), object]))
    const going = [...new Set(go)].filter((key) => this.declared.has(key) && !coming.has(key))
    for (const key of going) this.declared.delete(key)
    for (const [key, object] of coming) {
      this.declared.set(key, object)
      this.seen.add(object)
    }
    this.installation.change([...coming.values()], going)
  }

  spoil(object: PalisadeObject | undefined): void {
    if (object === undefined || !this.declared.has(keyOf(object))) return
    this.declared.delete(keyOf(object))
    this.installation.spoil(keyOf(object))
  }
}

/** What nobody may ever see, whatever has been declared. */
function faultsOf({ installation, declared, seen }: Course): string[] {
  const { model } = installation
  const inForce = [...model.objects()].filter(({ kind }) => kind !== 'CloudProfile')
  const faults = inForce
    .filter((object) => !seen.has(object))
    .map((object) => `${keyOf(object)} was never declared`)
  for (const [key, object] of declared) {
    const refused = installation.findings(object).some(({ refuses }) => refuses)
    const taken = model.object(key) === object
    if (installation.isAccepted(object) !== (taken && !refused)) faults.push(`${key}: verdict`)
    if (!refused && !taken) faults.push(`${key} is neither in force nor refused`)
  }
  return [...faults, ...addressFaults(model), ...dropFaults(model)]
}

function addressFaults(model: Model): string[] {
  const owners = new Map<string, ObjectKey>()
  const faults: string[] = []
  for (const vpc of model.vpcs()) {
    for (const { key, object } of vpc.instances) {
      for (const address of object.spec.addresses ?? []) {
        const place = `${vpc.key} ${address}`
        const other = owners.get(place)
        if (other !== undefined) faults.push(`${address} belongs to ${other} and ${key}`)
        owners.set(place, key)
      }
    }
  }
  return faults
}

function dropFaults(model: Model): string[] {
  return [...model.objects()].flatMap((object) => {
    if (object.kind !== 'SecurityGroup') return []
    const { ingress = [], egress = [] } = object.spec
    const drops = [...ingress, ...egress].filter(({ action }) => action === 'Drop')
    const named = remoteKeys({ ...object, spec: { ...object.spec, ingress: drops, egress: [] } })
    const missing = named.filter((key) => {
      // The profile's own groups go with the profile: then the rule drops from everywhere.
      if (/-(default|extra)$/.test(key)) return false
      if (key.startsWith('AddressGroup/')) return model.object(key) === undefined
      const found = model.group(key)
      return found?.vpc.key !== `VPC/${namespaceOf(object)}/${object.spec.vpcRef.name}`
    })
    return missing.map((key) => `${keyOf(object)} drops ${key}, which is not there`)
  })
}

describe('whatever is declared, in whatever order', () => {
  test('acceptance comes to an end, keeps its promises and has nothing to do when asked again', () => {
    fc.assert(
      fc.property(worldsArbitrary(3), steps, (worlds, sequence) => {
        const course = new Course()
        const states = worlds.map(objectsOf)
        for (const { state, come, go, spoil } of sequence) {
          const objects = states[state % states.length] ?? []
          const pick = (index: number): PalisadeObject[] => {
            const object = objects[index % Math.max(1, objects.length)]
            return object === undefined ? [] : [object]
          }
          course.step(come.flatMap(pick), go.flatMap(pick).map(keyOf))
          if (spoil !== undefined) course.spoil(pick(spoil)[0])
          expect(faultsOf(course)).toEqual([])
          const again = course.installation.declare(...course.declared.values())
          const changed = [...again.enforced].filter(
            (key) => again.before.get(key) !== course.installation.model.object(key),
          )
          expect(changed).toEqual([])
        }
        expect(compare(course.installation).difference).toBeUndefined()
      }),
      { numRuns: 100, interruptAfterTimeLimit: 25_000 },
    )
  })
})
