import type fc from 'fast-check'
import type { PalisadeObject } from '../../src/api/objects.ts'
import { objectsOf, type World } from '../reference/arbitraries/world.ts'
import { Installation } from './installation.ts'

/** The states of one installation, each reduced to what is acceptable by itself. */
export function acceptableStates(
  worlds: fc.Arbitrary<readonly World[]>,
): fc.Arbitrary<readonly (readonly PalisadeObject[])[]> {
  return worlds.map((list) => list.map((world) => acceptablePart(objectsOf(unhindered(world)))))
}

/**
 * Without what makes the way from one acceptable state to another matter: quotas, where a place is given up for
 * who needs it to be given up; types of groups, which those that share members change one after the other; and
 * templates, which a profile cannot lose while groups in force use them.
 *
 * Built-in profiles have a quota, too, that a small world reaches on its way: five groups for one instance. Where
 * a group is refused since the last version of an instance would be in one too many, and the next version of that
 * instance waits for the group, something is refused, and only where nothing is does history make no difference.
 * Room for all groups and a default one takes that away; the other quotas of built-in profiles are out of reach.
 */
const unhindered = (world: World): World => ({
  ...world,
  vpcs: world.vpcs.map((vpc) => ({
    ...vpc,
    spec: { ...vpc.spec, limits: { ...vpc.spec.limits, groupsPerInstance: world.groups.length + 1 } },
  })),
  profiles: world.profiles.map((profile) => ({ ...profile, spec: { ...profile.spec, quotas: {} } })),
  groups: world.groups.map(({ spec: { type: _type, template: _template, ...spec }, ...group }) => ({
    ...group,
    spec,
  })),
})

/** The largest part of some objects in which nothing has an error, however it is declared. */
function acceptablePart(objects: readonly PalisadeObject[]): readonly PalisadeObject[] {
  const installation = new Installation(...objects)
  const isGood = (object: PalisadeObject): boolean =>
    installation.isAccepted(object) &&
    !installation.findings(object).some(({ severity }) => severity === 'error')
  const good = objects.filter(isGood)
  return good.length === objects.length ? good : acceptablePart(good)
}
