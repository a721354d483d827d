import type { ObjectKey } from '../core/key.ts'
import { isRecord } from '../core/record.ts'
import { ChangeFeed } from './change-feed.ts'
import type { ClusterObjects } from './cluster-objects.ts'
import type { ServerObject } from './server-object.ts'
import { conditionsOf } from './written-status.ts'

/** What an agent has written into the status of an instance. */
export interface InstanceReport {
  readonly isProgrammed: boolean
  readonly message: string
  readonly programmed:
    { readonly nodeName: string; readonly generation: number; readonly digest: string } | undefined
}

/** What the agents of all nodes say of their instances, as the server has it. */
export class InstanceReports {
  readonly #cluster: ClusterObjects
  readonly #feed: ChangeFeed

  constructor(cluster: ClusterObjects) {
    this.#cluster = cluster
    this.#feed = new ChangeFeed(cluster, 'Instance')
  }

  of(instance: ObjectKey): InstanceReport | undefined {
    return reportOf(this.#cluster.get(instance))
  }

  /** The instances of which something else is said than at the last call. */
  drain(): readonly ObjectKey[] {
    return this.#feed
      .drain()
      .filter(({ before, now }) => textOf(before) !== textOf(now))
      .map(({ key }) => key)
  }
}

const textOf = (object: ServerObject | undefined): string => JSON.stringify(reportOf(object) ?? '')

function reportOf(object: ServerObject | undefined): InstanceReport | undefined {
  const condition = object && conditionsOf(object.status).get('Programmed')
  if (condition === undefined) return undefined
  const { status, message } = condition
  return {
    isProgrammed: status === 'True',
    message: typeof message === 'string' ? message : '',
    programmed: programmedOf(object?.status['programmed']),
  }
}

function programmedOf(value: unknown): InstanceReport['programmed'] {
  if (!isRecord(value)) return undefined
  const { nodeName, generation, digest } = value
  if (typeof nodeName !== 'string' || typeof generation !== 'number' || typeof digest !== 'string') {
    return undefined
  }
  return { nodeName, generation, digest }
}
