import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { isRecord } from '../core/record.ts'
import { faultCode } from '../storage/fault.ts'

/**
 * One process among all that ever ran anywhere. Everything but host and pid is '' where the system
 * does not tell (Linux does; proc(5)).
 */
export interface ProcessIdentity {
  readonly host: string
  readonly pid: number
  /** In clock ticks since the machine started: tells a process from a later one with its pid. */
  readonly startTime: string
  /** Changes with every start of the machine. */
  readonly bootId: string
  /** In another namespace (another container) the same pid is another process. */
  readonly pidNamespace: string
}

/** `Unknown`: it runs, or ran, where this process cannot see it. */
export type Liveness = 'Alive' | 'Dead' | 'Unknown'

export function ownIdentity(): ProcessIdentity {
  return {
    host: hostname(),
    pid: process.pid,
    startTime: readStat(process.pid)?.startTime ?? '',
    bootId: readText('/proc/sys/kernel/random/boot_id'),
    pidNamespace: readNamespace(),
  }
}

export function isProcessIdentity(value: unknown): value is ProcessIdentity {
  return (
    isRecord(value) &&
    ['host', 'startTime', 'bootId', 'pidNamespace'].every((field) => typeof value[field] === 'string') &&
    Number.isSafeInteger(value['pid']) &&
    Number(value['pid']) > 0
  )
}

/** Whether a process still runs, as seen from this one. */
export function livenessOf(other: ProcessIdentity, own: ProcessIdentity = ownIdentity()): Liveness {
  if (other.host !== own.host) return 'Unknown'
  if (other.bootId !== own.bootId) return 'Dead'
  if (other.pidNamespace !== own.pidNamespace) return 'Unknown'
  return runs(other) ? 'Alive' : 'Dead'
}

function runs({ pid, startTime }: ProcessIdentity): boolean {
  if (!exists(pid)) return false
  const stat = readStat(pid)
  if (stat === undefined) return true
  return stat.startTime === startTime && !hasEnded(stat)
}

/**
 * An ended process that its parent has not noticed yet is a zombie. Its first thread is one as soon as
 * that has ended: the others may still be inside the system call that writes a file.
 */
function hasEnded({ state, threads }: ProcessStat): boolean {
  return ['Z', 'X'].includes(state) && threads <= 1
}

/** Signal 0 is sent to nobody: it only asks (kill(2)). */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return faultCode(error) === 'EPERM'
  }
}

interface ProcessStat {
  readonly state: string
  readonly threads: number
  readonly startTime: string
}

/** The 3rd, 20th and 22nd fields (proc_pid_stat(5)), counted from the 3rd. */
const [STATE, THREADS, START_TIME] = [0, 17, 19]

/** Undefined where it cannot be read: another system than Linux, or the process is hidden. */
function readStat(pid: number): ProcessStat | undefined {
  const text = readText(`/proc/${pid}/stat`)
  // The 2nd field is the name of the program in parentheses and may itself hold spaces and parentheses.
  const fields = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(' ')
  const [state, threads, startTime] = [fields[STATE], fields[THREADS], fields[START_TIME]]
  if (state === undefined || startTime === undefined) return undefined
  return { state, threads: Number(threads), startTime }
}

function readNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
