import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  AcceptedReader,
  type AcceptedWorld,
  type Presence,
  type Validate,
} from '../../src/agent/accepted-world.ts'
import { NodeModel } from '../../src/agent/node-model.ts'
import { encodeEnforced } from '../../src/api/enforced-object.ts'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { ObjectKey } from '../../src/core/key.ts'
import type { ObjectChange } from '../../src/kube/change-feed.ts'
import { serverObject, type ServerObject } from '../../src/kube/server-object.ts'
import { addressGroup, group, instance, plainProfile, profile, valid, vpc } from '../reference/objects.ts'

const NODE = 'host-a'
/** All of it is valid. */
const validate = (object: PalisadeObject): ReturnType<Validate> => ({ object, findings: [] })
const BUILT_IN = [plainProfile('standard')]

const place = (nodeName: string, name: string): object => ({
  attachment: { nodeName, netns: 'shop', interface: name },
})

function objectsOf(namespace: string): readonly (readonly PalisadeObject[])[] {
  const meta = (name: string): { name: string; namespace: string } => ({ name, namespace })
  const open = { protocol: 'TCP', ports: [80] } as const
  const members = [['shop-default'], ['web'], ['web', 'db'], []]
  return [
    [vpc(meta('shop'), { profileRef: { name: 'own' } }), vpc(meta('shop'))],
    [
      group(meta('web'), 'shop', { ingress: [open] }),
      group(meta('web'), 'shop', {
        ingress: [{ ...open, action: 'Drop', remote: { securityGroupRef: { name: 'db' } } }],
      }),
    ],
    [
      group(meta('db'), 'shop', { ingress: [{ ...open, remote: { securityGroupRef: { name: 'web' } } }] }),
      group(meta('db'), 'shop', {
        ingress: [{ ...open, action: 'Drop', remote: { addressGroupRef: { name: 'bad' } } }],
      }),
    ],
    [addressGroup(meta('bad'), ['192.0.2.0/24']), addressGroup(meta('bad'), ['198.51.100.0/24'])],
    ...['i0', 'i1'].map((name, index) =>
      members.flatMap((groups) =>
        [place(NODE, name), place('host-b', name), {}].map((spec) =>
          instance(meta(name), 'shop', groups, { addresses: [`10.0.0.${String(index + 1)}`], ...spec }),
        ),
      ),
    ),
  ]
}

/** Each with the versions that it may have. */
const UNIVERSE = [
  [
    profile('own', {
      ...plainProfile('own').spec,
      defaultGroups: [{ name: 'default', create: 'WhenNeeded', editable: true }],
    }),
    plainProfile('own'),
  ],
  [plainProfile('standard', { instanceWithoutGroups: 'Refuse' })],
  ...['a', 'b'].flatMap(objectsOf),
  // In place of default groups, which nobody declares at first.
  ...['a', 'b'].map((namespace) => [group({ name: 'shop-default', namespace }, 'shop')]),
].map((versions) => versions.map((version) => valid(version)))

interface Edit {
  readonly object: number
  /** Absent: it goes. */
  readonly state?: {
    readonly version: number
    readonly isAccepted: boolean
    readonly generation: number
    readonly uid: string
  }
}

const edit: fc.Arbitrary<Edit> = fc.record(
  {
    object: fc.nat({ max: UNIVERSE.length - 1 }),
    state: fc.record({
      version: fc.nat({ max: 20 }),
      isAccepted: fc.constantFrom(true, false),
      generation: fc.nat({ max: 2 }),
      uid: fc.constantFrom('', 'first', 'second'),
    }),
  },
  { requiredKeys: ['object'] },
)

const everything: readonly Edit[] = UNIVERSE.slice(0, -2).map((_, object) => ({
  object,
  state: { version: 0, isAccepted: true, generation: 0, uid: 'first' },
}))

const turn = fc.record({ edits: fc.array(edit, { maxLength: 4 }), ms: fc.constantFrom(0, 1, 4_000, 6_000) })

type Change = Pick<ObjectChange, 'key' | 'now'>

function change({ object, state }: Edit): Change {
  const versions = UNIVERSE[object] ?? []
  const version = versions[(state?.version ?? 0) % versions.length]
  if (version === undefined) throw new Error('there is no such object')
  const key = keyOf(version)
  if (state === undefined) return { key, now: undefined }
  const enforced = { generation: state.generation, digest: '', object: encodeEnforced(version) }
  const { apiVersion, kind, metadata } = version
  const now = serverObject({
    ...{ apiVersion, kind, metadata: { ...metadata, uid: state.uid, resourceVersion: '1' } },
    status: state.isAccepted ? { enforced } : {},
  })
  return { key, now }
}

/** The same, of no reader: everything of it is looked at. */
function copyOf({ versions, present, reserved, namespaces }: AcceptedWorld): AcceptedWorld {
  const keys = UNIVERSE.flat().map(keyOf)
  return {
    versions: new Map(versions),
    present: new Map(keys.flatMap((key) => presenceIn(present, key))),
    reserved: new Set(reserved),
    namespaces: new Set(['', 'a', 'b'].filter((namespace) => namespaces?.has(namespace))),
  }
}

function presenceIn(
  present: AcceptedWorld['present'],
  key: ObjectKey,
): readonly (readonly [ObjectKey, Presence])[] {
  const there = present.get(key)
  return there === undefined ? [] : [[key, { uid: there.uid, version: there.version }]]
}

const asChanges = (objects: ReadonlyMap<ObjectKey, ServerObject>): readonly Change[] =>
  Array.from(objects, ([key, now]) => ({ key, now }))

/** All that an agent asks of it. */
function answers(model: NodeModel, world: AcceptedWorld, now: number): unknown {
  const deleted = [...model.deleted(world)].sort()
  const adopted = model.adopt(world, now)
  model.model.advance(now)
  const keys = UNIVERSE.flat().map(keyOf)
  return {
    ...{ deleted, adopted, own: [...model.own].sort() },
    versions: keys.map((key) => model.version(key)),
    rules: [...model.own].sort().map((key) => model.instanceRuleset(key)?.ruleSet.digest),
    remotes: keys.map((key) => model.remote(key)),
  }
}

test('a node that follows changes has what one has that looks at everything each time', () => {
  fc.assert(
    fc.property(fc.array(turn, { minLength: 2, maxLength: 20 }), fc.boolean(), (turns, isFull) => {
      const reader = new AcceptedReader(NODE, validate)
      const [following, looking] = [new NodeModel(NODE, BUILT_IN), new NodeModel(NODE, BUILT_IN)]
      const there = new Map<ObjectKey, ServerObject>()
      const kept = new Map<ObjectKey, unknown>()
      let now = Date.UTC(2026, 2, 1)
      for (const { edits, ms } of [...(isFull ? [{ edits: everything, ms: 0 }] : []), ...turns]) {
        now += ms
        const changes = edits.map(change)
        for (const { key, now: object } of changes) {
          if (object === undefined) there.delete(key)
          else there.set(key, object)
        }
        const world = reader.read(changes)
        expect(copyOf(world)).toEqual(copyOf(new AcceptedReader(NODE, validate).read(asChanges(there))))
        expect(answers(following, world, now)).toEqual(answers(looking, copyOf(world), now))
        for (const [key, version] of following.drain()) kept.set(key, version)
        for (const [key, version] of kept) {
          expect(version).toBe(isBuiltIn(following, key) ? undefined : following.version(key))
        }
      }
    }),
    { numRuns: 300 },
  )
})

function isBuiltIn(model: NodeModel, key: ObjectKey): boolean {
  return model.version(key)?.object === BUILT_IN[0] && key === 'CloudProfile//standard'
}
