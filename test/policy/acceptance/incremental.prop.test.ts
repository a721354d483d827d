import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyOf, type PalisadeObject } from '../../../src/api/objects.ts'
import { worldsArbitrary } from '../../reference/arbitraries/world.ts'
import { acceptableStates } from '../acceptable-states.ts'
import { Installation } from '../installation.ts'
import { snapshotOf } from '../model/snapshot.ts'

/** The change from one state to another, in order or reversed, all at once or in several parts. */
interface Course {
  readonly reversed: boolean
  readonly parts: number
}

const course: fc.Arbitrary<Course> = fc.record({
  reversed: fc.boolean(),
  parts: fc.integer({ min: 1, max: 3 }),
})

function advance(
  installation: Installation,
  from: readonly PalisadeObject[],
  to: readonly PalisadeObject[],
  { reversed, parts }: Course,
): void {
  const kept = new Set(to.map(keyOf))
  const gone = from.map(keyOf).filter((key) => !kept.has(key))
  const next = reversed ? [...to].reverse() : to
  for (let part = 0; part < parts; part++) {
    const mine = <T>(list: readonly T[]): readonly T[] => list.filter((_, index) => index % parts === part)
    installation.change(mine(next), mine(gone))
  }
}

/**
 * A group in the place of a default group that was deleted while somebody names it. It is kept, though the name
 * would stand for the default group if it went: the one way in which acceptable states depend on history.
 */
function isDefaultKept({ model, acceptance }: Installation, state: readonly PalisadeObject[]): boolean {
  const declared = new Set(state.map(keyOf))
  const kept = [...model.objects()].map(keyOf).filter((key) => !declared.has(key))
  return kept.some((key) => key.endsWith('-default') && acceptance.blockedBy(key) !== undefined)
}

describe('an installation that has gone through any acceptable states', () => {
  test('accepts the last one as a new installation does, and has the same in force', () => {
    fc.assert(
      fc.property(
        acceptableStates(worldsArbitrary(3)),
        fc.array(course, { minLength: 3, maxLength: 3 }),
        (states, courses) => {
          const installation = new Installation()
          let last: readonly PalisadeObject[] = []
          for (const [index, state] of states.entries()) {
            advance(installation, last, state, courses[index] ?? { reversed: false, parts: 1 })
            last = state
            if (isDefaultKept(installation, state)) return
            const findings = state.flatMap((object) => installation.findings(object))
            expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
            expect(snapshotOf(installation.model)).toEqual(snapshotOf(new Installation(...state).model))
          }
        },
      ),
      { numRuns: 100, interruptAfterTimeLimit: 25_000 },
    )
  })
})
