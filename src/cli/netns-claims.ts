import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { FirewallError } from '../firewall/firewall.ts'
import type { Netns } from '../firewall/nft/executor.ts'
import { placeOf } from '../firewall/nft/names-in-use.ts'
import { Lock } from '../store/lock.ts'
import { StoreError } from '../store/store.ts'

/** Where processes of this machine since its start tell of themselves (Filesystem Hierarchy Standard, 3.15). */
export const CLAIMS_FOLDER = '/run/palisade'

/**
 * The right to program network namespaces: two palisades with different state folders would put right, for
 * good, what the other one programs. It ends with the process, or before when no name leads there any more: the
 * kernel gives the number of a namespace that is gone to another.
 */
export class NetnsClaims {
  readonly #folder: string
  readonly #now: () => Date
  readonly #locks = new Map<string, Lock>()
  /** What each name stood for when it was last claimed. */
  readonly #identities = new Map<Netns, string>()

  constructor(folder: string, now: () => Date) {
    this.#folder = folder
    this.#now = now
  }

  /** `identity` tells a namespace from another of its name. Throws FirewallError while another process has it. */
  claim(netns: Netns, identity: string): void {
    if (this.#identities.get(netns) !== identity) this.release(netns)
    if (!this.#locks.has(identity) && !this.#take(netns, identity)) return
    this.#identities.set(netns, identity)
  }

  /** Nothing is programmed by this name any more. What has another name stays claimed. */
  release(netns: Netns): void {
    const identity = this.#identities.get(netns)
    if (identity === undefined) return
    this.#identities.delete(netns)
    if ([...this.#identities.values()].includes(identity)) return
    this.#locks.get(identity)?.release()
    this.#locks.delete(identity)
  }

  /** False where nobody can claim anything. */
  #take(netns: Netns, identity: string): boolean {
    const folder = path.join(this.#folder, `netns-${identity.replace(':', '-')}`)
    // Root of a user namespace programs what nobody else can, and may not write there.
    if (!isMade(folder)) return false
    try {
      const lock = Lock.take(folder, this.#now(), {
        subject: `${placeOf(netns)} is programmed`,
        remedy: 'stop one of them, or attach its instances elsewhere',
      })
      this.#locks.set(identity, lock)
      return true
    } catch (cause) {
      if (cause instanceof StoreError) throw new FirewallError(cause.message, { cause })
      throw cause
    }
  }
}

function isMade(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true })
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return false
    throw error
  }
}
