import { describe, expect, test } from 'vitest'
import { tableLines, type Column } from '../../../src/cli/output/table.ts'

const columns: readonly Column[] = [
  { title: 'NAME' },
  { title: 'REMOTE', wraps: 'Words' },
  { title: 'SOURCE', wraps: 'Words' },
]

describe('a table', () => {
  test('has columns as wide as their widest cell, three spaces apart', () => {
    expect(
      tableLines(
        [{ title: 'NAME' }, { title: 'VPC' }],
        [
          ['web-1', 'shop'],
          ['a', 'b'],
        ],
      ),
    ).toEqual(['NAME    VPC', 'web-1   shop', 'a       b'])
  })

  test('counts the columns of wide characters', () => {
    expect(tableLines([{ title: 'NAME' }, { title: 'VPC' }], [['服务器', 'a']])).toEqual([
      'NAME     VPC',
      '服务器   a',
    ])
  })

  test('keeps control characters from the terminal', () => {
    expect(tableLines([{ title: 'NAME' }], [['\x1b[2J']])[1]).toBe('\\u001b[2J')
  })

  test('ends no line with spaces', () => {
    expect(tableLines(columns, [['a', '', '']])[1]).toBe('a')
  })

  const row = ['web', 'group app: 10.0.2.11/32,10.0.2.12/32,10.0.2.13/32', 'web/app, web/template:Web/http']

  test('has one line for each row where there is no width', () => {
    expect(tableLines(columns, [row])).toHaveLength(2)
  })

  test('wraps the cells of columns that may, so that it fits the width', () => {
    expect(tableLines(columns, [row], 48)).toEqual([
      'NAME  REMOTE            SOURCE',
      'web   group app:        web/app,',
      '      10.0.2.11/32,     web/template:Web/http',
      '      10.0.2.12/32,',
      '      10.0.2.13/32',
    ])
  })

  test('cuts words where it fits in no other way', () => {
    const long = ['web', 'group app: 10.0.2.11/32', 'web/template:WebServerLinux/https']
    expect(tableLines(columns, [long], 48)).toEqual([
      'NAME  REMOTE                SOURCE',
      'web   group app:            web/template:WebServ',
      '      10.0.2.11/32          erLinux/https',
    ])
  })

  test('wraps nothing that fits', () => {
    expect(tableLines(columns, [['web', 'anywhere', 'web/http']], 30)).toEqual(
      tableLines(columns, [['web', 'anywhere', 'web/http']]),
    )
  })

  test('keeps an IPv4 prefix in one line, on however narrow a terminal', () => {
    const addresses = ['web', 'group app: 100.100.100.100/32,100.100.100.101/32', 'web/app']
    expect(tableLines(columns, [addresses], 10).slice(1)).toEqual([
      'web   group app:           web/app',
      '      100.100.100.100/32,',
      '      100.100.100.101/32',
    ])
  })

  test('takes 200,000 rows', () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => [String(index)])
    expect(tableLines([{ title: 'NAME' }], rows)).toHaveLength(200_001)
  })
})
