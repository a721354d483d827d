import { describe, expect, test } from 'vitest'
import { sarifLog } from '../../../src/cli/output/sarif.ts'
import { isList, isRecord, type UnknownRecord } from '../../../src/core/record.ts'
import type { LintResult } from '../../../src/policy/lint/lint.ts'

const finding = {
  code: 'RiskyPortOpen',
  severity: 'error',
  message: 'opens 22',
  hint: 'close it',
  object: 'SecurityGroup/default/web',
  path: ['spec'],
  position: { file: 'a folder/web.yaml', line: 7, column: 5 },
} as const satisfies LintResult['finding']

const record = (value: unknown): UnknownRecord => {
  if (!isRecord(value)) throw new Error(`${String(value)} is no object`)
  return value
}
const list = (value: unknown): readonly UnknownRecord[] => {
  if (!isList(value)) throw new Error(`${String(value)} is no list`)
  return value.map(record)
}

/** What the schema of SARIF 2.1.0 requires of the objects that are used here, section 3 of the standard. */
function lacks(log: UnknownRecord): readonly string[] {
  const missing: string[] = []
  const need = (value: UnknownRecord, where: string, ...fields: readonly string[]): void => {
    for (const field of fields) if (value[field] === undefined) missing.push(`${where}.${field}`)
  }
  need(log, 'log', 'version', 'runs')
  for (const run of list(log['runs'])) {
    need(run, 'run', 'tool')
    const driver = record(record(run['tool'])['driver'])
    need(driver, 'driver', 'name')
    for (const rule of list(driver['rules'])) need(rule, 'rule', 'id')
    for (const result of list(run['results'])) {
      need(result, 'result', 'message')
      need(record(result['message']), 'message', 'text')
      for (const one of list(result['suppressions'] ?? [])) need(one, 'suppression', 'kind')
    }
  }
  return missing
}

const logOf = (...results: readonly LintResult[]): UnknownRecord => record(sarifLog(results, '1.2.3', true))
const runOf = (log: UnknownRecord): UnknownRecord => list(log['runs'])[0] ?? {}

describe('a SARIF log', () => {
  test('has all that the schema of version 2.1.0 requires', () => {
    const log = logOf({ finding }, { finding, reason: 'a bastion' })
    expect(log['version']).toBe('2.1.0')
    expect(lacks(log)).toEqual([])
  })

  test('says whether all was looked at', () => {
    for (const isWhole of [true, false]) {
      const { invocations } = runOf(record(sarifLog([], '1.2.3', isWhole)))
      expect(invocations).toEqual([{ executionSuccessful: isWhole }])
    }
  })

  test('puts a result at its place, with a path that is a URI', () => {
    const [result] = list(runOf(logOf({ finding }))['results'])
    expect(result).toMatchObject({
      ruleId: 'RiskyPortOpen',
      level: 'error',
      message: { text: 'opens 22: close it' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'a%20folder/web.yaml' },
            region: { startLine: 7, startColumn: 5 },
          },
        },
      ],
    })
    expect(result).not.toHaveProperty('suppressions')
  })

  test('names the rule of each result by its place in the list, too', () => {
    const run = runOf(logOf({ finding }))
    const [result] = list(run['results'])
    const rules = list(record(record(run['tool'])['driver'])['rules'])
    expect(rules[Number(result?.['ruleIndex'])]?.['id']).toBe('RiskyPortOpen')
  })

  test('keeps what is silenced, with the reason', () => {
    const [result] = list(runOf(logOf({ finding, reason: 'a bastion' }))['results'])
    expect(result?.['suppressions']).toEqual([{ kind: 'inSource', justification: 'a bastion' }])
  })

  test('has one of the levels that there are', () => {
    const levels = (['error', 'warning', 'info'] as const).map((severity) => {
      return list(runOf(logOf({ finding: { ...finding, severity } }))['results'])[0]?.['level']
    })
    expect(levels).toEqual(['error', 'warning', 'note'])
  })

  test('has no place for a finding without one', () => {
    const { position, object, ...bare } = finding
    expect(position.line).toBe(7)
    expect(object).toBeDefined()
    expect(list(runOf(logOf({ finding: bare }))['results'])[0]?.['locations']).toEqual([])
  })
})
