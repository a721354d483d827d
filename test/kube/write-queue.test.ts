import { expect, test } from 'vitest'
import { KubeError } from '../../src/kube/kube-error.ts'
import { WriteQueue, type Write } from '../../src/kube/write-queue.ts'

const NAMESPACES = Array.from({ length: 300 }, (_, index) => `ns${String(index)}`)

/** Writes of four instances in each namespace; those of namespaces that are `broken` fail as by a webhook of theirs. */
function writes(broken: (namespace: string) => boolean, done: string[]): readonly Write[] {
  return NAMESPACES.flatMap((namespace) =>
    [1, 2, 3, 4].map((number) => {
      const key = `Instance/${namespace}/i${String(number)}`
      const run = (): Promise<boolean> => {
        done.push(key)
        if (!broken(namespace)) return Promise.resolve(true)
        return Promise.reject(new KubeError('failed calling webhook', { code: 500 }))
      }
      return { key, run }
    }),
  )
}

test('of a kind of which nothing can be written, a pass asks for a few, and for one of each namespace at the next', async () => {
  const queue = new WriteQueue(() => true)
  const done: string[] = []
  await queue.run(
    [],
    writes(() => true, done),
  )
  expect(done.length).toBeLessThan(40)
  // One namespace is well: its instances are written, though all others fail.
  const well = (): readonly Write[] => writes((namespace) => namespace !== 'ns200', done)
  // 16 of 300 namespaces at each pass.
  for (let pass = 0; pass < 20; pass += 1) await queue.run([], well())
  expect(done.filter((key) => key.startsWith('Instance/ns200/')).length).toBeGreaterThanOrEqual(4)
})

test('many of one namespace that fail keep those of others waiting for one pass at most', async () => {
  const queue = new WriteQueue(() => true)
  const done: string[] = []
  const isBroken = (namespace: string): boolean => NAMESPACES.indexOf(namespace) < 10
  await queue.run([], writes(isBroken, done))
  await queue.run([], writes(isBroken, done))
  const written = new Set(done.filter((key) => !isBroken(key.split('/')[1] ?? '')))
  expect(written.size).toBe(290 * 4)
})
