import { API_VERSION, keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { Instance } from '../../src/api/types.gen.ts'
import type { Inventory, InventoryEntry } from '../../src/store/store.ts'

export function instanceNamed(name: string, namespace = 'shop', mac = '02:00:00:00:00:01'): Instance {
  return {
    apiVersion: API_VERSION,
    kind: 'Instance',
    metadata: { name, namespace, labels: { role: 'web' } },
    spec: { vpcRef: { name: 'shop' }, addresses: ['10.0.1.10', 'fd00:10::10'], mac },
  }
}

export function entryOf(object: PalisadeObject, order: number, generation = 1): InventoryEntry {
  return {
    key: keyOf(object),
    origin: 'manifests/shop.yaml',
    order,
    firstSeen: '2026-01-02T03:04:05Z',
    generation,
    digest: 'sha256:declared',
    accepted: { generation, digest: 'sha256:accepted', object },
    status: { digest: 'sha256:status', transitions: { Ready: ['True', '2026-01-02T03:04:05Z'] } },
  }
}

export function inventoryOf(objects: readonly PalisadeObject[], generation = 1): Inventory {
  const entries = objects.map((object, order) => entryOf(object, order, generation))
  return { entries: new Map(entries.map((entry) => [entry.key, entry])), nextOrder: entries.length }
}
