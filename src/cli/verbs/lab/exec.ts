import { parseKey } from '../../../core/key.ts'
import { runAttached } from '../../../lab/entry.ts'
import type { RunningLab } from '../../../lab/lab-file.ts'
import { findInstance, type FoundInstance } from '../../instance-name.ts'
import { EXIT } from '../../exit-status.ts'
import type { Io } from '../../io.ts'
import { printable } from '../../output/printable.ts'
import { needLab } from './running.ts'

export interface LabExecOptions {
  readonly state: string
  readonly namespace?: string
}

/** Runs a command as if on an instance or from outside of a VPC, and exits as it does. */
export async function labExec(
  io: Io,
  word: string,
  command: readonly string[],
  { state, namespace }: LabExecOptions,
): Promise<number> {
  const lab = needLab(state)
  const keys = lab.instances.map(({ key }) => key)
  const found = findInstance(word, namespace, keys, 'palisade lab status')
  const pid = found.ok ? lab.instances.find(({ key }) => key === found.key)?.pid : internetOf(word, lab)
  if (pid !== undefined) return runAttached(pid, command)
  io.stderr.write(`error: ${printable(unknownReason(word, found, lab))}\n`)
  return EXIT.bad
}

function unknownReason(word: string, found: FoundInstance, { networks }: RunningLab): string {
  if (!/^internet(:|$)/.test(word)) return found.ok ? `${found.key} is not up yet` : found.reason
  const choices = networks.map(({ vpc }) => `internet:${parseKey(vpc).name}`)
  return choices.length === 0 ? 'no VPC is up' : `each VPC has its own Internet: say ${choices.join(' or ')}`
}

/** `internet` where there is one VPC, else `internet:VPC`: what stands in for everything outside. */
function internetOf(word: string, { networks }: RunningLab): number | undefined {
  const [name, vpc] = word.split(':')
  if (name !== 'internet') return undefined
  const meant = networks.filter((network) => vpc === undefined || parseKey(network.vpc).name === vpc)
  return meant.length === 1 ? meant[0]?.internet : undefined
}
