import { expect, test } from 'vitest'
import { Worklist } from '../../src/core/worklist.ts'

const item = (name: string): { name: string; queued: boolean } => ({ name, queued: false })

test('an item is on the list once, in the order in which it came', () => {
  const list = new Worklist<{ name: string; queued: boolean }>()
  const [first, second] = [item('first'), item('second')]
  for (const one of [first, second, first]) list.add(one)
  expect(list.size).toBe(2)
  expect(list.take()).toEqual([first, second])
})

test('what was taken is off the list, and may come again', () => {
  const list = new Worklist<{ name: string; queued: boolean }>()
  const one = item('one')
  list.add(one)
  list.take()
  expect(list.size).toBe(0)
  expect(list.take()).toEqual([])
  list.add(one)
  expect(list.take()).toEqual([one])
})

test('what was deleted is not taken, and is taken once when it comes back', () => {
  const list = new Worklist<{ name: string; queued: boolean }>()
  const one = item('one')
  list.add(one)
  list.delete(one)
  expect(list.size).toBe(0)
  list.add(one)
  expect(list.size).toBe(1)
  expect(list.take()).toEqual([one])
  expect(list.take()).toEqual([])
})

test('many items are taken in the order in which they came', () => {
  const list = new Worklist<{ name: string; queued: boolean }>()
  const items = Array.from({ length: 20 }, (_, index) => item(String(index)))
  for (const one of items) list.add(one)
  expect(list.take()).toEqual(items)
})
