import { describe, expect, test } from 'vitest'
import { printYaml } from '../../src/manifest/print.ts'

test('a status as a person reads it', () => {
  const status = {
    conditions: [{ type: 'Accepted', status: 'True', message: 'All 2 rules: accepted.' }],
    securityGroups: ['web'],
    effectiveRules: {
      digest: 'sha256:0a1b',
      ingress: [
        { action: 'Allow', ports: ['443', '8000-8080'], remote: { cidr: '0.0.0.0/0' }, priority: 1 },
        { action: 'Drop', remote: {}, sources: [] },
      ],
    },
    addresses: ['10.0.1.10', 'fd00:10::10', '2001:db8::1'],
    observed: null,
    ready: true,
    matrix: [[1, 2], [[3]], []],
  }
  expect(printYaml(status)).toBe(`conditions:
- type: Accepted
  status: "True"
  message: "All 2 rules: accepted."
securityGroups:
- web
effectiveRules:
  digest: sha256:0a1b
  ingress:
  - action: Allow
    ports:
    - "443"
    - "8000-8080"
    remote:
      cidr: 0.0.0.0/0
    priority: 1
  - action: Drop
    remote: {}
    sources: []
addresses:
- 10.0.1.10
- fd00:10::10
- "2001:db8::1"
observed: null
ready: true
matrix:
- - 1
  - 2
- - - 3
- []
`)
})

test('fields stay in their order, and those that are undefined are left out', () => {
  expect(printYaml({ b: 1, a: undefined, c: { d: undefined } })).toBe('b: 1\nc: {}\n')
})

test.each([
  ['a text', 'a', 'a\n'],
  ['nothing', {}, '{}\n'],
  ['a list', ['a'], '- a\n'],
  ['a number with an exponent, which YAML 1.1 knows after a dot only', 1e21, '1.0e+21\n'],
  ['half of a character, which UTF-8 cannot hold', 'a\ud800', '"a\ufffd"\n'],
])('%s is a document, too', (_what, value, text) => {
  expect(printYaml(value)).toBe(text)
})

describe('what JSON cannot hold is a bug of the caller', () => {
  test.each([[NaN], [Infinity], [1n], [() => 0], [Symbol('a')]])('%s', (value) => {
    expect(() => printYaml({ a: value })).toThrow(TypeError)
  })
})
