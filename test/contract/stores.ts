import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { API_VERSION } from '../../src/api/objects.ts'
import type { CloudProfile } from '../../src/api/types.gen.ts'
import type { Store } from '../../src/store/store.ts'
import { describeStatuses } from './statuses.ts'
import { entryOf, instanceNamed, inventoryOf } from './stored-objects.ts'

/** One place in which a store keeps things. */
export interface StorePlace {
  /** The store as a new process finds it; the one before has been closed. */
  open(): Promise<Store>
  remove(): Promise<void>
}

/** What a store does that keeps everything itself, whatever it keeps it in. */
export function describeStore(name: string, makePlace: () => Promise<StorePlace>): void {
  describeStatuses(name, async () => {
    const place = await makePlace()
    return {
      open: () => place.open(),
      remove: () => place.remove(),
      declare: (object) => Promise.resolve(object),
      withdraw: () => Promise.resolve(),
    }
  })
  describe(`${name} as a store`, () => {
    let place: StorePlace
    let store: Store
    beforeEach(async () => {
      place = await makePlace()
      store = await place.open()
    })
    afterEach(async () => {
      await store.close()
      await place.remove()
    })
    const reopen = async (): Promise<void> => {
      await store.close()
      store = await place.open()
    }

    test('begins with nothing', async () => {
      expect(await store.readInventory()).toEqual({ entries: new Map(), nextOrder: 0 })
      expect(await store.listStatus()).toEqual(new Set())
      expect(await store.readStatus()).toEqual([])
    })

    test('gives the inventory back as it was written, in its order', async () => {
      const written = inventoryOf([instanceNamed('b'), instanceNamed('a')])
      await store.readInventory()
      await store.writeInventory(written)
      await reopen()
      const read = await store.readInventory()
      expect(read).toEqual(written)
      expect([...read.entries.keys()]).toEqual(['Instance/shop/b', 'Instance/shop/a'])
    })

    test('keeps an entry that was never accepted and one without a status', async () => {
      const { accepted: _accepted, status: _status, ...entry } = entryOf(instanceNamed('new'), 3)
      const written = { entries: new Map([[entry.key, entry]]), nextOrder: 4 }
      await store.readInventory()
      await store.writeInventory(written)
      await reopen()
      expect(await store.readInventory()).toEqual(written)
    })

    test('replaces the inventory as a whole', async () => {
      await store.readInventory()
      await store.writeInventory(inventoryOf([instanceNamed('a'), instanceNamed('b')]))
      await store.writeInventory(inventoryOf([instanceNamed('b')], 2))
      await reopen()
      expect(await store.readInventory()).toEqual(inventoryOf([instanceNamed('b')], 2))
    })

    test('writes that overlap take effect one after the other', async () => {
      await store.readInventory()
      const generations = [1, 2, 3, 4, 5]
      await Promise.all(
        generations.map((generation) => store.writeInventory(inventoryOf([instanceNamed('a')], generation))),
      )
      await reopen()
      expect(await store.readInventory()).toEqual(inventoryOf([instanceNamed('a')], 5))
    })

    test('does not notice what becomes of a map after it was written', async () => {
      const entries = new Map(inventoryOf([instanceNamed('a')]).entries)
      await store.readInventory()
      await store.writeInventory({ entries, nextOrder: 1 })
      entries.clear()
      expect((await store.readInventory()).entries.size).toBe(1)
    })

    test('gives statuses back in the order of their keys', async () => {
      await store.writeStatus([instanceNamed('b'), profile, instanceNamed('a')], [])
      await reopen()
      expect(await store.readStatus()).toEqual([profile, instanceNamed('a'), instanceNamed('b')])
    })

    test('lists which objects have a status', async () => {
      await store.writeStatus([instanceNamed('a'), instanceNamed('a', 'other'), profile], [])
      await reopen()
      const keys = ['Instance/shop/a', 'Instance/other/a', 'CloudProfile//alibaba']
      expect(await store.listStatus()).toEqual(new Set(keys))
    })

    test('removes the status of an object, once or twice', async () => {
      await store.writeStatus([instanceNamed('a'), instanceNamed('b')], [])
      await store.writeStatus([], ['Instance/shop/a'])
      await store.writeStatus([], ['Instance/shop/a'])
      expect(await store.listStatus()).toEqual(new Set(['Instance/shop/b']))
    })

    test('keeps the status of an object that is removed and put in one call', async () => {
      await store.writeStatus([instanceNamed('a')], [])
      await store.writeStatus([instanceNamed('a')], ['Instance/shop/a'])
      expect(await store.listStatus()).toEqual(new Set(['Instance/shop/a']))
    })

    test('keeps names with dots, numbers and the greatest length apart', async () => {
      const short = ['a', 'a.b', 'a.b.yaml', '0', 'a.yaml']
      const long = [199, 200, 249, 250, 251].map((length) => `${'a'.repeat(length)}.b`)
      const names = [...short, ...long]
      const objects = names.map((name) => instanceNamed(name))
      await store.writeStatus(objects, [])
      await reopen()
      expect(new Set(await store.readStatus())).toEqual(new Set(objects))
      expect((await store.listStatus()).size).toBe(names.length)
    })
  })
}

const profile: CloudProfile = {
  apiVersion: API_VERSION,
  kind: 'CloudProfile',
  metadata: { name: 'alibaba' },
  spec: {
    groupTypes: [{ name: 'Basic', implicit: { ingress: 'Drop', egress: 'Allow' }, remotes: ['CIDR'] }],
    rules: { actions: ['Allow', 'Drop'] },
    instanceWithoutGroups: 'JoinDefault',
  },
}
