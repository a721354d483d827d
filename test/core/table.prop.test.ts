import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Table } from '../../src/core/table.ts'

interface Row<K> {
  readonly key: K
  next: Row<K> | undefined
}

const change = fc.record({ add: fc.boolean(), key: fc.integer({ min: 0, max: 9 }).map(String) })

test('a table holds what a Map would hold, after any additions and deletions', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const table = new Table<string, Row<string>>()
      const model = new Map<string, Row<string>>()
      for (const { add, key } of changes) {
        const known = model.get(key)
        if (add && known === undefined) {
          const row: Row<string> = { key, next: undefined }
          table.add(row)
          model.set(key, row)
        } else if (!add && known !== undefined) {
          table.delete(known)
          expect(known.next).toBeUndefined()
          model.delete(key)
        }
        expect(table.size).toBe(model.size)
        expect([...table.values()]).toEqual([...model.values()])
        expect(table.get(key)).toBe(model.get(key))
        expect(table.has(key)).toBe(model.has(key))
      }
    }),
  )
})

test.each([3, 30])('each of %i rows may be deleted when it is given out', (count) => {
  const table = new Table<number, Row<number>>()
  for (let key = 0; key < count; key += 1) table.add({ key, next: undefined })
  const given: number[] = []
  for (const row of table.values()) {
    given.push(row.key)
    table.delete(row)
  }
  expect(given.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, key) => key))
  expect(table.size).toBe(0)
})

test('rows that become too many for a chain are linked no longer, so that none keeps another alive', () => {
  const table = new Table<number, Row<number>>()
  const rows = [1, 2, 3, 4, 5].map((key): Row<number> => ({ key, next: undefined }))
  for (const row of rows) table.add(row)
  expect(rows.map(({ next }) => next)).toEqual(rows.map(() => undefined))
})
