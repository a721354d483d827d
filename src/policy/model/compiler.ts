import type { Rule, SecurityGroup } from '../../api/types.gen.ts'
import { namespaceOf } from '../../api/objects.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Moment } from '../../core/moment.ts'
import { compileGroup, type RuleSurroundings } from '../group-rules.ts'
import type { Profile } from '../profile.ts'
import { ruleRemoteKey } from '../references.ts'
import { buildRuleSet } from '../rule-set.ts'
import type { RuleSet } from '../ruleset.ts'
import type { CompiledGroup } from './nodes.ts'

/**
 * Compiles groups and rule sets for one moment, what is alike once: many VPCs are cast in one mould, and their
 * groups differ in nothing but the VPC. There is one for each round of computing, which is forgotten with it.
 */
export class Compiler {
  readonly #now: Moment
  readonly #groups = new Map<string, CompiledGroup>()
  readonly #ruleSets = new Map<string, RuleSet>()
  /** Numbers that stand for profiles and compiled groups in the names of what was made of them. */
  readonly #numbers = new Map<Profile | CompiledGroup, number>()

  constructor(now: Moment) {
    this.#now = now
  }

  /** `remotes`: what the rules of the group name; `isThere` says which of it is in force. */
  group(
    object: SecurityGroup,
    profile: Profile,
    remotes: readonly ObjectKey[],
    isThere: (remote: ObjectKey) => boolean,
  ): CompiledGroup {
    const { type, template, innerAccess, ingress, egress } = object.spec
    const missing = remotes.filter((remote) => !isThere(remote))
    const { name } = object.metadata
    const number = this.#number(profile)
    const identity = JSON.stringify([number, name, type, template, innerAccess, ingress, egress, missing])
    const known = this.#groups.get(identity)
    if (known !== undefined) return known
    const namespace = namespaceOf(object)
    const resolves = (rule: Rule): boolean => {
      const key = ruleRemoteKey(rule, namespace)
      return key === undefined || !missing.includes(key)
    }
    const compiled = compile(object, profile, { resolves, now: this.#now })
    this.#groups.set(identity, compiled)
    return compiled
  }

  ruleSet(profile: Profile, groups: readonly CompiledGroup[]): RuleSet {
    let identity = String(this.#number(profile))
    for (const group of groups) identity += ` ${String(this.#number(group))}`
    const known = this.#ruleSets.get(identity)
    if (known !== undefined) return known
    const ruleSet = buildRuleSet(profile, groups)
    this.#ruleSets.set(identity, ruleSet)
    return ruleSet
  }

  #number(of: Profile | CompiledGroup): number {
    const known = this.#numbers.get(of)
    if (known !== undefined) return known
    const number = this.#numbers.size
    this.#numbers.set(of, number)
    return number
  }
}

function compile(object: SecurityGroup, profile: Profile, around: RuleSurroundings): CompiledGroup {
  return {
    implicit: profile.groupType(object.spec.type)?.implicit ?? CLOSED,
    ingress: compileGroup(object, profile, 'Ingress', around),
    egress: compileGroup(object, profile, 'Egress', around),
  }
}

/** The implicit actions of a group whose type its profile does not have (any more). */
const CLOSED = { ingress: 'Drop', egress: 'Drop' } as const
