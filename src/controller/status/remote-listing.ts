import type { ObjectKey } from '../../core/key.ts'
import type { Model } from '../../policy/model/model.ts'
import { roughCount } from './instance-status.ts'

/** Remembers how statuses list each remote, so that a change that none of them shows touches none. */
export class RemoteListing {
  readonly #model: Model
  readonly #listedAddresses: number
  readonly #shown = new Map<ObjectKey, string>()

  constructor(model: Model, listedAddresses: number) {
    this.#model = model
    this.#listedAddresses = listedAddresses
  }

  /** Whether statuses that name a remote show something else than at the last call. */
  hasChanged(remote: ObjectKey): boolean {
    const addresses = this.#model.prefixes(remote) ?? []
    const listed = addresses.length <= this.#listedAddresses
    const shown = listed ? addresses.join(' ') : roughCount(addresses.length)
    const changed = this.#shown.get(remote) !== shown
    this.#shown.set(remote, shown)
    return changed
  }
}
