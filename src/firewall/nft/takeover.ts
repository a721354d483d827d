import type { ObjectKey } from '../../core/key.ts'
import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { Layout } from './layout.ts'
import type { Listing } from './listing.ts'
import type { Table } from './table.ts'
import { TouchedParts } from './touched.ts'
import { transactionFor } from './transaction.ts'
import { Verification } from './verification.ts'

/** What a namespace was found to hold of what is on record for it. */
export interface Held {
  /** Instances on record that it does not hold as recorded. */
  readonly missing: readonly ObjectKey[]
  readonly missingRemotes: readonly ObjectKey[]
}

/** The parts of a layout's table that are there without any instance. */
export function skeletonOf(layout: Layout): Table {
  return new Layout(layout.generation).table
}

/** Marks everything that either holds, so that the next transaction compares all of it. */
export function touchAll(touched: TouchedParts, desired: Table, actual: Table): void {
  for (const table of [desired, actual]) {
    for (const name of table.chains.keys()) touched.chains.add(name)
    for (const name of table.sets.keys()) touched.sets.add(name)
  }
}

/** The slot that the kernel's table gives an instance. */
export function slotInKernel({ attachment }: InstanceRuleset, actual: Table | undefined): string | undefined {
  const value =
    attachment?.host === true
      ? actual?.chains.get('host_ingress')?.rules.find((rule) => rule.startsWith('jump i_'))
      : actual?.sets.get('to_instance')?.elements.get(`"${attachment?.interface ?? ''}"`)
  return /^jump i_([0-9a-f]{12}(?:_\d+)?)$/.exec(value ?? '')?.[1]
}

/** Compares what is on record, as laid out, with what the kernel holds. */
export function heldOf(layout: Layout, listing: Listing | undefined, skeleton: Table): Held {
  const remotes = [...layout.usedRemotes()]
  if (listing === undefined) return { missing: [...layout.instances.keys()], missingRemotes: remotes }
  const verification = new Verification(layout, listing, skeleton)
  return {
    missing: [...layout.instances.keys()].filter((key) => !verification.holds(key)),
    missingRemotes: remotes.filter((remote) => !verification.holdsRemote(remote)),
  }
}

/** What a table and what is on record differ in. */
export function differingParts(layout: Layout, { table, foreign }: Listing): readonly string[] {
  return [...partsBetween(table, layout.table), ...foreign]
}

/** What two tables differ in. */
export function partsBetween(one: Table, other: Table): readonly string[] {
  const touched = new TouchedParts()
  touchAll(touched, other, one)
  return transactionFor(one, other, touched).parts
}
