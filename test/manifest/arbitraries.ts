import fc from 'fast-check'
import type { UnknownRecord } from '../../src/core/record.ts'

/** Texts that mean something else in some YAML when they are not quoted, or are hard to quote. */
const pitfalls = [
  ...['yes', 'No', 'on', 'OFF', 'y', 'N', 'null', '~', 'true', 'False', '.inf', '-.INF', '.NaN', ''],
  ...['0443', '1e3', '1_000', '22:22', '0x1F', '0o7', '2024-01-01', '12', '-1.5', '10.0.0.1', '10.0.0.0/8'],
  ...['<<', '=', '-', '?', ':', '#', '#a', 'a #b', 'a: b', 'a:', ':a', 'a::b', '- a', '? a', 'fd00::1', '::'],
  ...[
    '%a',
    '@a',
    '`a',
    '!a',
    '&a',
    '*a',
    '|',
    '>',
    '[a]',
    '{a}',
    'a, b',
    "it's",
    '"a"',
    'a\\n',
    '---',
    '...',
  ],
  ...[' a', 'a ', '\n', 'a\nb\n', '\ta', 'a\t', '\u0000', '\u007f', '\u0085', '\u2028', '\ufeff', '\ufffe'],
  ...['\u00e9', '\u6f22\u5b57', '\u{1f600}', 'sha256:ab12', '00:11:22:33:44:55'],
]

const text = fc.oneof(
  fc.constantFrom(...pitfalls),
  fc.string(),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  fc.string({ unit: fc.constantFrom(...' \t\n:-#?,[]{}&*!|>\'"%@`abc019._/~+=;()<>^$\\'.split('')) }),
)

const number = fc
  .oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, 1e-7, 1.5e-9, 0.1),
  )
  .filter((value) => Number.isSafeInteger(value) || value % 1 !== 0)
  // -0 is 0 in JSON.
  .map((value) => value + 0)

/** Values as JSON has them, with these texts and keys. */
const jsonOf = (text: fc.Arbitrary<string>) =>
  fc.letrec<{ value: unknown; object: UnknownRecord }>((tie) => {
    const leaf = fc.oneof(fc.constant(null), fc.boolean(), number, text)
    return {
      value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 4 }), tie('object')),
      object: fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    }
  })

export const json = jsonOf(text)

/** Keys, too, can be longer than the 1024 characters that a reader looks ahead for their colon. */
export const longJson = jsonOf(fc.oneof({ weight: 9, arbitrary: text }, fc.constant('a'.repeat(1200))))

const manifests = [
  `kind: SecurityGroup
metadata: {name: web, labels: {a: "b"}}
spec:
  description: "Allow port 80
    and more" # comment
  text: |
    line one
      line two

    line three
  folded: >-
    some folded
    text
  ingress:
  - name: https
    ports: [443, "8000-8080"]
    remote: {cidr: 0.0.0.0/0}
  - {name: 'it''s', ports: []}
  -
    name: x
  egress: []
  empty:
`,
  `spec:
  z:
  - - a
    - &x {b: [c], d: e}
  - *x
  -
    - f
  ? g
  : h
  i: plain text
    going on

    and on
  "k l" : 'single

    quoted'
  m: >

    folded
     more

  n: |2-
     indented
`,
  `{"spec": {"a": [1, 2.5, true, null, "x\\ny"], "b": {}, "c": {"d": "e"}}}
`,
]

const bits = [
  ...[' ', '  ', '\n', '\n\n', '\n  ', '\r\n', ':', ': ', ' :', '\n:', '- ', '-', '\n-', '#', ' #', '"', "'"],
  ...[
    '[',
    ']',
    '{',
    '}',
    '[]',
    '{}',
    ',',
    ', ',
    '|',
    '>',
    '|2',
    '|+',
    '>-',
    '&a ',
    '*x',
    '? ',
    '!',
    '!!str ',
  ],
  ...['%', '@', '`', '\\', '\\\n', '---', '\n---\n', '...', 'a', '0', '~', '<<: ', '=', '\u00e9', 'key: '],
]

/** Manifests that someone damaged in a few places. Tabs are left out: what `yaml` has of them differs. */
export const damaged = fc
  .tuple(
    fc.constantFrom(...manifests),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.constantFrom(...bits)), { maxLength: 4 }),
  )
  .map(([manifest, edits]) =>
    edits.reduce((text, [place, removed, bit]) => {
      const at = place % (text.length + 1)
      return text.slice(0, at) + bit + text.slice(at + removed)
    }, manifest),
  )
