import type { ObjectKey } from '../../core/key.ts'
import { isList, isRecord } from '../../core/record.ts'

/** What a lab can send and hear an answer to. */
export type ProbeProtocol = 'TCP' | 'UDP' | 'ICMP' | 'ICMPv6'

/** One end of a probe: an instance, or an address that stands for the world outside. */
export interface ProbeEnd {
  readonly instance: ObjectKey | undefined
  readonly address: string
}

/** A packet to be sent; ICMP and ICMPv6 mean an echo request. */
export interface Probe {
  readonly from: ProbeEnd
  readonly to: ProbeEnd
  readonly protocol: ProbeProtocol
  /** Of TCP and UDP. */
  readonly port?: number
  /** Of TCP and UDP, where it matters; else any. */
  readonly sourcePort?: number
}

/**
 * What a prober is asked to send, and what came of it. A lab's ends have no listeners: that a packet
 * arrived shows in the refusal (TCP's reset, ICMP's port unreachable), or in a connection where somebody
 * does listen.
 */
export interface ProbeRequest {
  readonly protocol: ProbeProtocol
  readonly from: string
  readonly to: string
  readonly port: number
  /** 0: any. */
  readonly sourcePort: number
}

/** One line to a prober. */
export interface ProbeBatch {
  readonly requests: readonly ProbeRequest[]
  /** How long to wait for each answer. */
  readonly waitMs: number
}

/** Whether a line to a prober is one. */
export function isProbeBatch(value: unknown): value is ProbeBatch {
  return (
    isRecord(value) &&
    typeof value['waitMs'] === 'number' &&
    isList(value['requests']) &&
    value['requests'].every(isProbeRequest)
  )
}

function isProbeRequest(value: unknown): value is ProbeRequest {
  return (
    isRecord(value) &&
    ['protocol', 'from', 'to'].every((field) => typeof value[field] === 'string') &&
    ['port', 'sourcePort'].every((field) => typeof value[field] === 'number')
  )
}

/** `Failed`: nothing could be sent, with the system's reason. */
export type ProbeOutcome = 'Answered' | 'Silent' | `Failed ${string}`
