import { CommanderError } from 'commander'
import { FirewallError } from '../firewall/firewall.ts'
import { KubeError } from '../kube/kube-error.ts'
import { GitError } from '../source/git.ts'
import { StoreError } from '../store/store.ts'
import { EXIT, UsageError, type ExitStatus } from './exit-status.ts'
import { printable } from './output/printable.ts'

/** How an exception ends the process. */
export interface Fault {
  readonly status: ExitStatus
  /** What to tell; empty where everything has been told. */
  readonly text: string
}

/** One sentence for what a person can put right, and the stack for what only a developer can. */
export function faultOf(error: unknown): Fault {
  if (error instanceof CommanderError) {
    return { status: error.exitCode === 0 ? EXIT.done : EXIT.usage, text: '' }
  }
  if (error instanceof UsageError) return { status: EXIT.usage, text: sentence(error) }
  if (isRefusal(error) || isSystemError(error)) {
    return { status: EXIT.environment, text: sentence(error) }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const text = `error: palisade has a bug; please report it with these lines:\n${stack}\n`
  return { status: EXIT.environment, text }
}

/** Something outside that palisade needs, and that says no in a sentence. */
const REFUSALS = [StoreError, FirewallError, GitError, KubeError]

const isRefusal = (error: unknown): error is Error => REFUSALS.some((refusal) => error instanceof refusal)

const sentence = ({ message }: Error): string => `error: ${printable(message)}\n`

/** What Node throws when the system refuses a call (errno(3)). */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'errno' in error
}
