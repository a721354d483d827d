import type { Flow } from './judge.ts'

/** One connection that conntrack follows, with the ends that it has after any translation of its destination. */
export interface Connection extends Flow {
  readonly family: 'ipv4' | 'ipv6'
  readonly mark: number
  /**
   * Words for the program `conntrack`: of the protocol, of the opener, of what it asks for, of the other end and of
   * what is the opener's own; all together name this one alone.
   */
  readonly words: readonly (readonly string[])[]
}
