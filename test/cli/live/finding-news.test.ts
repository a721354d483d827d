import { expect, test } from 'vitest'
import { FindingNews } from '../../../src/cli/live/finding-news.ts'
import type { Diagnostic } from '../../../src/core/diagnostic.ts'

const finding = (message: string, line = 1): Diagnostic => ({
  code: 'OutOfRange',
  severity: 'error',
  message,
  position: { file: 'web.yaml', line, column: 1 },
})

test('a finding is told when it appears and when it is gone, and not in between', () => {
  const news = new FindingNews()
  expect(news.next([finding('a')])).toEqual({ appeared: [finding('a')], gone: [] })
  expect(news.next([finding('a'), finding('b')])).toEqual({ appeared: [finding('b')], gone: [] })
  expect(news.next([finding('b')])).toEqual({ appeared: [], gone: [finding('a')] })
  expect(news.next([])).toEqual({ appeared: [], gone: [finding('b')] })
  expect(news.next([finding('a')])).toEqual({ appeared: [finding('a')], gone: [] })
})

test('a finding that moved with the lines above it is no news', () => {
  const news = new FindingNews()
  news.next([finding('a', 3)])
  expect(news.next([finding('a', 7)])).toEqual({ appeared: [], gone: [] })
})

test('the same in another file is another finding', () => {
  const news = new FindingNews()
  const elsewhere: Diagnostic = { ...finding('a'), position: { file: 'app.yaml', line: 1, column: 1 } }
  news.next([finding('a')])
  expect(news.next([finding('a'), elsewhere]).appeared).toEqual([elsewhere])
})
