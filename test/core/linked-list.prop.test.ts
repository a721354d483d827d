import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LinkedList, type Listed } from '../../src/core/linked-list.ts'

interface Node extends Listed<Node> {
  readonly name: number
}

test('a linked list holds what a Set would hold, in the same order, after any nodes came and went', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 12 }), { maxLength: 60 }), (toggled) => {
      const nodes = Array.from({ length: 13 }, (_, name): Node => ({
        name,
        previous: undefined,
        next: undefined,
      }))
      const list = new LinkedList<Node>()
      const model = new Set<Node>()
      for (const node of toggled.flatMap((index) => nodes[index] ?? [])) {
        if (model.delete(node)) list.delete(node)
        else {
          list.add(node)
          model.add(node)
        }
        expect(list.size).toBe(model.size)
        expect([...list]).toEqual([...model])
      }
    }),
  )
})
