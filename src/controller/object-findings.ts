import type { Diagnostic } from '../core/diagnostic.ts'
import type { ObjectKey } from '../core/key.ts'
import type { Acceptance } from '../policy/acceptance/acceptance.ts'
import type { Model } from '../policy/model/model.ts'
import { blockedDeletion } from './blocked-deletion.ts'
import { located, type DeclaredObject } from './declared.ts'
import type { ExpiryWatch } from './expiry-watch.ts'

interface FindingSources {
  readonly model: Model
  readonly acceptance: Acceptance
  readonly expiry: ExpiryWatch
  readonly declared: ReadonlyMap<ObjectKey, DeclaredObject>
}

/** What there is to say of each object, of all storeys. */
export class ObjectFindings {
  readonly #sources: FindingSources
  readonly #findings = new Map<ObjectKey, readonly Diagnostic[]>()

  constructor(sources: FindingSources) {
    this.#sources = sources
  }

  of(key: ObjectKey): readonly Diagnostic[] {
    return this.#findings.get(key) ?? []
  }

  all(): readonly Diagnostic[] {
    return [...this.#findings.values()].flat()
  }

  /** Looks again at objects of which there may be something else to say. */
  collect(keys: Iterable<ObjectKey>): void {
    for (const key of keys) {
      const all = this.#find(key)
      if (all.length === 0) this.#findings.delete(key)
      else this.#findings.set(key, all)
    }
  }

  #find(key: ObjectKey): readonly Diagnostic[] {
    const { model, acceptance, expiry } = this.#sources
    const declared = this.#sources.declared.get(key)
    const blockedBy = acceptance.blockedBy(key)
    const ending = expiry.findings(key)
    if (declared === undefined) {
      const kept = blockedBy === undefined ? [] : [blockedDeletion(key, blockedBy, model)]
      return [...kept, ...ending]
    }
    const judged = acceptance.verdict(key).findings
    return [...declared.findings, ...located([...judged, ...ending], declared.locate)]
  }
}
