import { expect, test } from 'vitest'
import { ChunkedList } from '../../src/core/chunked-list.ts'

test.each([0, 1, 1023, 1024, 1025, 5000])('%i values come out as they came', (count) => {
  const values = Array.from({ length: count }, (_, index) => index)
  const list = new ChunkedList<number>()
  for (const value of values) list.push(value)
  expect([...list]).toEqual(values)
  // A second time: nothing is used up.
  expect([...list]).toEqual(values)
})
