import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LabelSelector } from '../../src/api/types.gen.ts'
import { LabelIndex } from '../../src/policy/label-index.ts'
import { compileSelector, type Labels } from '../../src/policy/selector.ts'

/** A user of a selector. */
interface User {
  readonly name: string
}

const KEYS = ['app', 'tier', 'zone'] as const
const VALUES = ['0', '1', '2', '3'] as const

const labels: fc.Arbitrary<Labels> = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES), {
  maxKeys: 3,
})

const selector: fc.Arbitrary<LabelSelector> = fc.record(
  {
    matchLabels: labels,
    matchExpressions: fc.array(
      fc.oneof(
        fc.record({
          key: fc.constantFrom(...KEYS),
          operator: fc.constantFrom('In' as const, 'NotIn' as const),
          values: fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1 }),
        }),
        fc.record({
          key: fc.constantFrom(...KEYS),
          operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const),
        }),
      ),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
)

type Step =
  | { readonly what: 'Acquire'; readonly labels: Labels }
  | { readonly what: 'Subscribe'; readonly selector: LabelSelector }
  /** Takes back one of those that were done; `which` counts round. */
  | { readonly what: 'Release' | 'Unsubscribe'; readonly which: number }

/** More come than go, so that there are sometimes few and sometimes dozens. */
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ what: fc.constant('Acquire' as const), labels }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('Subscribe' as const), selector }) },
    {
      weight: 2,
      arbitrary: fc.record({
        what: fc.constantFrom('Release' as const, 'Unsubscribe' as const),
        which: fc.nat(),
      }),
    },
  ),
  { maxLength: 80, size: 'max' },
)

/** The index, and what was put into it. */
class Course {
  readonly #index = new LabelIndex<User>()
  readonly #labels: Labels[] = []
  readonly #users: { readonly user: User; readonly selector: LabelSelector }[] = []

  take(step: Step): void {
    if (step.what === 'Acquire') {
      this.#labels.push(step.labels)
      this.#index.acquire(step.labels)
    } else if (step.what === 'Subscribe') {
      const user = { name: `user-${String(this.#users.length)}` }
      this.#users.push({ user, selector: step.selector })
      this.#index.subscribe(compileSelector(step.selector), user)
    } else if (step.what === 'Release') {
      const [gone] = this.#labels.splice(step.which % Math.max(1, this.#labels.length), 1)
      if (gone !== undefined) this.#index.release(gone)
    } else {
      const [gone] = this.#users.splice(step.which % Math.max(1, this.#users.length), 1)
      if (gone !== undefined) this.#index.unsubscribe(compileSelector(gone.selector), gone.user)
    }
  }

  /** Users whose selectors match, by the index and by trying all. */
  selecting(some: Labels): readonly [readonly User[], readonly User[]] {
    const found = [...this.#index.selecting(some)].flatMap(({ users }) =>
      users.size === 0 ? NOBODY : [...users],
    )
    const due = this.#users.filter(({ selector: one }) => compileSelector(one).matches(some))
    return [sorted(found), sorted(due.map(({ user }) => user))]
  }

  /** Label sets that are there and match, by the index and by trying all. */
  matching(some: LabelSelector): readonly [readonly string[], readonly string[]] {
    const compiled = compileSelector(some)
    const found = [...this.#index.matching(compiled)].map((one) => textOf(one.labels))
    const due = new Set(this.#labels.filter((one) => compiled.matches(one)).map(textOf))
    return [found.sort(), [...due].sort()]
  }
}

/** Of a selector that nobody uses and that is there nevertheless. */
const NOBODY: readonly User[] = [{ name: 'nobody' }]

const sorted = (users: readonly User[]): readonly User[] =>
  users.toSorted((a, b) => (a.name < b.name ? -1 : 1))

const textOf = (some: Labels): string => JSON.stringify(Object.entries(some).sort())

describe('an index of label sets and selectors', () => {
  test('finds what trying all finds, however few or many there are', () => {
    fc.assert(
      fc.property(steps, fc.array(labels), fc.array(selector), (sequence, otherLabels, otherSelectors) => {
        const course = new Course()
        const seenLabels = sequence.flatMap((step) => (step.what === 'Acquire' ? [step.labels] : []))
        const seenSelectors = sequence.flatMap((step) => (step.what === 'Subscribe' ? [step.selector] : []))
        for (const [at, step] of sequence.entries()) {
          course.take(step)
          if (at % 8 !== 0 && at < sequence.length - 1) continue
          for (const some of [...seenLabels, ...otherLabels]) {
            const [found, due] = course.selecting(some)
            expect(found).toEqual(due)
          }
          for (const some of [...seenSelectors, ...otherSelectors]) {
            const [found, due] = course.matching(some)
            expect(found).toEqual(due)
          }
        }
      }),
      { numRuns: 200 },
    )
  })
})
