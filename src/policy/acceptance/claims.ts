import { keyOf, namespaceOf } from '../../api/objects.ts'
import type { Instance } from '../../api/types.gen.ts'
import { displayKey, type ObjectKey } from '../../core/key.ts'
import { formatAddress, parseAddress } from '../../net/address.ts'
import { finding, type Finding } from './finding.ts'

/** Something that one instance at a time may have. */
interface Claim {
  readonly identity: string
  readonly path: readonly (string | number)[]
  readonly what: string
}

/**
 * Who holds which address of which VPC, and which attachment point.
 *
 * Of two instances that want one address, the one that has it in force keeps it; of two newcomers
 * the older gets it. Instances may exchange addresses in one change: what its holder gives up with
 * an accepted version is free.
 */
export class Claims {
  readonly #holders = new Map<string, ObjectKey>()

  /** Records what an instance in force holds. */
  hold(instance: Instance): void {
    for (const { identity } of claimsOf(instance)) this.#holders.set(identity, keyOf(instance))
  }

  release(instance: Instance): void {
    const key = keyOf(instance)
    for (const { identity } of claimsOf(instance)) {
      if (this.#holders.get(identity) === key) this.#holders.delete(identity)
    }
  }

  /**
   * Which of the candidates, in the order of their age, cannot have what they claim. A refused one
   * keeps what it holds, which may refuse another: hence the rounds, each of which refuses at least one.
   */
  conflicts(candidates: readonly Instance[]): ReadonlyMap<ObjectKey, readonly Finding[]> {
    const claims = new Map(candidates.map((instance) => [keyOf(instance), claimsOf(instance)]))
    const refused = new Map<ObjectKey, readonly Finding[]>()
    for (;;) {
      const round = this.#round(candidates, claims, refused)
      if (round.size === 0) return refused
      for (const [key, findings] of round) refused.set(key, findings)
    }
  }

  #round(
    candidates: readonly Instance[],
    claims: ReadonlyMap<ObjectKey, readonly Claim[]>,
    refused: ReadonlyMap<ObjectKey, unknown>,
  ): ReadonlyMap<ObjectKey, readonly Finding[]> {
    const moving = candidates.filter((instance) => !refused.has(keyOf(instance)))
    const wanted = new Map<string, ObjectKey>()
    for (const instance of moving) {
      const key = keyOf(instance)
      for (const { identity } of claims.get(key) ?? []) {
        if (this.#holders.get(identity) === key) wanted.set(identity, key)
      }
    }
    const movingKeys = new Set(moving.map(keyOf))
    const found = new Map<ObjectKey, readonly Finding[]>()
    for (const instance of moving) {
      const key = keyOf(instance)
      const findings: Finding[] = []
      for (const claim of claims.get(key) ?? []) {
        const holder = this.#holders.get(claim.identity)
        const kept = holder !== undefined && !movingKeys.has(holder) ? holder : wanted.get(claim.identity)
        if (kept === undefined) wanted.set(claim.identity, key)
        else if (kept !== key) findings.push(taken(instance, claim, kept))
      }
      if (findings.length > 0) found.set(key, findings)
    }
    return found
  }
}

function taken(instance: Instance, { path, what }: Claim, holder: ObjectKey): Finding {
  const code = what === 'address' ? 'AddressTaken' : 'AttachmentTaken'
  const value = what === 'address' ? addressAt(instance, path) : 'the attachment point'
  return finding(code, instance, path, `${value} belongs to ${displayKey(holder)}`, {
    hint: `choose another ${what}, or take it away from ${displayKey(holder)}`,
  })
}

function addressAt(instance: Instance, path: Claim['path']): string {
  const index = path[2]
  return typeof index === 'number' ? (instance.spec.addresses?.[index] ?? '') : ''
}

function claimsOf(instance: Instance): Claim[] {
  const { addresses = [], attachment, vpcRef } = instance.spec
  const network = `${namespaceOf(instance)}/${vpcRef.name}`
  const claims = addresses.map((text, index): Claim => {
    return { identity: `${network} ${canonical(text)}`, path: ['spec', 'addresses', index], what: 'address' }
  })
  if (attachment === undefined) return claims
  const { nodeName, netns, host } = attachment
  const point = host === true ? 'host' : `${netns ?? ''} ${attachment.interface ?? ''}`
  return [
    ...claims,
    { identity: `node ${nodeName} ${point}`, path: ['spec', 'attachment'], what: 'attachment point' },
  ]
}

/** IPv4 text is canonical once it is valid; IPv6 has many spellings. */
function canonical(text: string): string {
  if (!text.includes(':')) return text
  const address = parseAddress(text)
  return address === undefined ? text : formatAddress(address)
}
