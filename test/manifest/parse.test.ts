import { describe, expect, test } from 'vitest'
import { placesOf, read, refused, valuesOf, withField } from './reading.ts'

describe('the documents of a file', () => {
  test('come in their order, each with its own value', () => {
    expect(valuesOf(read('a: 1\n---\nb: [x, 2.5, true, null]\n---\nc: {d: e}\n'))).toEqual([
      { a: 1 },
      { b: ['x', 2.5, true, null] },
      { c: { d: 'e' } },
    ])
  })

  test.each([
    ['blank lines', '\n\n  \n'],
    ['comments', '# nothing here\n---\n# nor here\n'],
    ['markers', '---\n---\n...\n---\n'],
  ])('%s is no document and no finding', (_what, text) => {
    expect(read(text)).toEqual({ documents: [], findings: [], complete: true })
  })

  test('no content at all is a finding, and what the file gave before is kept', () => {
    expect(refused('')).toEqual(['1:1 EmptyFile'])
  })

  test.each([
    ['a text', 'hello\n', '1:1'],
    ['a number', '--- 5\n', '1:5'],
    ['null', '---\nnull\n', '2:1'],
    ['a list', '- a\n', '1:1'],
  ])('%s is a finding', (_what, text, place) => {
    expect(refused(text)).toEqual([`${place} NotAMapping`])
  })

  test('JSON is YAML, with tabs and without spaces', () => {
    const value = {
      apiVersion: 'palisade.dev/v1alpha1',
      spec: { ports: [443, '8000-8080'], text: 'a\n"\u00e9' },
    }
    expect(valuesOf(read(JSON.stringify(value, null, '\t')))).toEqual([value])
    expect(valuesOf(read(JSON.stringify(value)))).toEqual([value])
  })

  test('a byte order mark and CRLF line ends change nothing', () => {
    const manifest = read('\ufeffa: |\r\n  x\r\n  y\r\nb: "1\r\n  2"\r\n---\r\nc: 3\r\n')
    expect(valuesOf(manifest)).toEqual([{ a: 'x\ny\n', b: '1 2' }, { c: 3 }])
    expect(manifest.complete).toBe(true)
  })

  test('timestamps, addresses and versions with two dots are text', () => {
    const text =
      'spec: [2024-01-01, 2024-01-01T00:00:00Z, 10.0.0.1, 10.0.0.0/16, "fd00::/48", fd00::1, 1.2.3]\n'
    expect(valuesOf(read(text))).toEqual([
      {
        spec: [
          '2024-01-01',
          '2024-01-01T00:00:00Z',
          '10.0.0.1',
          '10.0.0.0/16',
          'fd00::/48',
          'fd00::1',
          '1.2.3',
        ],
      },
    ])
  })

  test('the fields of Object.prototype are fields like any other', () => {
    const [value] = valuesOf(read('__proto__: {polluted: a}\nconstructor: b\ntoString: c\n'))
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":"a"},"constructor":"b","toString":"c"}')
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  test('an alias stands for the value that it names', () => {
    const manifest = read('a: &x {b: [1]}\nc: *x\nd: &y text\ne: [*y, *x]\n')
    expect(valuesOf(manifest)).toEqual([{ a: { b: [1] }, c: { b: [1] }, d: 'text', e: ['text', { b: [1] }] }])
  })
})

describe('one bad document of many', () => {
  test.each([
    ['a quote that is not closed', 'b: "x', '4:1 YamlSyntax'],
    ['a bracket that is not closed', 'b: [x', '4:1 YamlSyntax'],
    ['wrong indentation', 'b: 1\n  c: 2', '4:4 YamlSyntax'],
    ['an equal key', 'b: 1\nb: 2', '4:1 DuplicateKey'],
    ['a list', '- b', '3:1 NotAMapping'],
  ])('%s leaves the others', (_what, bad, place) => {
    const manifest = read(`a: 1\n---\n${bad}\n---\nc: 3\n`)
    expect(valuesOf(manifest)).toEqual([{ a: 1 }, { c: 3 }])
    expect(placesOf(manifest.findings)).toEqual([place])
    expect(manifest.complete).toBe(false)
  })

  test('a text in quotes that contains a line with --- is told that this ends the document', () => {
    const [first] = read('a: "x\n---\nb: 1\n').findings
    expect(first?.hint).toBe(
      'a line that begins with --- or ... ends the document, even within quotes and brackets',
    )
  })
})

describe('a list of objects', () => {
  const list = (items: string): string => `apiVersion: v1\nkind: List\nitems:\n${items}`

  test('is its items', () => {
    expect(valuesOf(read(list('- {kind: A}\n- {kind: B}\n')))).toEqual([{ kind: 'A' }, { kind: 'B' }])
  })

  test('may be one of a kind, or lie in another', () => {
    const text = 'kind: VPCList\nitems:\n- {kind: A}\n- kind: List\n  items: [{kind: B}]\n'
    expect(valuesOf(read(text))).toEqual([{ kind: 'A' }, { kind: 'B' }])
  })

  test.each(['', '  []\n', '  null\n'])('may be empty: items:%j', (items) => {
    expect(read(`apiVersion: v1\nkind: List\nitems:\n${items}`)).toEqual({
      documents: [],
      findings: [],
      complete: true,
    })
  })

  test('gives the position of a field within an item', () => {
    const [, second] = read(list('- {kind: A}\n- kind: B\n  spec:\n    x: 1\n')).documents
    expect(second?.locate(['spec', 'x'])).toEqual({ file: 'shop.yaml', line: 7, column: 8 })
  })

  test('loses the items that are bad and keeps the others', () => {
    const manifest = read(list('- {kind: A}\n- 5\n- {kind: B, x: 0443}\n- {kind: C}\n'))
    expect(valuesOf(manifest)).toEqual([{ kind: 'A' }, { kind: 'C' }])
    expect(placesOf(manifest.findings)).toEqual(['6:16 AmbiguousScalar', '5:3 NotAMapping'])
    expect(manifest.complete).toBe(false)
  })

  test('has nothing beside its items, where an object with wrong indentation would get lost', () => {
    expect(refused(`${list('- {kind: A}\n')}spec: {}\n`)).toEqual(['5:7 UnknownListField'])
  })

  test('with items that are no list is a finding', () => {
    expect(refused('apiVersion: v1\nkind: List\nitems: {a: b}\n')).toEqual(['3:8 NotAList'])
  })

  test('of which the items are written twice gives none of them', () => {
    expect(refused(`${list('- {kind: A}\n')}items:\n- {kind: B}\n`)).toEqual(['5:1 DuplicateKey'])
  })
})

describe('objects of other API groups', () => {
  const foreign = 'apiVersion: apps/v1\nkind: Deployment\nspec: {x: on, y: 0443, z: !Ref a, x: 1, 5: a}\n'

  test('may be written in ways that we refuse', () => {
    const manifest = read(`${foreign}---\napiVersion: v1\nkind: ConfigMap\ndata: {<<: {a: no}}\n`)
    expect(manifest.documents).toHaveLength(2)
    expect(manifest.findings).toEqual([])
    expect(manifest.complete).toBe(true)
  })

  test('do not make ours lenient in the same list', () => {
    const manifest = read(
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, x: on}\n- {apiVersion: palisade.dev/v1alpha1, x: on}\n',
    )
    expect(valuesOf(manifest)).toEqual([{ apiVersion: 'v1', x: 'on' }])
    expect(placesOf(manifest.findings)).toEqual(['5:42 AmbiguousScalar'])
  })

  test('do not hide what an alias brings into ours', () => {
    const text =
      'kind: List\nitems:\n- {apiVersion: v1, x: &x [0443]}\n- {apiVersion: palisade.dev/v1alpha1, ports: *x}\n'
    expect(refused(text)).toEqual(['3:27 AmbiguousScalar'])
  })

  test('are not told by an apiVersion that is written twice', () => {
    expect(refused('apiVersion: palisade.dev/v1alpha1\nspec: {x: on}\napiVersion: v1\n')).toEqual([
      '2:11 AmbiguousScalar',
      '3:1 DuplicateKey',
    ])
  })

  test('are told by an apiVersion: without one the rules are ours', () => {
    expect(refused('kind: VPC\nspec: {x: on}\n')).toEqual(['2:11 AmbiguousScalar'])
  })
})

describe('YAML that manifests do not use', () => {
  test.each([
    ['a tag', withField('!custom x'), '3:15 UnsupportedYaml'],
    ['a tag of YAML itself', withField('!!str 5'), '3:15 UnsupportedYaml'],
    ['a merge key', withField('{<<: {a: 1}}'), '3:16 UnsupportedYaml'],
    ['a list as a key', withField('{[a]: b}'), '3:16 UnsupportedYaml'],
    ['an alias as a key', 'a: &x y\n*x : z\n', '2:1 UnsupportedYaml'],
    ['half of a surrogate pair', withField('"\\ud800"'), '3:15 UnsupportedYaml'],
    ['a directive', '%YAML 1.1\n---\na: 1\n', '1:1 UnsupportedYaml'],
    ['a directive after another document', '...\n# so\n%TAG ! x\n---\na: 1\n', '3:1 UnsupportedYaml'],
    ['a number as a key', withField('{443: x}'), '3:16 KeyNotText'],
    ['no key', withField('{: x}'), '3:18 KeyNotText'],
    ['an alias of nothing', withField('*x'), '3:15 UnknownAlias'],
    ['an alias of itself', 'a: &x {b: [*x]}\n', '1:12 AliasCycle'],
  ])('%s is refused where it stands', (_what, text, place) => {
    expect(refused(text)).toContain(place)
  })
})

describe('a file that is no text', () => {
  test.each([
    ['UTF-16', Buffer.from('\ufeffa: 1', 'utf16le'), '1:1 NotUtf8'],
    ['Latin-1', Buffer.from('a: b\nc: caf\u00e9 \n', 'latin1'), '2:7 NotUtf8'],
    ['a cut-off character', Buffer.from('a: \u00e9').subarray(0, 4), '1:4 NotUtf8'],
    ['an image', Buffer.from('89504e470d0a1a0a', 'hex'), '1:1 NotUtf8'],
    ['NUL', Buffer.from('a: b\nc: d\0'), '2:5 ControlCharacter'],
    ['an escape sequence', Buffer.from('a: \u001b[31m'), '1:4 ControlCharacter'],
    ['NEL, a line end of YAML 1.1 only', Buffer.from('a: b\u0085c: d'), '1:5 ControlCharacter'],
    ['LS, a line end of YAML 1.1 only', Buffer.from('a: b\u2028c: d'), '1:5 ControlCharacter'],
    ['CR alone', Buffer.from('a: b\rc: d'), '1:5 ControlCharacter'],
    ['a byte order mark in the middle', Buffer.from('a: b\n\ufeffc: d'), '2:1 ControlCharacter'],
  ])('%s is a finding where it begins', (_what, bytes, place) => {
    expect(refused(bytes)).toEqual([place])
  })
})

describe('tabs', () => {
  test.each([
    ['before a field', 'a:\n\tb: 1\n', '2:1'],
    ['after spaces', 'a:\n  b: 1\n  \tc: 2\n', '3:3'],
    ['before an item', 'a:\n\t- b\n', '2:1'],
  ])('%s are no indentation', (_what, text, place) => {
    expect(refused(text)).toEqual([`${place} TabIndentation`])
  })
})

test('a template is told to be rendered first', () => {
  expect(read('a: {{ .Values.a }}: b }\n').findings[0]?.hint).toBe(
    'this looks like a template: render it first',
  )
})

describe('numbers that JSON cannot keep', () => {
  test.each([
    ['9007199254740991', []],
    ['9007199254740992', ['3:15 NumberOutOfRange']],
    ['-9007199254740993', ['3:15 NumberOutOfRange']],
    ['0x20000000000000', ['3:15 NumberOutOfRange']],
    ['1.0e+300', ['3:15 NumberOutOfRange']],
    ['.inf', ['3:15 NumberOutOfRange']],
    ['-.INF', ['3:15 NumberOutOfRange']],
    ['.nan', ['3:15 NumberOutOfRange']],
    ['1e999', ['3:15 AmbiguousScalar']],
    ['"9007199254740992"', []],
  ])('%s: %j', (number, places) => {
    expect(placesOf(read(withField(number)).findings)).toEqual(places)
  })
})

describe('what the parser has otherwise than other readers', () => {
  test.each([
    ['a colon right before a comma', 'a: [b:, c]\n', '1:5 AmbiguousScalar'],
    ['a colon right before a brace', 'a: {b:}\n', '1:5 AmbiguousScalar'],
    ['a question mark before text', 'a: [?b, c]\n', '1:5 AmbiguousScalar'],
    ['a key after a value in the same line', 'a:\n- {b: c}d:\n  - e\n', '2:9 YamlSyntax'],
    ['a mapping in the line of a key and its anchor', 'a: &x b: c\n', '1:7 YamlSyntax'],
    ['an escaped line break before an empty line', 'a: "b\\\n\n  c"\n', '1:4 AmbiguousScalar'],
    ['such a line break in a key', '{"a\\\n\n  b": c}\n', '1:2 AmbiguousScalar'],
    ['a block of text that ends with the file', 'a: |\n  b', '1:4 AmbiguousScalar'],
    ['an indented marker in the first line', '  ---\na: b\n', '1:3 YamlSyntax'],
  ])('%s is refused', (_what, text, place) => {
    expect(refused(text)).toEqual([place])
  })

  test.each([
    ['a colon with a space before a comma', 'a: [b: , c]\n', { a: [{ b: null }, 'c'] }],
    ['a quoted key without a space', '{"a":[1],"b":{"c":2}}', { a: [1], b: { c: 2 } }],
    ['an anchor before a key', 'a:\n- &x b: c\n  d: e\n', { a: [{ b: 'c', d: 'e' }] }],
    ['an escaped line break', 'a: "b\\\n  c"\n', { a: 'bc' }],
    ['a block of text without a line break at its end', 'a: |-\n  b', { a: 'b' }],
    ['a key after a question mark', '? a\n: b\n? c\n', { a: 'b', c: null }],
  ])('%s is good', (_what, text, value) => {
    expect(read(text).findings).toEqual([])
    expect(valuesOf(read(text))).toEqual([value])
  })
})

test('a finding names the field, what is wrong and what would be right', () => {
  const [finding] = read('kind: VPC\nspec: {ports: [443, 0443]}\n').findings
  expect(finding).toEqual({
    code: 'AmbiguousScalar',
    severity: 'error',
    message: 'spec.ports[1]: 0443 is the number 443 in YAML 1.2 and the number 291 to kubectl',
    hint: 'write "0443" to mean the text, or plainly 443 or 291',
    position: { file: 'shop.yaml', line: 2, column: 21 },
  })
})

test('of two equal keys both are named', () => {
  const [finding] = read('a:\n  b: 1\n  c: 2\n  "b": 3\n').findings
  expect(finding?.message).toBe('a.b: the key "b" is written twice, first in line 2')
  expect(finding?.position).toEqual({ file: 'shop.yaml', line: 4, column: 3 })
})
