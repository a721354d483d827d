import type { ObjectKey } from '../../../src/core/key.ts'
import type { Model } from '../../../src/policy/model/model.ts'
import type { Touched } from '../../../src/policy/model/touched.ts'
import type { InstanceRuleset } from '../../../src/policy/ruleset.ts'

interface GroupSnapshot {
  readonly generated: boolean
  readonly members: readonly ObjectKey[]
  readonly prefixes: readonly string[]
  readonly rules: readonly [ingress: number, egress: number, unresolved: number]
}

/** Everything that follows from the objects in force, with keys in order, for comparison. */
export interface Snapshot {
  readonly instances: Readonly<Record<ObjectKey, InstanceRuleset>>
  readonly groupsOf: Readonly<Record<ObjectKey, readonly ObjectKey[]>>
  readonly groups: Readonly<Record<ObjectKey, GroupSnapshot>>
  readonly remotes: Readonly<Record<ObjectKey, readonly string[]>>
}

export function snapshotOf(model: Model): Snapshot {
  model.drain()
  const mirror = new Mirror()
  const instances: ObjectKey[] = []
  const groups: ObjectKey[] = []
  const lists: ObjectKey[] = []
  for (const vpc of model.vpcs()) {
    instances.push(...vpc.instances.map(({ key }) => key))
    for (const { key } of vpc.groups.values()) groups.push(key)
  }
  for (const object of model.objects()) {
    if (object.kind === 'AddressGroup') {
      lists.push(`AddressGroup/${object.metadata.namespace ?? 'default'}/${object.metadata.name}`)
    }
  }
  mirror.follow(model, {
    instances: new Set(instances),
    groups: new Set(groups),
    vpcs: new Set(),
    remotes: new Set([...groups, ...lists]),
  })
  return mirror.snapshot()
}

/** What somebody knows who looks only at what the model says was touched. */
export class Mirror {
  readonly #instances = new Map<ObjectKey, InstanceRuleset>()
  readonly #groupsOf = new Map<ObjectKey, readonly ObjectKey[]>()
  readonly #groups = new Map<ObjectKey, GroupSnapshot>()
  readonly #remotes = new Map<ObjectKey, readonly string[]>()

  follow(model: Model, touched: Touched): void {
    for (const key of touched.instances) {
      put(this.#instances, key, model.instanceRuleset(key))
      put(
        this.#groupsOf,
        key,
        model.instance(key)?.node.signature.groups.map((group) => group.key),
      )
    }
    for (const key of touched.groups) put(this.#groups, key, groupSnapshot(model, key))
    for (const key of touched.remotes) put(this.#remotes, key, model.remote(key))
  }

  snapshot(): Snapshot {
    return {
      instances: ordered(this.#instances),
      groupsOf: ordered(this.#groupsOf),
      groups: ordered(this.#groups),
      remotes: ordered(this.#remotes),
    }
  }
}

function groupSnapshot(model: Model, key: ObjectKey): GroupSnapshot | undefined {
  const found = model.group(key)
  if (found === undefined) return undefined
  const { vpc, node } = found
  const { ingress, egress } = vpc.compiled(node)
  const { instances, prefixes } = vpc.members(node)
  return {
    generated: node.generated,
    members: instances.map((instance) => instance.key),
    prefixes,
    rules: [ingress.declared, egress.declared, ingress.unresolved + egress.unresolved],
  }
}

function put<T>(map: Map<ObjectKey, T>, key: ObjectKey, value: T | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}

const ordered = <T>(map: ReadonlyMap<ObjectKey, T>): Readonly<Record<ObjectKey, T>> =>
  Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)))
