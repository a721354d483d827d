import type { ObjectKey } from '../core/key.ts'

/** What an agent says of the rules of one instance. */
export interface AgentReport {
  readonly isProgrammed: boolean
  /** Why it could not program the last change; or that it did. */
  readonly message: string
  /** What it programmed last, where it ever did. */
  readonly programmed: ProgrammedVersion | undefined
}

/** Which rules an agent has programmed, and where. */
export interface ProgrammedVersion {
  readonly nodeName: string
  /** Of the version in force of the instance. */
  readonly generation: number
  /** Of the rules. */
  readonly digest: string
}

/** What the agents of all nodes say. In a cluster they program the rules, and the engine is told of it. */
export interface AgentReports {
  /** Undefined: nothing yet. */
  of(instance: ObjectKey): AgentReport | undefined
  /** The instances of which something else is said than at the last call. */
  drain(): readonly ObjectKey[]
}
