import { rmSync } from 'node:fs'
import path from 'node:path'
import { isList, isRecord, isStringList } from '../core/record.ts'
import type { ObjectKey } from '../core/key.ts'
import { replaceFile } from '../storage/atomic-file.ts'
import { readFileIfPresent } from '../storage/read-file.ts'
import {
  isProcessIdentity,
  livenessOf,
  ownIdentity,
  type ProcessIdentity,
} from '../store/process-identity.ts'
import { LabError } from './lab-error.ts'
import type { BuiltNetwork } from './networks.ts'

/** An instance of a lab that is up: which process holds its namespace. */
export interface RunningInstance {
  readonly key: ObjectKey
  readonly vpc: ObjectKey
  readonly pid: number
  readonly interface: string
  readonly addresses: readonly string[]
}

export interface RunningNetwork {
  readonly vpc: ObjectKey
  readonly router: number
  readonly internet: number
}

/** What other processes need to know of a lab that is up; PIDs are those of whoever started it. */
export interface RunningLab {
  readonly supervisor: ProcessIdentity
  readonly networks: readonly RunningNetwork[]
  readonly instances: readonly RunningInstance[]
}

const fileOf = (state: string): string => path.join(state, 'lab.json')

/** Says in the state folder what is up. */
export async function writeLabFile(
  state: string,
  built: ReadonlyMap<ObjectKey, BuiltNetwork>,
): Promise<void> {
  const networks = [...built].map(([vpc, { router, internet }]) => ({ vpc, router, internet }))
  const instances = [...built].flatMap(([vpc, { ports }]) =>
    [...ports].map(([key, { pid, port }]) => {
      return { key, vpc, pid, interface: port.interface, addresses: port.addresses }
    }),
  )
  const lab: RunningLab = { supervisor: ownIdentity(), networks, instances }
  await replaceFile(fileOf(state), [Buffer.from(`${JSON.stringify(lab, null, 2)}\n`)])
}

export function removeLabFile(state: string): void {
  rmSync(fileOf(state), { force: true })
}

/** The lab that is up with this state folder, if any. Throws LabError where it cannot be seen from here. */
export function runningLab(state: string): RunningLab | undefined {
  const bytes = readFileIfPresent(fileOf(state))
  const lab = bytes === undefined ? undefined : parse(bytes)
  if (lab === undefined) return undefined
  const liveness = livenessOf(lab.supervisor)
  if (liveness === 'Unknown') {
    const { pid, host } = lab.supervisor
    throw new LabError(`the lab of ${state} is held by process ${pid} on ${host}, out of sight from here`)
  }
  // Who was killed could not remove the file, and took the lab with it.
  return liveness === 'Alive' ? lab : undefined
}

function parse(bytes: Uint8Array): RunningLab | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return isRunningLab(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isRunningLab = (value: unknown): value is RunningLab =>
  isRecord(value) &&
  isProcessIdentity(value['supervisor']) &&
  isList(value['networks']) &&
  value['networks'].every(isRunningNetwork) &&
  isList(value['instances']) &&
  value['instances'].every(isRunningInstance)

const isRunningNetwork = (value: unknown): boolean =>
  isRecord(value) && typeof value['vpc'] === 'string' && isPid(value['router']) && isPid(value['internet'])

const isRunningInstance = (value: unknown): boolean =>
  isRecord(value) &&
  ['key', 'vpc', 'interface'].every((field) => typeof value[field] === 'string') &&
  isPid(value['pid']) &&
  isStringList(value['addresses'])

const isPid = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0
