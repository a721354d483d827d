import { describe, expect, test } from 'vitest'
import { findingJson } from '../../../src/cli/output/findings-json.ts'
import { byPlace, findingLines } from '../../../src/cli/output/findings.ts'
import { githubCommand } from '../../../src/cli/output/github.ts'
import { paintFor } from '../../../src/cli/output/paint.ts'
import type { Diagnostic } from '../../../src/core/diagnostic.ts'
import { capturedIo } from '../captured-io.ts'

const finding: Diagnostic = {
  code: 'QuotaExceeded',
  severity: 'error',
  message: 'SecurityGroup default/g51: the VPC has 50 groups',
  hint: 'remove one',
  profileText: 'The number has reached 50',
  object: 'SecurityGroup/default/g51',
  path: ['spec', 'ingress', 0],
  position: { file: 'a,b.yaml', line: 3, column: 5 },
}
const bare: Diagnostic = { code: 'DeletionHeldBack', severity: 'warning', message: '100% lost' }

const plain = paintFor(capturedIo().stdout, { env: {} })

describe('a finding for people', () => {
  test('has its place, and the hint and the words of the cloud below', () => {
    expect(findingLines(finding, plain)).toEqual([
      'a,b.yaml:3:5: error QuotaExceeded: SecurityGroup default/g51: the VPC has 50 groups',
      '    hint: remove one',
      '    in the cloud\'s words: "The number has reached 50"',
    ])
  })

  test('without a place begins with its severity', () => {
    expect(findingLines(bare, plain)).toEqual(['warning DeletionHeldBack: 100% lost'])
  })

  test('keeps control characters of names and texts from the terminal', () => {
    const hostile = '\x1b]0;owned\x07'
    const lines = findingLines(
      {
        ...finding,
        message: hostile,
        hint: hostile,
        profileText: hostile,
        position: { file: hostile, line: 1, column: 1 },
      },
      plain,
    )
    expect(lines.join('')).not.toMatch(/\p{Cc}/u)
  })

  test('is coloured on a terminal, unless NO_COLOR asks for none', () => {
    const io = capturedIo({ columns: 80 })
    expect(findingLines(finding, paintFor(io.stdout, io))[0]).toContain('\x1b[31merror')
    expect(findingLines(finding, paintFor(io.stdout, { env: { NO_COLOR: '1' } }))[0]).not.toContain('\x1b')
    expect(findingLines(finding, paintFor(io.stdout, { env: { TERM: 'dumb' } }))[0]).not.toContain('\x1b')
  })
})

test('findings are in the order of files, lines and columns, those without a place first', () => {
  const at = (file: string, line: number, column: number): Diagnostic => ({
    ...bare,
    position: { file, line, column },
  })
  const ordered = [bare, at('a', 1, 1), at('a', 2, 1), at('a', 2, 9), at('a', 10, 1), at('b', 1, 1)]
  expect(byPlace(ordered.toReversed())).toEqual(ordered)
})

test('a finding for scripts names its object and field', () => {
  expect(findingJson(finding)).toEqual({
    severity: 'error',
    code: 'QuotaExceeded',
    message: 'SecurityGroup default/g51: the VPC has 50 groups',
    hint: 'remove one',
    profileText: 'The number has reached 50',
    file: 'a,b.yaml',
    line: 3,
    column: 5,
    kind: 'SecurityGroup',
    namespace: 'default',
    name: 'g51',
    path: 'spec.ingress[0]',
  })
})

describe('a finding as a workflow command', () => {
  test('has its properties escaped, and its lines in one', () => {
    expect(githubCommand(finding)).toBe(
      '::error file=a%2Cb.yaml,line=3,col=5,title=QuotaExceeded::SecurityGroup default/g51: the VPC has 50 groups%0Ahint: remove one%0Ain the cloud\'s words: "The number has reached 50"',
    )
  })

  test('cannot begin another command', () => {
    expect(githubCommand({ ...bare, message: '100%\r\n::set-output::x' })).toBe(
      '::warning title=DeletionHeldBack::100%25%0D%0A::set-output::x',
    )
  })
})
