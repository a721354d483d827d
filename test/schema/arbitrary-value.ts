import fc from 'fast-check'
import type { ScalarSchema, StructuralSchema } from '../../src/schema/structural.ts'

const texts = [
  ...['', 'a', 'web', 'TCP', 'icmp', 'ICMPv6', 'All', '6', '58', '300', '80', '80-90', '90-80', '0', '70000'],
  ...[
    '10.0.0.0/8',
    '10.0.0.1',
    '10.0.0.1/8',
    '2001:db8::/32',
    '2001:db8::1',
    '10.0.0.0/33',
    '^[a-z]+$',
    '\u202e',
  ],
]
const integers = [0, 1, 2, 6, 8, 58, 80, 100, 255, 443, 65_535, 70_000]
const misfits: readonly unknown[] = [
  null,
  1.5,
  -1,
  true,
  'x',
  [],
  {},
  [null],
  { name: 'a' },
  NaN,
  Infinity,
  1e300,
]

/**
 * Values of the right types for the schema, with fields left out at random. The texts and numbers
 * come from a few that rules treat differently, so that rules are broken often and kept often.
 */
export function arbitraryValue(schema: StructuralSchema): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'object': {
      const fields = [...schema.properties].map(([name, child]) => [name, arbitraryValue(child)] as const)
      const required = schema.required.filter((name) => schema.properties.has(name))
      return fc.record<Record<string, unknown>>(Object.fromEntries(fields), { requiredKeys: [...required] })
    }
    case 'map':
      return fc.dictionary(fc.constantFrom('a', 'role', '__proto__'), arbitraryValue(schema.values), {
        maxKeys: 2,
      })
    case 'list':
      return fc.array(arbitraryValue(schema.items), { minLength: schema.minItems, maxLength: 3 })
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.constantFrom(...integers)
    case 'int-or-string':
      return fc.constantFrom(...integers, ...texts)
    case 'string':
      return arbitraryText(schema)
  }
}

function arbitraryText({ options, pattern }: ScalarSchema): fc.Arbitrary<string> {
  if (options !== undefined) return fc.constantFrom(...options)
  const fitting = pattern === undefined ? texts : texts.filter((text) => new RegExp(pattern, 'u').test(text))
  return fitting.length === 0 ? fc.constantFrom(...texts) : fc.constantFrom(...fitting)
}

/** Values of the schema in which some part has been replaced by something that is not of its type. */
export function arbitraryMisfit(schema: StructuralSchema): fc.Arbitrary<unknown> {
  return fc
    .tuple(
      arbitraryValue(schema),
      fc.array(fc.tuple(fc.nat(1000), fc.constantFrom(...misfits)), { maxLength: 3 }),
    )
    .map(([value, changes]) =>
      changes.reduce((changed, [place, misfit]) => replaced(changed, place, misfit), value),
    )
}

/** Goes down into the value as `place` says, and puts the misfit where it ends. */
function replaced(value: unknown, place: number, misfit: unknown): unknown {
  if (typeof value !== 'object' || value === null || place % 5 === 0) return misfit
  const next = Math.floor(place / 2)
  if (Array.isArray(value)) {
    const items: unknown[] = [...value]
    if (items.length === 0) return [misfit]
    const index = place % items.length
    return items.map((item, at) => (at === index ? replaced(item, next, misfit) : item))
  }
  const entries = Object.entries(value)
  if (entries.length === 0 || place % 7 === 0) return { ...value, stray: misfit }
  const chosen = place % entries.length
  return Object.fromEntries(
    entries.map(([key, item], at): [string, unknown] => [
      key,
      at === chosen ? replaced(item, next, misfit) : item,
    ]),
  )
}
