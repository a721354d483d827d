import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeclaredIndex } from '../../src/controller/declared-index.ts'
import type { DeclaredDocument, DeclaredFile } from '../../src/controller/declared.ts'
import type { Position } from '../../src/core/diagnostic.ts'
import { keyOf } from '../../src/api/objects.ts'
import { addressGroup } from '../reference/objects.ts'

const PATHS = ['/m/a.yaml', '/m/b.yaml', '/m/c/d.yaml', '/n/e.yaml', 'built-in']
const NAMES = ['one', 'two', 'three']
const KEYS = NAMES.map((name) => keyOf(addressGroup(name, [])))

const document = (name: string): DeclaredDocument => {
  const object = addressGroup(name, ['192.0.2.0/24'])
  const locate = (): Position => ({ file: name, line: 1, column: 1 })
  return { key: keyOf(object), object, digest: name, findings: [], locate, server: undefined }
}

/** Each file has few versions, so that one that comes back may be the same as before. */
const VERSIONS: readonly (readonly DeclaredFile[])[] = PATHS.map((path) =>
  [[], ['one'], ['two'], ['one', 'three']].flatMap((names) =>
    [true, false].map((complete) => ({
      ...{ path, documents: names.map(document), findings: [], complete, foreign: names.length },
    })),
  ),
)

const file = fc.tuple(fc.nat({ max: PATHS.length - 1 }), fc.nat({ max: 7 })).map(([path, version]) => {
  const found = VERSIONS[path]?.[version]
  if (found === undefined) throw new Error('there is no such version')
  return found
})

/** Some have one path twice. */
const look = fc.record({
  files: fc.array(file, { maxLength: 6 }),
  unreadable: fc.subarray(['/m', '/m/c', '/n']),
})

const answers = (index: DeclaredIndex): readonly (readonly unknown[])[] =>
  KEYS.map((key) => {
    const { object, digest } = index.get(key) ?? {}
    return [index.has(key), index.isClaimed(key), index.rivals(key), object, digest]
  })

test('an index that looks at what differs says what one says that takes every file for a new one', () => {
  fc.assert(
    fc.property(fc.array(look, { minLength: 2, maxLength: 8 }), (looks) => {
      const [following, looking] = [
        new DeclaredIndex(new Set(['built-in'])),
        new DeclaredIndex(new Set(['built-in'])),
      ]
      let before = answers(following)
      for (const { files, unreadable } of looks) {
        const touched = following.update(files, unreadable)
        looking.update(
          files.map((one) => ({ ...one })),
          unreadable,
        )
        const now = answers(following)
        expect(now).toEqual(answers(looking))
        expect(following.foreign()).toBe(looking.foreign())
        for (const [index, key] of KEYS.entries()) {
          const isSame = JSON.stringify(now[index]) === JSON.stringify(before[index])
          expect(isSame || touched.has(key)).toBe(true)
        }
        before = now
      }
    }),
    { numRuns: 500 },
  )
})
