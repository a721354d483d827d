import { describe, expect, test } from 'vitest'
import { Cel } from '../../src/schema/cel.ts'
import { readsOf } from '../../src/schema/cel-reads.ts'
import { Rule } from '../../src/schema/rule.ts'
import { readSchema } from '../../src/schema/structural.ts'

const cel = new Cel()
const holds = (expression: string, self: unknown, oldSelf?: unknown): unknown =>
  new Rule(expression, cel).holds(self, oldSelf)

/** `aspect root.path` of everything that an expression reads. */
const reads = (expression: string): readonly string[] =>
  readsOf(cel.parse(expression)).map(({ aspect, root, path }) => `${aspect} ${[root, ...path].join('.')}`)

describe('what an expression reads', () => {
  test.each([
    ['true', []],
    ['self', ['value self']],
    ['self == oldSelf', ['value self', 'value oldSelf']],
    ['self.a.b == 1', ['value self.a.b']],
    ['has(self.a)', ['presence self.a']],
    ['!has(self.a.b)', ['presence self.a.b']],
    ['self.a.size() == 0 && size(self.b) == 0', ['size self.a', 'size self.b']],
    ['has(self.a) && self.a == 1', ['value self.a']],
    ['has(self.a) && self.a.size() == 0', ['presence self.a', 'size self.a']],
    ["self.a[0].b == 'x'", ['value self.a']],
    ["self['a'] == 1", ['value self']],
    ['self.a.all(x, x == self.b)', ['value self.a', 'value self.b']],
    ['[has(self.a), has(self.b)].filter(given, given).size() == 1', ['presence self.a', 'presence self.b']],
    ['{"a": self.a}.size() == 1', ['value self.a']],
    ['self.a ? self.b : self.c', ['value self.a', 'value self.b', 'value self.c']],
    ['-self.a < 0', ['value self.a']],
    [
      "self.a.contains(self.b) || self.c in ['x', self.d]",
      ['value self.a', 'value self.b', 'value self.c', 'value self.d'],
    ],
  ])('%s', (expression, expected) => {
    expect(reads(expression)).toEqual(expected)
  })
})

describe('a rule', () => {
  test('is true, false, or in error', () => {
    expect(holds('self.a == 1', { a: 1 })).toBe(true)
    expect(holds('self.a == 1', { a: 2 })).toBe(false)
    expect(holds('self.a == 1', {})).toEqual({ error: 'No such key: a' })
    expect(holds('self.a', { a: 'x' })).toEqual({ error: 'the rule is neither true nor false' })
  })

  // CEL's || is true when either side is, even if the other is in error.
  test.each([
    ['self.a == 1 || self.b == 1', { b: 1 }, true],
    ['self.a == 1 || self.b == 1', { b: 2 }, { error: 'No such key: a' }],
    ['self.a == 1 || self.b == 1', { a: 2, b: 2 }, false],
    ['!has(self.a.b) || self.c == 1', { c: 1 }, true],
    ['!has(self.a.b) || self.c == 1', { c: 2 }, { error: 'No such key on the way to a.b' }],
    ['!has(self.a.b) || self.c == 1', { a: {}, c: 2 }, true],
    ['!has(self.a.b) || self.c == 1', { a: { b: 0 }, c: 2 }, false],
  ])('%s of %j', (expression, self, outcome) => {
    expect(holds(expression, self)).toEqual(outcome)
  })

  test('remembers no more than it reads, and nothing that looks alike and is not', () => {
    const rule = new Rule("self.a + self.b == 'xyz' || self.c == 1", cel)
    const outcomes = [
      { a: 'xy', b: 'z', c: 0 },
      { a: 'x', b: 'yz', c: 0 },
      { a: 'x', b: 'y', c: 0 },
      { a: 'x', b: 'y', c: 1 },
      { a: 'x', b: 'y', c: '1' },
    ].map((self) => rule.holds(self, undefined))
    expect(outcomes).toEqual([true, true, false, true, false])

    const typed = new Rule('type(self) == int', cel)
    expect([1, '1', 1].map((self) => typed.holds(self, undefined))).toEqual([true, false, true])
  })

  test('forgets when it has seen many values, and stays right', () => {
    const rule = new Rule('self % 2 == 0', cel)
    const wrong = Array.from({ length: 40_000 }, (_, value) => value % 20_000).filter(
      (value) => rule.holds(value, undefined) !== (value % 2 === 0),
    )
    expect(wrong).toEqual([])
  })

  test('is a transition rule when it reads oldSelf', () => {
    expect(new Rule('self == oldSelf', cel).usesOldSelf).toBe(true)
    expect(new Rule("self == 'oldSelf'", cel).usesOldSelf).toBe(false)
  })

  test('that is not CEL is refused', () => {
    expect(() => new Rule('self ==', cel)).toThrow()
    expect(() => new Rule('sel == 1', cel)).not.toThrow()
  })

  test('may read only what values of the schema have', () => {
    const schema = readSchema(
      { type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'string' } } } } },
      'spec',
    )
    const check = (expression: string) => (): void => {
      new Rule(expression, cel).checkAgainst(schema, 'spec')
    }
    expect(check("has(self.a.b) && self.a.b != '' && oldSelf.a.b == ''")).not.toThrow()
    expect(check('!has(self.c)')).toThrow('spec: a rule reads self.c, which is not there')
    expect(check('self.a.b.c == 1')).toThrow('spec: a rule reads self.a.b.c, which is not there')
    expect(check('self.a == oldSelf.d')).toThrow('spec: a rule reads oldSelf.d, which is not there')
  })
})
