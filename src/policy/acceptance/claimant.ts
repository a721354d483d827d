import type { Instance } from '../../api/types.gen.ts'
import { displayKey, type ObjectKey } from '../../core/key.ts'
import type { ClaimSet } from './claim-table.ts'
import type { Entry } from './entry.ts'
import { finding, type Finding } from './finding.ts'

/** An instance that wants what its declared version claims, and what else was found of that. */
export interface Claimant {
  readonly entry: Entry
  readonly instance: Instance
  readonly claims: ClaimSet
  readonly findings: readonly Finding[]
}

/** That somebody has a claim of an instance. The claim after the last address is the attachment point. */
export function taken(instance: Instance, index: number, holder: ObjectKey): Finding {
  const address = instance.spec.addresses?.[index]
  const hint = (what: string): string => `choose another ${what}, or take it away from ${displayKey(holder)}`
  if (address === undefined) {
    const problem = `the attachment point belongs to ${displayKey(holder)}`
    return finding('AttachmentTaken', instance, ['spec', 'attachment'], problem, { hint: hint('one') })
  }
  const problem = `${address} belongs to ${displayKey(holder)}`
  return finding('AddressTaken', instance, ['spec', 'addresses', index], problem, { hint: hint('address') })
}
