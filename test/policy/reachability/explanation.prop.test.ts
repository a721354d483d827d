import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOf, type PalisadeObject } from '../../../src/api/objects.ts'
import type { Rule } from '../../../src/api/types.gen.ts'
import { isError } from '../../../src/core/diagnostic.ts'
import { TRAFFIC } from '../../../src/net/traffic.ts'
import type { Model } from '../../../src/policy/model/model.ts'
import { parseAskedTraffic } from '../../../src/policy/reachability/asked-traffic.ts'
import { explain, type Case } from '../../../src/policy/reachability/explanation.ts'
import { Reachability } from '../../../src/policy/reachability/reachability.ts'
import { objectsOf, worldArbitrary } from '../../reference/arbitraries/world.ts'
import { addressOf, endOf } from '../../reference/model-terms.ts'
import { Installation } from '../installation.ts'

const QUESTIONS = ['TCP/22', 'UDP/53', 'TCP/8000-8080', 'All', 'GRE', 'SCTP/22', 'ICMP/8']

/** Every question among the instances of every VPC. */
function casesOf(model: Model, traffic: string): readonly Case[] {
  const asked = parseAskedTraffic(traffic)
  if (!asked.ok) throw new Error(asked.reason)
  return [...model.vpcs()].flatMap((vpc) => {
    const ends = vpc.instances.flatMap(({ object }) =>
      (object.spec.addresses ?? []).map(addressOf).map(endOf),
    )
    return explain(vpc, Reachability.of(model, vpc), { from: ends, to: ends, ...asked.value })
  })
}

function withRule(
  objects: readonly PalisadeObject[],
  key: string,
  side: 'ingress' | 'egress',
  rule: Rule,
): PalisadeObject[] {
  return objects.map((object) => {
    if (object.kind !== 'SecurityGroup' || keyOf(object) !== key) return object
    return { ...object, spec: { ...object.spec, [side]: [...(object.spec[side] ?? []), rule] } }
  })
}

test('an end is allowed just where its rules and the answer of the whole say so', () => {
  fc.assert(
    fc.property(worldArbitrary(), fc.constantFrom(...QUESTIONS), (world, traffic) => {
      for (const { answer, allowed, sides } of casesOf(
        new Installation(...objectsOf(world)).model,
        traffic,
      )) {
        if (sides.some((side) => side.answer === 'Denied')) expect(answer).toBe('Denied')
        if (sides.every((side) => side.answer === 'Allowed')) expect(answer).toBe('Allowed')
        expect(TRAFFIC.isEmpty(allowed)).toBe(answer === 'Denied')
        for (const { deciding } of sides) expect(deciding.length).toBeGreaterThan(0)
      }
    }),
    { numRuns: 30, interruptAfterTimeLimit: 15_000 },
  )
})

test('the rule that a denial proposes lets it pass at that end, and is one that the profile accepts', () => {
  let tried = 0
  fc.assert(
    fc.property(worldArbitrary(), fc.constantFrom(...QUESTIONS), fc.nat(), (world, traffic, choice) => {
      const objects = objectsOf(world)
      const { model } = new Installation(...objects)
      const proposals = casesOf(model, traffic).flatMap((one) =>
        one.sides.flatMap((side) =>
          side.remedy?.type === 'AddRule' ? [{ one, side, remedy: side.remedy }] : [],
        ),
      )
      const chosen = proposals[choice % Math.max(1, proposals.length)]
      if (chosen === undefined) return
      const { one, side, remedy } = chosen
      const group = objects.find((object) => keyOf(object) === remedy.group)
      const name = remedy.direction === 'Ingress' ? 'ingress' : 'egress'
      // An absent list stands for the profile's initial rules, which a first own rule would take the place of.
      if (group?.kind !== 'SecurityGroup' || group.spec[name] === undefined) return
      const changed = withRule(objects, remedy.group, name, { ...remedy.rule, name: 'proposed' })
      const installation = new Installation(...changed)
      const proposed = [name, group.spec[name].length].join()
      const against = installation
        .findings(group)
        .filter(({ path = [] }) => path.slice(1, 3).join() === proposed)
      expect(against.filter(isError)).toEqual([])
      const now = installation.model.object(remedy.group)
      if (now?.kind !== 'SecurityGroup' || now.spec[name]?.at(-1)?.name !== 'proposed') return
      const again = casesOf(installation.model, traffic).filter(
        (other) => other.family === one.family && other.from === one.from && other.to === one.to,
      )
      // Judged anew with a rule more, an instance may be over a quota and not in force.
      if (again.length === 0) return
      tried += 1
      const answers = again.flatMap(({ sides }) =>
        sides.filter(({ direction }) => direction === side.direction).map(({ answer }) => answer),
      )
      expect(answers.includes('Allowed')).toBe(true)
    }),
    { numRuns: 150, interruptAfterTimeLimit: 20_000 },
  )
  expect(tried).toBeGreaterThan(10)
})
