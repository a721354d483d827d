import { FirewallError } from '../firewall.ts'
import type { Executor, Finished } from './executor.ts'
import { TABLE } from './names.ts'

/** The oldest nft that palisade is tested with; Debian 12 and Ubuntu 24.04 have it or a later one. */
const OLDEST = [1, 0, 6] as const

/** Rejects with FirewallError, in one sentence, where this system cannot be programmed by this process. */
export async function probeNft(executor: Executor): Promise<void> {
  const { stdout } = await run(executor, ['nft', '--version'])
  const version = /v(\d+)\.(\d+)(?:\.(\d+))?/.exec(stdout)
  if (version === null) throw new FirewallError(`nft does not tell its version: ${stdout.trim()}`)
  const numbers = [Number(version[1]), Number(version[2]), Number(version[3] ?? 0)]
  if (isOlder(numbers)) {
    throw new FirewallError(
      `nft ${numbers.join('.')} is too old: install nftables ${OLDEST.join('.')} or later`,
    )
  }
  await probeIp(executor)
  const { status, stderr } = await run(executor, ['nft', '-c', '-f', '-'], `add table ${TABLE}\n`)
  if (status === 0) return
  if (/not permitted|Permission denied/.test(stderr)) {
    throw new FirewallError('nft may not program the kernel: run palisade as root or with CAP_NET_ADMIN')
  }
  throw new FirewallError(`nft cannot program the kernel: ${stderr.trim().split('\n')[0] ?? ''}`)
}

/** It tells of a port that is enslaved or renamed, whose packets would pass no rule. */
async function probeIp(executor: Executor): Promise<void> {
  const finished = await executor.run(undefined, ['ip', '-json', 'link', 'show', 'lo']).catch(() => undefined)
  if (finished?.status === 0 && finished.stdout.startsWith('[')) return
  throw new FirewallError('the program ip is not installed, or is another one: install iproute2')
}

function isOlder(numbers: readonly number[]): boolean {
  for (const [index, least] of OLDEST.entries()) {
    const number = numbers[index] ?? 0
    if (number !== least) return number < least
  }
  return false
}

async function run(
  executor: Executor,
  command: readonly [string, ...string[]],
  input?: string,
): Promise<Finished> {
  const finished = await executor.run(undefined, command, input).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new FirewallError(`nft cannot be run: ${problem}`, { cause })
  })
  if (finished === undefined || finished.status === NO_SUCH_PROGRAM) {
    throw new FirewallError('the program nft is not installed: install nftables 1.0.6 or later')
  }
  return finished
}

/** What a shell exits with that finds no such program (POSIX, 2.8.2). */
const NO_SUCH_PROGRAM = 127
