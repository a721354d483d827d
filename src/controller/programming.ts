import { FirewallError, type Drift, type Faults, type Firewall } from '../firewall/firewall.ts'
import type { RulesetChange } from '../policy/ruleset.ts'
import { isEmptyChange } from './desired.ts'

/** What came of an attempt to have the firewall hold what it should. */
export interface Attempt {
  /** What another program had changed in the firewall, and was put right. */
  readonly drift: readonly Drift[]
  /** Why the firewall refused the change, or to be put right, as a sentence. */
  readonly refusal: string | undefined
  /** Whom that concerns; absent: everybody whom the change concerns. */
  readonly faults: Faults | undefined
}

export async function repair(firewall: Firewall): Promise<Attempt> {
  try {
    return { drift: await firewall.repair(), refusal: undefined, faults: undefined }
  } catch (error) {
    if (error instanceof FirewallError) {
      return { drift: error.drift, refusal: error.message, faults: error.faults }
    }
    throw error
  }
}

/** Where a part of the change is refused, the rest of the firewall is looked after all the same. */
export async function program(firewall: Firewall, change: RulesetChange): Promise<Attempt> {
  const refused = isEmptyChange(change) ? undefined : await refusalOf(firewall.apply(change))
  if (refused === undefined) return repair(firewall)
  if (refused.faults === undefined) return { drift: [], refusal: refused.message, faults: undefined }
  const { drift, faults = [] } = await repair(firewall)
  return { drift, refusal: refused.message, faults: new Map([...refused.faults, ...faults]) }
}

async function refusalOf(attempt: Promise<void>): Promise<FirewallError | undefined> {
  try {
    await attempt
    return undefined
  } catch (error) {
    if (error instanceof FirewallError) return error
    throw error
  }
}
