import type { PalisadeObject } from '../../api/objects.ts'
import type { Instance } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import { addressesOf } from '../model/members.ts'
import { vpcKeyOf } from '../references.ts'

/**
 * What an instance claims of what there is only once. Its claims are numbered: first the addresses, then the
 * attachment point.
 */
export interface ClaimSet {
  /** The VPC in which the addresses are. */
  readonly network: ObjectKey
  /** Canonical, in the order declared. */
  readonly addresses: readonly string[]
  /** A place on a node, if there is one. */
  readonly point: string | undefined
}

export const NO_CLAIMS: ClaimSet = { network: '', addresses: [], point: undefined }

/** `network`: the key of its VPC, which the caller may have at hand. */
export function claimsOf(instance: Instance, network: ObjectKey = vpcKeyOf(instance)): ClaimSet {
  return { network, addresses: addressesOf(instance), point: nameOfPoint(instance.spec.attachment) }
}

/** The place on a node that an object claims, if it claims one. */
export function pointOf(object: PalisadeObject | undefined): string | undefined {
  return object?.kind === 'Instance' ? nameOfPoint(object.spec.attachment) : undefined
}

function nameOfPoint(attachment: Instance['spec']['attachment']): string | undefined {
  if (attachment === undefined) return undefined
  const { nodeName, netns = '', host, interface: name = '' } = attachment
  return `${nodeName} ${host === true ? 'host' : `${netns} ${name}`}`
}

/** How many claims are numbered. */
export function claimCount({ addresses, point }: ClaimSet): number {
  return addresses.length + (point === undefined ? 0 : 1)
}

/** Whether one of the claims is that of another set with this number. */
export function hasClaim(own: ClaimSet, other: ClaimSet, index: number): boolean {
  const address = other.addresses[index]
  if (address === undefined) return own.point === other.point
  return own.network === other.network && own.addresses.includes(address)
}

/**
 * Somebody for each claim. Each network has a table of its own: instances of one network mostly come together, and to
 * find one among hundreds of thousands takes several times as long as among its neighbours.
 */
export class ClaimTable<Holder> {
  readonly #networks = new Map<ObjectKey, Map<string, Holder>>()
  readonly #points = new Map<string, Holder>()

  get isEmpty(): boolean {
    return this.#networks.size + this.#points.size === 0
  }

  get({ network, addresses, point }: ClaimSet, index: number): Holder | undefined {
    const address = addresses[index]
    if (address !== undefined) return this.#networks.get(network)?.get(address)
    return point === undefined ? undefined : this.#points.get(point)
  }

  /** Who has it; from now on this holder, if nobody had it. */
  claim({ network, addresses, point }: ClaimSet, index: number, holder: Holder): Holder {
    const address = addresses[index]
    if (address !== undefined) return claimIn(this.#network(network), address, holder)
    return point === undefined ? holder : claimIn(this.#points, point, holder)
  }

  set({ network, addresses, point }: ClaimSet, index: number, holder: Holder): void {
    const address = addresses[index]
    if (address !== undefined) this.#network(network).set(address, holder)
    else if (point !== undefined) this.#points.set(point, holder)
  }

  /** What this holder has of these claims is nobody's. */
  release({ network, addresses, point }: ClaimSet, holder: Holder): void {
    const held = this.#networks.get(network)
    for (const address of addresses) if (held?.get(address) === holder) held.delete(address)
    if (held?.size === 0) this.#networks.delete(network)
    if (point !== undefined && this.#points.get(point) === holder) this.#points.delete(point)
  }

  #network(network: ObjectKey): Map<string, Holder> {
    const known = this.#networks.get(network)
    if (known !== undefined) return known
    const fresh = new Map<string, Holder>()
    this.#networks.set(network, fresh)
    return fresh
  }
}

function claimIn<Holder>(held: Map<string, Holder>, claim: string, holder: Holder): Holder {
  const known = held.get(claim)
  if (known !== undefined) return known
  held.set(claim, holder)
  return holder
}
