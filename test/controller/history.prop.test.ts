import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { DeclaredFile } from '../../src/controller/declared.ts'
import { canonicalJson } from '../../src/core/digest.ts'
import { isEmptyPlan } from '../../src/controller/plan.ts'
import { reverseKeys } from '../reference/reverse-keys.ts'
import { group, instance, vpc } from '../reference/objects.ts'
import { worldsArbitrary } from '../reference/arbitraries/world.ts'
import { acceptableStates } from '../policy/acceptable-states.ts'
import { fileOf, RecordedEngine, type Crash } from './recorded-engine.ts'

type State = readonly PalisadeObject[]

const known = new Map<string, DeclaredFile>()

/** One state as files, one for each object. A file is the same for as long as it says the same. */
function filesOf(state: State): readonly DeclaredFile[] {
  return state.map((object) => {
    const text = JSON.stringify(object)
    const file = known.get(text) ?? fileOf(`${object.kind}-${object.metadata.name}.yaml`, [object])
    known.set(text, file)
    return file
  })
}

/** All in one file, the other way round. */
const reversed = (state: State): readonly DeclaredFile[] => [fileOf('all.yaml', [...state].reverse())]

function statusOf(state: State): readonly string[] {
  const engine = new RecordedEngine()
  engine.reconcile(filesOf(state))
  return engine.bytes()
}

/** The ways to tell one story: each gives the files that are looked at on the way to a state, the last being its own. */
const expanders: Readonly<
  Record<string, (last: State, next: State) => readonly (readonly DeclaredFile[])[]>
> = {
  'as it is': (_, next) => [filesOf(next)],
  'in reversed order': (_, next) => [reversed(next)],
  'looked at twice': (_, next) => [filesOf(next), filesOf(next)],
  'with nothing in between': (_, next) => [[], filesOf(next)],
  'file by file': (last, next) => {
    const [before, after] = [filesOf(last), filesOf(next)]
    const paths = [...new Set([...before, ...after].map(({ path }) => path))]
    return paths.map((_, count) => {
      const done = new Set(paths.slice(0, count + 1))
      return [...before.filter(({ path }) => !done.has(path)), ...after.filter(({ path }) => done.has(path))]
    })
  },
}

/** The statuses that differ, for a failure that can be read. */
function differences(found: readonly string[], expected: readonly string[]): readonly string[] {
  const missing = expected.filter((text) => !found.includes(text)).map((text) => `- ${text}`)
  const extra = found.filter((text) => !expected.includes(text)).map((text) => `+ ${text}`)
  return [...missing, ...extra].sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1))
}

/** See the same in test/policy/acceptance: a deleted group that is kept for the sake of its name. */
function isDefaultKept({ engine, statuses }: RecordedEngine, state: State): boolean {
  const declared = new Set(state.map(keyOf))
  return [...statuses.keys()].some(
    (key) => key.endsWith('-default') && !declared.has(key) && engine.model.object(key) !== undefined,
  )
}

const settings = { numRuns: 30, interruptAfterTimeLimit: 25_000 }

describe('the status of every object depends on what is declared, not on how it came to be', () => {
  test.each(Object.entries(expanders))('%s', (_, expand) => {
    fc.assert(
      fc.property(acceptableStates(worldsArbitrary(3)), (states) => {
        const engine = new RecordedEngine()
        let last: State = []
        for (const state of states) {
          for (const files of expand(last, state)) engine.reconcile(files)
          if (isDefaultKept(engine, state)) return
          last = state
          const alone = new RecordedEngine()
          alone.reconcile(filesOf(state))
          expect(differences(engine.bytes(true), alone.bytes(true))).toEqual([])
          expect(engine.ruleset).toEqual(alone.ruleset)
        }
      }),
      settings,
    )
  })

  test('to the byte, generations included, when one state comes in any order and any number of parts', () => {
    fc.assert(
      fc.property(
        acceptableStates(worldsArbitrary(1)),
        fc.integer({ min: 1, max: 4 }),
        ([state = []], parts) => {
          const engine = new RecordedEngine()
          const shuffled = [...state].reverse()
          for (let part = 1; part <= parts; part++) {
            const count = Math.ceil((shuffled.length * part) / parts)
            engine.reconcile(filesOf(shuffled.slice(0, count)))
          }
          expect(differences(engine.bytes(), statusOf(state))).toEqual([])
        },
      ),
      settings,
    )
  })
})

const endings: readonly (readonly [string, Crash | undefined])[] = [
  ['when it was done', undefined],
  ['before the firewall was told', 'BeforeFirewall'],
  ['before the statuses were written', 'BeforeStatus'],
  ['before it was noted that they were', 'BeforeLastInventory'],
]

describe('the order in which a person writes the keys of an object', () => {
  test('shows in the copy of the object and nowhere else: same digests, same conditions, same ruleset', () => {
    const canonical = (texts: readonly string[]): readonly string[] =>
      texts.map((text) => canonicalJson(JSON.parse(text)))
    fc.assert(
      fc.property(acceptableStates(worldsArbitrary(1)), ([state = []]) => {
        const [straight, turned] = [new RecordedEngine(), new RecordedEngine()]
        straight.reconcile(filesOf(state))
        turned.reconcile(filesOf(state.map(reverseKeys)))
        expect(differences(canonical(turned.bytes()), canonical(straight.bytes()))).toEqual([])
        expect([...turned.ruleset.instances]).toEqual([...straight.ruleset.instances])
        straight.reconcile(filesOf(state.map(reverseKeys)))
        expect(differences(canonical(straight.bytes()), canonical(turned.bytes()))).toEqual([])
      }),
      settings,
    )
  })
})

describe('an engine at the end of a sequence of states is the same as one that saw the last alone', () => {
  const sequences: Readonly<Record<string, (states: readonly State[]) => readonly State[]>> = {
    'with the states in reversed order before it': (states) => [
      ...[...states].reverse(),
      ...states.slice(-1),
    ],
    'with empty states inserted everywhere': (states) => states.flatMap((state) => [[], state, [], state]),
    'with each state twice': (states) => states.flatMap((state) => [state, state]),
  }

  test.each(Object.entries(sequences))('%s', (_, expand) => {
    fc.assert(
      fc.property(acceptableStates(worldsArbitrary(3)), (states) => {
        const engine = new RecordedEngine()
        for (const state of expand(states)) {
          engine.reconcile(filesOf(state))
          if (isDefaultKept(engine, state)) return
        }
        const alone = new RecordedEngine()
        alone.reconcile(filesOf(states.at(-1) ?? []))
        expect(differences(engine.bytes(true), alone.bytes(true))).toEqual([])
        expect(engine.ruleset).toEqual(alone.ruleset)
      }),
      settings,
    )
  })
})

describe('a restart changes nothing', () => {
  test.each(endings)('between any two steps, the last one having ended %s', (_, crash) => {
    fc.assert(
      fc.property(acceptableStates(worldsArbitrary(3)), (states) => {
        const steady = new RecordedEngine()
        const restarted = new RecordedEngine()
        for (const state of states) {
          const files = filesOf(state)
          steady.reconcile(files)
          if (isDefaultKept(steady, state)) return
          restarted.reconcile(files, crash)
          restarted.restart()
          const after = restarted.reconcile(files)
          if (crash === undefined) {
            expect(isEmptyPlan(after.plan)).toBe(true)
            expect(restarted.written).toBe(0)
          }
          expect(differences(restarted.bytes(), steady.bytes())).toEqual([])
          expect(restarted.ruleset).toEqual(steady.ruleset)
        }
      }),
      settings,
    )
  })
})

describe('a process that was killed while it wrote statuses', () => {
  const shop = vpc('shop')
  const member = instance('web-1', 'shop', ['web'], { addresses: ['10.0.0.1'] })
  const web = (port: number): PalisadeObject =>
    group('web', 'shop', { ingress: [{ protocol: 'TCP', ports: [port] }] })
  const state = (port: number): readonly DeclaredFile[] => [fileOf('shop.yaml', [shop, web(port), member])]

  test.each(endings)(
    'is followed by one that trusts none of them, though the change was taken back: %s',
    (_, crash) => {
      const engine = new RecordedEngine()
      engine.reconcile(state(443))
      const before = engine.bytes(true)
      engine.reconcile(state(80), crash)
      engine.reconcile(state(443))
      expect(differences(engine.bytes(true), before)).toEqual([])
    },
  )
})
