import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FirewallError, type Firewall } from '../../src/firewall/firewall.ts'
import { diffRulesets } from '../../src/policy/ruleset-change.ts'
import type { Ruleset } from '../../src/policy/ruleset.ts'
import { instanceRuleset, NO_CHANGE, rulesetOf, ruleSetNamed } from './rulesets.ts'

/** One place in which rules are programmed. */
export interface FirewallPlace {
  /** A firewall as a new process finds it: nothing remembered, only what is programmed. */
  open(): Firewall
  /** Makes the next `apply` of a firewall that was opened fail where it programs. */
  failNext(): void
  remove(): Promise<void>
  /** Whether packets meet what is programmed, so that it counts them. */
  readonly counts: boolean
}

const empty: Ruleset = { instances: new Map(), remotes: new Map() }

/** What every firewall does, whatever it programs. */
export function describeFirewall(name: string, makePlace: () => Promise<FirewallPlace>): void {
  describe(`${name} as a firewall`, () => {
    let place: FirewallPlace
    let firewall: Firewall
    beforeEach(async () => {
      place = await makePlace()
      firewall = place.open()
    })
    afterEach(() => place.remove())

    /** What another process would find programmed. */
    const programmed = (): Promise<Ruleset> => place.open().read()
    const program = async (desired: Ruleset): Promise<void> =>
      firewall.apply(diffRulesets(await firewall.read(), desired))

    test('begins with nothing', async () => {
      expect(await firewall.read()).toEqual(empty)
      expect(await firewall.counters()).toEqual([])
    })

    test('has programmed what was applied', async () => {
      await program(rulesetOf(3))
      expect(await programmed()).toEqual(rulesetOf(3))
    })

    test('takes a change without having read anything first', async () => {
      await firewall.apply(diffRulesets(empty, rulesetOf(3)))
      await place.open().apply({ ...NO_CHANGE, remove: ['Instance/shop/web-1'] })
      expect([...(await programmed()).instances.keys()]).toEqual([
        'Instance/shop/web-0',
        'Instance/shop/web-2',
      ])
    })

    test('replaces an instance and leaves the others', async () => {
      await program(rulesetOf(3))
      const changed = instanceRuleset('web-1', { ruleSet: ruleSetNamed('other'), addresses: ['10.0.1.11'] })
      await firewall.apply({ ...NO_CHANGE, put: [changed] })
      const instances = new Map(rulesetOf(3).instances).set(changed.instance, changed)
      expect((await programmed()).instances).toEqual(instances)
    })

    test('removes instances, once or twice', async () => {
      await program(rulesetOf(3))
      const remove = ['Instance/shop/web-1']
      await firewall.apply({ ...NO_CHANGE, remove })
      await firewall.apply({ ...NO_CHANGE, remove })
      expect([...(await programmed()).instances.keys()]).toEqual([
        'Instance/shop/web-0',
        'Instance/shop/web-2',
      ])
    })

    test('puts, replaces and removes what remotes stand for', async () => {
      const remote = 'AddressGroup/shop/office'
      await firewall.apply({ ...NO_CHANGE, putRemotes: new Map([[remote, ['203.0.113.0/24']]]) })
      await firewall.apply({ ...NO_CHANGE, putRemotes: new Map([[remote, ['198.51.100.0/24', 'fd00::/8']]]) })
      expect((await programmed()).remotes).toEqual(new Map([[remote, ['198.51.100.0/24', 'fd00::/8']]]))
      await firewall.apply({ ...NO_CHANGE, removeRemotes: [remote] })
      expect((await programmed()).remotes).toEqual(new Map())
    })

    test('keeps remotes with the same and with no prefixes apart', async () => {
      const remotes = new Map([
        ['SecurityGroup/shop/a', ['10.0.0.1/32']],
        ['SecurityGroup/shop/b', ['10.0.0.1/32']],
        ['SecurityGroup/shop/c', []],
        ['AddressGroup/shop/c', []],
      ])
      await program({ instances: new Map(), remotes })
      expect((await programmed()).remotes).toEqual(remotes)
    })

    test('keeps an instance without addresses, MAC address and attachment', async () => {
      const { mac: _mac, attachment: _attachment, ...bare } = instanceRuleset('bare', { addresses: [] })
      await firewall.apply({ ...NO_CHANGE, put: [bare] })
      expect((await programmed()).instances.get(bare.instance)).toEqual(bare)
    })

    test('keeps an instance that is the node itself', async () => {
      const host = instanceRuleset('node', { attachment: { nodeName: 'host-a', host: true } })
      await firewall.apply({ ...NO_CHANGE, put: [host] })
      expect((await programmed()).instances.get(host.instance)).toEqual(host)
    })

    test('gives instances that share a rule set the same one', async () => {
      await program(rulesetOf(30))
      const ruleSets = [...(await programmed()).instances.values()].map(({ ruleSet }) => ruleSet)
      expect(new Set(ruleSets).size).toBe(10)
    })

    test('is left as it is by an empty change', async () => {
      await program(rulesetOf(3))
      await firewall.apply(NO_CHANGE)
      expect(await programmed()).toEqual(rulesetOf(3))
    })

    test('has nothing left to do once a change is applied', async () => {
      await program(rulesetOf(20))
      expect(diffRulesets(await programmed(), rulesetOf(20))).toEqual(NO_CHANGE)
    })

    test('applies the same change twice with the same result', async () => {
      const change = diffRulesets(empty, rulesetOf(3))
      await firewall.apply(change)
      await firewall.apply(change)
      expect(await programmed()).toEqual(rulesetOf(3))
    })

    test('applies changes that overlap one after the other', async () => {
      const names = ['a', 'b', 'c', 'd']
      await Promise.all(names.map((each) => firewall.apply({ ...NO_CHANGE, put: [instanceRuleset(each)] })))
      expect((await programmed()).instances.size).toBe(names.length)
    })

    test('that fails has changed nothing, says why, and takes the next change', async () => {
      await program(rulesetOf(3))
      const change = diffRulesets(rulesetOf(3), rulesetOf(5, '02:00:00:00:00:02'))
      place.failNext()
      await expect(firewall.apply(change)).rejects.toThrow(FirewallError)
      expect(await programmed()).toEqual(rulesetOf(3))
      await firewall.apply(change)
      expect(await programmed()).toEqual(rulesetOf(5, '02:00:00:00:00:02'))
    })

    test('counts for each rule of each rule set, or says that nothing counts', async () => {
      const { instances } = rulesetOf(20)
      await program(rulesetOf(20))
      const counters = await firewall.counters()
      const known = counters.flatMap(({ instances: sharing }) => sharing)
      expect(known.sort()).toEqual(place.counts ? [...instances.keys()].sort() : [])
      for (const { instances: sharing, ruleSet: counted, ingress, egress } of counters) {
        for (const key of sharing) {
          const ruleSet = instances.get(key)?.ruleSet
          expect([counted.digest, ingress.length, egress.length]).toEqual([
            ruleSet?.digest,
            ruleSet?.ingress.length,
            ruleSet?.egress.length,
          ])
        }
      }
    })

    test('takes ten thousand instances in one change', async () => {
      await program(rulesetOf(10_000))
      expect(diffRulesets(await programmed(), rulesetOf(10_000))).toEqual(NO_CHANGE)
    })
  })
}
