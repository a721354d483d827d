import { keyOf } from '../../../api/objects.ts'
import { parseKey } from '../../../core/key.ts'
import { countObject, groupScope, QuotaLedger } from '../../acceptance/quota-ledger.ts'
import { limitsOf } from '../../acceptance/quota-limits.ts'
import { ruleWeight } from '../../acceptance/rule-weight.ts'
import type { VpcIndex } from '../../model/vpc-index.ts'
import { DIRECTIONS } from '../../profile.ts'
import { aboutGroup, type LintFinding } from '../finding.ts'
import type { LintWorld } from '../world.ts'

/** Of a limit; what is fuller is worth a word while there is still time to have it raised. */
const NEAR_PERCENT = 80

const isNear = (used: number, limit: number): boolean => used * 100 >= limit * NEAR_PERCENT

/** Quotas that are nearly used up. */
export function* nearQuotas(world: LintWorld): Generator<LintFinding> {
  const ledger = new QuotaLedger()
  for (const object of world.model.objects()) countObject(ledger, keyOf(object), object, world.model)
  for (const vpc of world.model.vpcs()) yield* nearGroups(vpc, ledger)
  for (const { vpc, group } of world.groups) {
    const limit = limitsOf(vpc).rules
    if (limit === undefined || group.generated) continue
    const counts = DIRECTIONS.map((direction) => ruleWeight(group.object, vpc, world.model, direction))
    const perDirection = vpc.profile.spec.quotas?.rules?.per === 'Direction'
    const used = perDirection ? Math.max(...counts) : counts.reduce((sum, count) => sum + count, 0)
    if (!isNear(used, limit)) continue
    yield aboutGroup({ vpc, group }, ['spec'], `has ${String(used)} of ${String(limit)} rules`, RAISE)
  }
}

const RAISE = 'remove what is not needed, or have the limit raised and say so in spec.limits of the VPC'

function* nearGroups(vpc: VpcIndex, ledger: QuotaLedger): Generator<LintFinding> {
  const limit = limitsOf(vpc).securityGroups
  const used = ledger.used(groupScope(vpc.object, vpc.profile))
  if (limit === undefined || !isNear(used, limit)) return
  const { namespace, name } = parseKey(vpc.key)
  const message = `VPC ${namespace}/${name}: ${String(used)} of ${String(limit)} security groups are used`
  yield { object: vpc.key, path: ['spec'], message, hint: RAISE }
}
