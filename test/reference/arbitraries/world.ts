import fc from 'fast-check'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import type {
  AddressGroup,
  CloudProfile,
  Instance,
  LabelSelector,
  LabelSelectorRequirement,
  Rule,
  SecurityGroup,
  SecurityGroupSpec,
  VPC,
} from '../../../src/api/types.gen.ts'
import { BUILT_IN } from '../built-in.ts'
import { addressGroup, group, instance, valid, vpc } from '../objects.ts'
import { profileArbitrary, TEMPLATES } from './profile.ts'
import { CIDRS, fitted, ruleArbitrary } from './rule.ts'

/** A small installation: a few VPCs with different profiles, some groups, some instances. */
export interface World {
  readonly profiles: readonly CloudProfile[]
  readonly vpcs: readonly VPC[]
  readonly lists: readonly AddressGroup[]
  readonly groups: readonly SecurityGroup[]
  readonly instances: readonly Instance[]
}

/** Everything that the user declares, referents first; the built-in profiles come besides. */
export function objectsOf({ profiles, vpcs, lists, groups, instances }: World): PalisadeObject[] {
  return [...profiles, ...lists, ...vpcs, ...groups, ...instances]
}

const LABEL_KEYS = ['role', 'tier', 'constructor'] as const
const LABEL_VALUES = ['web', 'app', 'db'] as const

const labels = fc.dictionary(fc.constantFrom(...LABEL_KEYS), fc.constantFrom(...LABEL_VALUES), { maxKeys: 2 })

const requirement: fc.Arbitrary<LabelSelectorRequirement> = fc.oneof(
  fc.record({
    key: fc.constantFrom(...LABEL_KEYS),
    operator: fc.constantFrom('In' as const, 'NotIn' as const),
    values: fc.uniqueArray(fc.constantFrom(...LABEL_VALUES), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    key: fc.constantFrom(...LABEL_KEYS),
    operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const),
  }),
)

const selector: fc.Arbitrary<LabelSelector> = fc.record(
  {
    matchLabels: fc.dictionary(fc.constantFrom(...LABEL_KEYS), fc.constantFrom(...LABEL_VALUES), {
      maxKeys: 2,
    }),
    matchExpressions: fc.array(requirement, { maxLength: 2 }),
  },
  { requiredKeys: [] },
)

const lists: fc.Arbitrary<AddressGroup[]> = fc
  .array(fc.uniqueArray(fc.constantFrom(...CIDRS), { minLength: 1, maxLength: 3 }), { maxLength: 2 })
  .map((all) => all.map((cidrs, index) => valid(addressGroup(`l${String(index)}`, cidrs))))

/** What stays the same about a VPC, whatever its versions say: these fields are immutable. */
interface VpcFrame {
  readonly name: string
  readonly region: string
  readonly classic: boolean
}

const vpcFrames: fc.Arbitrary<VpcFrame[]> = fc
  .array(
    fc.record({
      region: fc.constantFrom('east', 'west'),
      classic: fc.integer({ min: 0, max: 14 }).map((roll) => roll === 0),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((frames) => frames.map((frame, index) => ({ ...frame, name: `v${String(index)}` })))

const vpcArbitrary = (
  { name, region, classic }: VpcFrame,
  profiles: readonly CloudProfile[],
): fc.Arbitrary<VPC> => {
  const builtIn = BUILT_IN.map(({ metadata }) => metadata.name)
  // A random profile says more than a built-in one: each has the weight of all four together.
  const own = profiles.flatMap(({ metadata }) => Array<string>(4).fill(metadata.name))
  const chosen = classic ? fc.constant('alibaba') : fc.constantFrom(...builtIn, ...own)
  return chosen.map((profile) =>
    valid(vpc(name, { region, profileRef: { name: profile }, ...(classic && { networkType: 'Classic' }) })),
  )
}

/** Where a group goes: mostly `g0`, `g1` and so on, now and then with the name of some VPC's default group. */
interface Slot {
  readonly name: string
  readonly vpc: string
}

const slotsArbitrary = (vpcs: readonly VpcFrame[], most: number): fc.Arbitrary<Slot[]> =>
  fc
    .array(
      fc.record({
        vpc: fc.constantFrom(...vpcs.map(({ name }) => name)),
        default: fc.oneof(
          { weight: 12, arbitrary: fc.constant(undefined) },
          { weight: 1, arbitrary: fc.constantFrom(...vpcs.map(({ name }) => name)) },
        ),
      }),
      { maxLength: most },
    )
    .map((slots) =>
      slots.map((slot, index) => ({
        name: slot.default === undefined ? `g${String(index)}` : `${slot.default}-default`,
        vpc: slot.vpc,
      })),
    )
    .map((slots) =>
      slots.filter(({ name }, index) => slots.findIndex((slot) => slot.name === name) === index),
    )

const groupArbitrary = (
  { name, vpc: vpcName }: Slot,
  slots: readonly Slot[],
  profile: CloudProfile,
  listNames: readonly string[],
): fc.Arbitrary<SecurityGroup> => {
  const siblings = slots.filter((slot) => slot.vpc === vpcName).map((slot) => slot.name)
  // One name in a while leads nowhere, or into another VPC.
  const rules = fc.array(
    fc.oneof(
      {
        weight: 12,
        arbitrary: ruleArbitrary({ groups: [...siblings, `${vpcName}-default`], lists: listNames }),
      },
      {
        weight: 1,
        arbitrary: ruleArbitrary({ groups: ['missing', ...slots.map((slot) => slot.name)], lists: ['l9'] }),
      },
    ),
    { maxLength: 4 },
  )
  const { spec } = profile
  const shape = fc.record(
    {
      type: fc.constantFrom(...spec.groupTypes.map((type) => type.name)),
      innerAccess: fc.constantFrom('Accept' as const, 'Drop' as const),
      template: fc.constantFrom(...[...(spec.templates ?? []).map((one) => one.name), TEMPLATES[0]]),
      instanceSelector: selector,
      ingress: rules,
      egress: rules,
      /** Whether what the profile refuses is left in. */
      wild: fc.integer({ min: 0, max: 11 }).map((roll) => roll === 0),
    },
    { requiredKeys: ['wild'] },
  )
  return shape.map(({ wild, ingress, egress, type, innerAccess, template, ...rest }) => {
    const groupType = spec.groupTypes.find((one) => one.name === type) ?? spec.groupTypes[0]
    const fit = (list: readonly Omit<Rule, 'name'>[]): Omit<Rule, 'name'>[] =>
      wild ? [...list] : list.flatMap((rule) => fitted(rule, spec, groupType, name) ?? [])
    const isOffered = wild || spec.templates?.some((one) => one.name === template)
    const isAllowed =
      wild || (innerAccess !== undefined && groupType?.innerAccess?.allowed.includes(innerAccess))
    const built: Omit<SecurityGroupSpec, 'vpcRef' | 'ingress' | 'egress'> = {
      ...rest,
      displayName: `name-of-${name}`,
      ...(type !== undefined && { type }),
      ...(template !== undefined && isOffered === true && { template }),
      ...(innerAccess !== undefined && isAllowed === true && { innerAccess }),
    }
    return valid(
      group(name, vpcName, {
        ...built,
        ...(ingress && { ingress: fit(ingress) }),
        ...(egress && { egress: fit(egress) }),
      }),
    )
  })
}

/** Instance `i3` has 10.0.0.3 and fd00::3, one of them, or neither; now and then one that another has too. */
const instanceArbitrary = (index: number, vpcName: string, slots: readonly Slot[]): fc.Arbitrary<Instance> =>
  fc
    .record({
      labels,
      families: fc.constantFrom(['10.0.0.'], ['fd00::'], ['10.0.0.', 'fd00::'], ['10.0.0.', 'fd00::'], []),
      number: fc.oneof({ weight: 12, arbitrary: fc.constant(index) }, { weight: 1, arbitrary: fc.nat(3) }),
      picks: fc.array(fc.nat(1000), { maxLength: 3 }),
      stray: fc.integer({ min: 0, max: 19 }).map((roll) => roll === 0),
    })
    .map(({ labels: own, families, number, picks, stray }) => {
      const siblings = slots.filter((slot) => slot.vpc === vpcName)
      const offered = [
        ...siblings.map(({ name }) => name),
        ...(stray ? ['missing', `${vpcName}-default`] : []),
      ]
      const names = picks.flatMap((pick) => offered[pick % Math.max(1, offered.length)] ?? [])
      return valid(
        instance({ name: `i${String(index)}`, labels: own }, vpcName, [...new Set(names)], {
          addresses: families.map((family) => `${family}${String(number)}`),
        }),
      )
    })

/** What all states of one installation have in common: who belongs to which VPC. */
interface Frame {
  readonly vpcs: readonly VpcFrame[]
  readonly slots: readonly Slot[]
  /** The VPC of each instance. */
  readonly homes: readonly string[]
}

interface WorldSize {
  readonly groups: number
  readonly instances: number
}

const frameArbitrary = ({ groups, instances }: WorldSize): fc.Arbitrary<Frame> =>
  vpcFrames.chain((vpcs) =>
    fc.record({
      vpcs: fc.constant(vpcs),
      slots: slotsArbitrary(vpcs, groups),
      homes: fc.array(fc.constantFrom(...vpcs.map(({ name }) => name)), {
        maxLength: instances,
        size: 'max',
      }),
    }),
  )

const contentArbitrary = ({ vpcs: frames, slots, homes }: Frame): fc.Arbitrary<World> => {
  const profiles = fc
    .tuple(profileArbitrary('p0'), profileArbitrary('p1'), fc.nat(2))
    .map(([first, second, count]) => [first, second].slice(0, count))
  return fc
    .tuple(profiles, lists)
    .chain(([own, addressGroups]) =>
      fc.record({
        own: fc.constant(own),
        addressGroups: fc.constant(addressGroups),
        vpcs: fc.tuple(...frames.map((frame) => vpcArbitrary(frame, own))),
      }),
    )
    .chain(({ own, addressGroups, vpcs }) => {
      const profileOf = (vpcName: string): CloudProfile => {
        const name = vpcs.find(({ metadata }) => metadata.name === vpcName)?.spec.profileRef?.name
        const found = [...BUILT_IN, ...own].find(({ metadata }) => metadata.name === name)
        if (found === undefined) throw new Error(`no profile ${String(name)}`)
        return found
      }
      const names = addressGroups.map(({ metadata }) => metadata.name)
      return fc.record({
        profiles: fc.constant(own),
        lists: fc.constant(addressGroups),
        vpcs: fc.constant(vpcs),
        groups: fc.tuple(...slots.map((slot) => groupArbitrary(slot, slots, profileOf(slot.vpc), names))),
        instances: fc.tuple(...homes.map((home, index) => instanceArbitrary(index, home, slots))),
      })
    })
}

const SMALL: WorldSize = { groups: 6, instances: 6 }

/** Small worlds in which most objects are acceptable and some are not. */
export function worldArbitrary(size: WorldSize = SMALL): fc.Arbitrary<World> {
  return frameArbitrary(size).chain(contentArbitrary)
}

/** States that one installation may go through: the same names in the same VPCs, with other contents. */
export function worldsArbitrary(count: number, size: WorldSize = SMALL): fc.Arbitrary<World[]> {
  return frameArbitrary(size).chain((frame) =>
    fc.array(contentArbitrary(frame), { minLength: 1, maxLength: count, size: 'max' }),
  )
}
