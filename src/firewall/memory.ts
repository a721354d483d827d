import { applyChange } from '../policy/ruleset-change.ts'
import type { Ruleset, RulesetChange } from '../policy/ruleset.ts'
import { FirewallError, type Drift, type Firewall, type RuleSetHits } from './firewall.ts'

/** A firewall that programs nothing and lasts as long as its process. */
export interface MemoryFirewall extends Firewall {
  /** Makes the next `apply` reject, as a kernel does that refuses a transaction. */
  failNext(message: string): void
  /** Replaces what is programmed behind the back of whoever programmed it. */
  tamper(ruleset: Ruleset): void
}

export function memoryFirewall(): MemoryFirewall {
  return new InMemory()
}

class InMemory implements MemoryFirewall {
  readonly name = 'memory'
  #ruleset: Ruleset = { instances: new Map(), remotes: new Map() }
  #failure: string | undefined

  read(): Promise<Ruleset> {
    return Promise.resolve(this.#ruleset)
  }

  apply(change: RulesetChange): Promise<void> {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) return Promise.reject(new FirewallError(failure))
    this.#ruleset = applyChange(this.#ruleset, change)
    return Promise.resolve()
  }

  repair(): Promise<readonly Drift[]> {
    return Promise.resolve([])
  }

  watch(): () => void {
    return () => undefined
  }

  counters(): Promise<readonly RuleSetHits[]> {
    return Promise.resolve([])
  }

  failNext(message: string): void {
    this.#failure = message
  }

  tamper(ruleset: Ruleset): void {
    this.#ruleset = ruleset
  }
}
