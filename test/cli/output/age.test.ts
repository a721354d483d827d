import { expect, test } from 'vitest'
import { ageText } from '../../../src/cli/output/age.ts'

const now = new Date('2026-03-01T12:00:00Z')
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

// The edges of HumanDuration in k8s.io/apimachinery, pkg/util/duration/duration_test.go and its code.
test.each([
  [-3 * SECOND, '<invalid>'],
  [-1 * SECOND, '0s'],
  [0, '0s'],
  [119 * SECOND, '119s'],
  [2 * MINUTE, '2m'],
  [2 * MINUTE + SECOND, '2m1s'],
  [10 * MINUTE + 5 * SECOND, '10m'],
  [179 * MINUTE, '179m'],
  [3 * HOUR, '3h'],
  [3 * HOUR + 5 * MINUTE, '3h5m'],
  [8 * HOUR + 5 * MINUTE, '8h'],
  [47 * HOUR, '47h'],
  [2 * DAY, '2d'],
  [2 * DAY + HOUR, '2d1h'],
  [8 * DAY + HOUR, '8d'],
  [729 * DAY, '729d'],
  [2 * 365 * DAY, '2y'],
  [2 * 365 * DAY + DAY, '2y1d'],
  [8 * 365 * DAY + DAY, '8y'],
])('%i ms ago is %s', (duration, expected) => {
  expect(ageText(new Date(now.getTime() - duration).toISOString(), now)).toBe(expected)
})

test('what is no time has an unknown age', () => {
  expect(ageText('yesterday', now)).toBe('<unknown>')
})
