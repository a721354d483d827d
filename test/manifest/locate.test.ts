import { describe, expect, test } from 'vitest'
import type { FieldPath } from '../../src/core/field-path.ts'
import { read } from './reading.ts'

const text = `# an object
kind: SecurityGroup
metadata: {name: web, labels: {a: "b"}}
spec:
  empty:
  text: |  # as it is
    line | line
  ingress:
  - name: https
    ports: [443, '8000-8080']
  -
    name: &n ssh
    copy: *n
  - - nested
  "quoted key" : >-
    folded
`

function placeOf(path: FieldPath, source = text, document = 0): string {
  const position = read(source).documents[document]?.locate(path)
  return position === undefined ? 'nowhere' : `${position.line}:${position.column}`
}

describe('a value is located', () => {
  test.each<[FieldPath, string]>([
    [[], '2:1'],
    [['kind'], '2:7'],
    [['metadata'], '3:11'],
    [['metadata', 'labels', 'a'], '3:35'],
    [['spec'], '5:3'],
    [['spec', 'text'], '6:9'],
    [['spec', 'ingress'], '9:3'],
    [['spec', 'ingress', 0], '9:5'],
    [['spec', 'ingress', 0, 'ports', 0], '10:13'],
    [['spec', 'ingress', 0, 'ports', 1], '10:18'],
    [['spec', 'ingress', 1], '12:5'],
    [['spec', 'ingress', 1, 'name'], '12:14'],
    [['spec', 'ingress', 2, 0], '14:7'],
    [['spec', 'quoted key'], '15:18'],
  ])('%j where it begins', (path, place) => {
    expect(placeOf(path)).toBe(place)
  })

  test.each<[string, FieldPath, string]>([
    ['nothing is written after its colon: at its key', ['spec', 'empty'], '5:3'],
    ['it is not there: at the key of what it would be in', ['spec', 'missing', 'deeper', 3], '4:1'],
    ['it is not there: at the item that it would be in', ['spec', 'ingress', 0, 'missing'], '9:5'],
    ['it is past the end of a list: at the key of the list', ['spec', 'ingress', 7], '8:3'],
    ['it is not there: at the object', ['missing'], '2:1'],
    ['it lies in text: at the key of the text', ['kind', 'a'], '2:1'],
    ['it comes by an alias: at the alias', ['spec', 'ingress', 1, 'copy'], '13:11'],
  ])('%s', (_what, path, place) => {
    expect(placeOf(path)).toBe(place)
  })
})

test('in a later document the lines are those of the file', () => {
  const source = `a: 1\n---\n# a comment\n${text}`
  expect(placeOf(['spec', 'ingress', 0, 'ports', 1], source, 1)).toBe('13:18')
})

test('CRLF line ends and a byte order mark move nothing', () => {
  const source = `\ufeffa: 1\n---\n${text}`.replaceAll('\n', '\r\n')
  expect(placeOf(['a'], source)).toBe('1:4')
  expect(placeOf(['spec', 'text'], source, 1)).toBe('8:9')
  expect(placeOf(['spec', 'ingress', 0, 'ports', 1], source, 1)).toBe('12:18')
})

test('the file is named as it was given', () => {
  expect(read('a: 1\n').documents[0]?.locate(['a']).file).toBe('shop.yaml')
})
