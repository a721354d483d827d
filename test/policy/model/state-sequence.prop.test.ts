import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS, keyOf, type PalisadeObject } from '../../../src/api/objects.ts'
import { Model } from '../../../src/policy/model/model.ts'
import { worldsArbitrary } from '../../reference/arbitraries/world.ts'
import { BUILT_IN } from '../../reference/built-in.ts'
import { reverseKeys } from '../../reference/reverse-keys.ts'
import { acceptableStates } from '../acceptable-states.ts'
import { snapshotOf } from './snapshot.ts'

type State = readonly PalisadeObject[]

/** A model that is brought from state to state, referents first in and last out, and is looked at in between. */
class Sequence {
  readonly model = new Model()
  #state: State = []

  constructor() {
    for (const profile of BUILT_IN) this.model.put(profile)
  }

  become(next: State): void {
    const kept = new Set(next.map(keyOf))
    const builtIn = new Map(BUILT_IN.map((object) => [keyOf(object), object]))
    for (const kind of KINDS) for (const object of next) if (object.kind === kind) this.model.put(object)
    for (const kind of [...KINDS].reverse()) {
      for (const object of this.#state) {
        const key = keyOf(object)
        if (object.kind !== kind || kept.has(key)) continue
        const original = builtIn.get(key)
        if (original === undefined) this.model.remove(key)
        else this.model.put(original)
      }
    }
    this.#state = next
    this.model.drain()
  }
}

const alone = (state: State): unknown => {
  const sequence = new Sequence()
  sequence.become(state)
  return snapshotOf(sequence.model)
}

/** Calico Felix's calculation graph is tested so: every way to tell a history that ends alike must end alike. */
const expanders: Readonly<Record<string, (states: readonly State[]) => readonly State[]>> = {
  'as they are': (states) => states,
  'with the keys of every object reversed': (states) => states.map((state) => state.map(reverseKeys)),
  'with every state the other way round': (states) => states.map((state) => [...state].reverse()),
  'in reversed order, and then the last': (states) => [...[...states].reverse(), ...states.slice(-1)],
  'with nothing in between': (states) => states.flatMap((state) => [[], state]),
  'all squashed into one': (states) => [states.flat(), ...states.slice(-1)],
}

describe('a model at the end of a sequence of states is the same as one that saw the last alone', () => {
  test.each(Object.entries(expanders))('%s', (_, expand) => {
    fc.assert(
      fc.property(acceptableStates(worldsArbitrary(3)), (states) => {
        const sequence = new Sequence()
        for (const state of expand(states)) sequence.become(state)
        expect(snapshotOf(sequence.model)).toEqual(alone(states.at(-1) ?? []))
      }),
      { numRuns: 30, interruptAfterTimeLimit: 25_000 },
    )
  })
})
