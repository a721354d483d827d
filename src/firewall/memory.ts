import { applyChange } from '../policy/ruleset-change.ts'
import type { Ruleset, RulesetChange } from '../policy/ruleset.ts'
import { FirewallError, type Drift, type Faults, type Firewall, type RuleSetHits } from './firewall.ts'

/** A firewall that programs nothing and lasts as long as its process. */
export interface MemoryFirewall extends Firewall {
  /** Makes the next `apply` reject, as a kernel does that refuses a transaction; with `faults`, for them alone. */
  failNext(message: string, faults?: Faults): void
  /** Makes the next `repair` find that these are not held any more. */
  loseNext(message: string, faults: Faults): void
  /** Replaces what is programmed behind the back of whoever programmed it. */
  tamper(ruleset: Ruleset): void
}

export function memoryFirewall(): MemoryFirewall {
  return new InMemory()
}

class InMemory implements MemoryFirewall {
  readonly name = 'memory'
  #ruleset: Ruleset = { instances: new Map(), remotes: new Map() }
  #failure: FirewallError | undefined
  #loss: FirewallError | undefined

  read(): Promise<Ruleset> {
    return Promise.resolve(this.#ruleset)
  }

  apply(change: RulesetChange): Promise<void> {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined && failure.faults === undefined) return Promise.reject(failure)
    const put = change.put.filter(({ instance }) => failure?.faults?.has(instance) !== true)
    this.#ruleset = applyChange(this.#ruleset, { ...change, put })
    return failure === undefined ? Promise.resolve() : Promise.reject(failure)
  }

  repair(): Promise<readonly Drift[]> {
    const loss = this.#loss
    this.#loss = undefined
    return loss === undefined ? Promise.resolve([]) : Promise.reject(loss)
  }

  watch(): () => void {
    return () => undefined
  }

  counters(): Promise<readonly RuleSetHits[]> {
    return Promise.resolve([])
  }

  failNext(message: string, faults?: Faults): void {
    this.#failure = new FirewallError(message, faults === undefined ? {} : { faults })
  }

  loseNext(message: string, faults: Faults): void {
    this.#loss = new FirewallError(message, { faults })
  }

  tamper(ruleset: Ruleset): void {
    this.#ruleset = ruleset
  }
}
