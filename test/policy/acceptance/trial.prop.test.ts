import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyOf, type PalisadeObject } from '../../../src/api/objects.ts'
import type { Finding } from '../../../src/policy/acceptance/finding.ts'
import { objectsOf, worldsArbitrary, type World } from '../../reference/arbitraries/world.ts'
import { Installation } from '../installation.ts'
import { snapshotOf } from '../model/snapshot.ts'

/** Objects of any of the states, one declared or withdrawn after the other. */
const steps = fc.array(fc.record({ state: fc.nat(2), index: fc.nat(100), goes: fc.boolean() }), {
  minLength: 1,
  maxLength: 40,
  size: 'max',
})

/** What is wrong, as texts. */
const errors = (findings: readonly Finding[]): string[] =>
  findings.filter(({ severity }) => severity === 'error').map(({ message }) => message)

const visible = ({ model, acceptance }: Installation, objects: readonly PalisadeObject[]): unknown => [
  snapshotOf(model),
  objects.map((object) => acceptance.verdict(keyOf(object))),
  objects.map((object) => [acceptance.blockedBy(keyOf(object)), [...acceptance.referrers(keyOf(object))]]),
]

function walk(
  worlds: readonly World[],
  sequence: readonly { state: number; index: number; goes: boolean }[],
): void {
  const installation = new Installation()
  const { acceptance } = installation
  const states = worlds.map(objectsOf)
  const everything = states.flat()
  for (const { state, index, goes } of sequence) {
    const objects = states[state % states.length] ?? []
    const object = objects[index % Math.max(1, objects.length)]
    if (object === undefined) continue
    const key = keyOf(object)
    const before = visible(installation, everything)
    const found = acceptance.trial.declare(object)
    const blocked = acceptance.trial.withdraw(key)
    expect(visible(installation, everything)).toEqual(before)
    if (goes) {
      installation.withdraw(key)
      expect(acceptance.blockedBy(key) ?? []).toEqual(blocked)
    } else {
      installation.declare(object)
      // Whether it can be accepted together with others that wait is not foreseen: it is then not refused.
      if (installation.isAccepted(object)) expect(found.filter(({ refuses }) => refuses)).toEqual([])
      else expect(errors(found)).toEqual(errors(installation.findings(object)))
    }
  }
}

describe('what would be found of an object', () => {
  test('is what is found once it is declared, and asking changes nothing', () => {
    fc.assert(fc.property(worldsArbitrary(3), steps, walk), {
      numRuns: 60,
      interruptAfterTimeLimit: 25_000,
    })
  })
})
