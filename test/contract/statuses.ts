import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { Instance } from '../../src/api/types.gen.ts'
import type { ObjectKey } from '../../src/core/key.ts'
import type { Store } from '../../src/store/store.ts'
import { eventually } from './sources.ts'
import { instanceNamed } from './stored-objects.ts'

/** One place in which a store keeps statuses. */
export interface StatusPlace {
  /** The store as a new process finds it; the one before has been closed. */
  open(): Promise<Store>
  /** Has somebody declare an object; gives it as the store will be told of it. */
  declare(object: Instance): Promise<PalisadeObject>
  /** Has them declare it no longer. */
  withdraw(key: ObjectKey): Promise<void>
  remove(): Promise<void>
}

/** An instance with a status that says so much. */
function withStatus(object: PalisadeObject, message: string): PalisadeObject {
  const lastTransitionTime = '2026-01-02T03:04:05Z'
  const condition = { type: 'Ready', status: 'True', reason: 'Ready', message, lastTransitionTime } as const
  return { ...object, status: { observedGeneration: 1, conditions: [condition] } }
}

/** What every store does with statuses, a cluster included. */
export function describeStatuses(name: string, makePlace: () => Promise<StatusPlace>): void {
  describe(`${name} as a place of statuses`, () => {
    let place: StatusPlace
    let store: Store
    beforeEach(async () => {
      place = await makePlace()
      store = await place.open()
    })
    afterEach(async () => {
      await store.close()
      await place.remove()
    })

    /** Name and message of each status, in the order in which they are read. */
    const read = async (keys?: readonly ObjectKey[]): Promise<readonly string[]> =>
      (await store.readStatus(keys)).map(({ metadata, status }) => {
        return `${metadata.name} ${status?.conditions?.[0]?.message ?? ''}`
      })
    const declare = (name: string): Promise<PalisadeObject> => place.declare(instanceNamed(name))

    test('begins with none', async () => {
      expect(await store.listStatus()).toEqual(new Set())
      expect(await store.readStatus()).toEqual([])
    })

    test('has none of an object that was only declared', async () => {
      await declare('a')
      expect(await read()).toEqual([])
    })

    test('gives them back in the order of their keys, to another process as well', async () => {
      const [b, a] = [await declare('b'), await declare('a')]
      await store.writeStatus([withStatus(b, 'of b'), withStatus(a, 'of a')], [])
      expect(await read()).toEqual(['a of a', 'b of b'])
      await store.close()
      store = await place.open()
      expect(await read()).toEqual(['a of a', 'b of b'])
    })

    test('replaces the status of an object', async () => {
      const a = await declare('a')
      await store.writeStatus([withStatus(a, 'first')], [])
      await store.writeStatus([withStatus(a, 'second')], [])
      expect(await read()).toEqual(['a second'])
    })

    test('reads those that are asked for and exist', async () => {
      const [a, b] = [await declare('a'), await declare('b')]
      await store.writeStatus([withStatus(a, 'of a'), withStatus(b, 'of b')], [])
      expect(await read([keyOf(b).replace(/b$/, 'none'), keyOf(b)])).toEqual(['b of b'])
      expect(await store.listStatus()).toEqual(new Set([keyOf(a), keyOf(b)]))
    })

    test('has none of an object that is declared no longer', async () => {
      const [a, b] = [await declare('a'), await declare('b')]
      await store.writeStatus([withStatus(a, 'of a'), withStatus(b, 'of b')], [])
      await place.withdraw(keyOf(a))
      await store.writeStatus([], [keyOf(a)])
      await store.writeStatus([], [keyOf(a)])
      await eventually(async () => (await store.listStatus()).size === 1)
      expect(await read()).toEqual(['b of b'])
    })

    test('can be closed twice', async () => {
      await store.close()
      await expect(store.close()).resolves.toBeUndefined()
    })
  })
}
