import type { PalisadeObject } from '../../api/objects.ts'
import type { InstanceStatus } from '../../api/types.gen.ts'
import type { Diagnostic } from '../../core/diagnostic.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Acceptance } from '../../policy/acceptance/acceptance.ts'
import type { Model } from '../../policy/model/model.ts'
import type { Drift } from '../../firewall/firewall.ts'
import type { AgentReports } from '../agent-reports.ts'
import { DriftNotes } from '../drift-notes.ts'
import { conditionsOf, type ConditionInputs } from './conditions.ts'
import { holdsCondition, type UnkeptPromise } from './promise-status.ts'
import { RuleListing } from './instance-status.ts'
import { programmedByAgent, programmedByFirewall } from './programmed-condition.ts'
import { groupNames, groupStatus, referrers, vpcStatus } from './object-status.ts'
import type { TimelessStatus } from './status-writer.ts'

export type { Drift }

/** What the engine knows of an object besides the model. */
export interface StatusContext {
  readonly findings: readonly Diagnostic[]
  readonly unreadable: boolean
  /** Why the change that is asked for is not made; undefined: it is. */
  readonly held?: readonly Diagnostic[] | undefined
  /** Whether nobody declares the object any more; of those that are held. */
  readonly isDeleted?: boolean
  /** Why the firewall does not hold the rules as desired; undefined when it does. */
  readonly unprogrammed: string | undefined
  /** How a promise does not hold; undefined when it does. */
  readonly unkept?: UnkeptPromise | undefined
  /** Of the version in force; undefined while there is none. */
  readonly generation: number | undefined
}

interface StatusBuilderOptions {
  readonly listedAddresses: number
  /** Absent: the loop's own firewall programs. */
  readonly agents?: AgentReports
  /** The node whose instances that enforces; absent: all are its own. */
  readonly node?: string
}

/** Computes the status of objects, each from the state of the model at the moment. */
export class StatusBuilder {
  readonly #model: Model
  readonly #acceptance: Acceptance
  readonly #rules: RuleListing
  readonly #drift = new DriftNotes()
  readonly #agents: AgentReports | undefined
  readonly #node: string | undefined

  constructor(model: Model, acceptance: Acceptance, options: StatusBuilderOptions) {
    const { listedAddresses, agents, node } = options
    this.#agents = agents
    this.#node = node
    this.#model = model
    this.#acceptance = acceptance
    this.#rules = new RuleListing(model, listedAddresses)
  }

  build(key: ObjectKey, object: PalisadeObject, generated: boolean, context: StatusContext): TimelessStatus {
    const conditions = conditionsOf({
      key,
      findings: context.findings,
      accepted: generated || this.#acceptance.verdict(key).accepted,
      enforced: generated || this.#model.object(key) !== undefined,
      unreadable: context.unreadable,
      held: context.held,
      isDeleted: context.isDeleted === true,
      blockedBy: this.#acceptance.blockedBy(key),
      ...(object.kind === 'Instance' && this.#programmed(key, context)),
      ...(object.kind === 'ReachabilityCheck' && { holds: holdsCondition(context.unkept) }),
      drifted: this.#drift.of(key),
    })
    return { conditions, ...this.#rest(key, object) }
  }

  /**
   * To be called before a round of statuses: what remotes stand for may have changed. Takes note of what was
   * put right, and returns the instances that there is something new to say of.
   */
  refresh(drift: readonly Drift[], now: Date): readonly ObjectKey[] {
    this.#rules.forget()
    return this.#drift.note(drift, now)
  }

  #rest(key: ObjectKey, object: PalisadeObject): Pick<TimelessStatus, 'rest' | 'attach'> {
    switch (object.kind) {
      case 'CloudProfile': {
        const rest = referrers(key, this.#acceptance, 'VPC')
        return { rest, attach: (metadata, base) => ({ ...object, metadata, status: { ...base, ...rest } }) }
      }
      case 'AddressGroup': {
        const entries = this.#model.prefixes(key)?.length
        const named = referrers(key, this.#acceptance, 'SecurityGroup')
        const rest = { ...(entries !== undefined && { entries }), ...named }
        return { rest, attach: (metadata, base) => ({ ...object, metadata, status: { ...base, ...rest } }) }
      }
      case 'VPC': {
        const rest = vpcStatus(key, this.#model, this.#acceptance) ?? {}
        return { rest, attach: (metadata, base) => ({ ...object, metadata, status: { ...base, ...rest } }) }
      }
      case 'SecurityGroup': {
        const rest = groupStatus(key, this.#model, this.#acceptance) ?? {}
        return { rest, attach: (metadata, base) => ({ ...object, metadata, status: { ...base, ...rest } }) }
      }
      case 'ReachabilityCheck':
        return { rest: {}, attach: (metadata, base) => ({ ...object, metadata, status: { ...base } }) }
      case 'Instance': {
        const { shown, rest } = this.#instance(key)
        return { rest, attach: (metadata, base) => ({ ...object, metadata, status: { ...base, ...shown } }) }
      }
    }
  }

  /** What is compared is short, since thousands of instances have the same rules. */
  #instance(key: ObjectKey): { readonly shown: InstanceStatus; readonly rest: object } {
    const found = this.#model.instance(key)
    if (found === undefined) return { shown: {}, rest: {} }
    const { rules, digest } = this.#rules.of(key, found.vpc.ruleSet(found.node))
    const securityGroups = groupNames(key, this.#model)
    return { shown: { securityGroups, effectiveRules: rules }, rest: { securityGroups, rules: digest } }
  }

  #programmed(key: ObjectKey, context: StatusContext): Pick<ConditionInputs, 'programmed' | 'awaited'> {
    const found = this.#model.instance(key)
    if (found === undefined) return {}
    const { attachment } = found.node.object.spec
    if (this.#agents === undefined || attachment === undefined) {
      return { programmed: programmedByFirewall(attachment, context.unprogrammed, this.#node) }
    }
    const { digest } = found.vpc.ruleSet(found.node)
    const duty = { nodeName: attachment.nodeName, generation: context.generation, digest }
    return { awaited: programmedByAgent(duty, this.#agents.of(key)) }
  }
}
