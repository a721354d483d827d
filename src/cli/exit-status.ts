/** What the status of the process says; scripts may depend on it. */
export const EXIT = {
  done: 0,
  /** The manifests or the result are bad. */
  bad: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Files, the firewall or the system failed, or palisade has a bug. */
  environment: 3,
  /** `plan --exit-code`: something would change. */
  changes: 4,
} as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]

/** The command line asks for something that there is not, in a sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
