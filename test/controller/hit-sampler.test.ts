import { beforeEach, describe, expect, test } from 'vitest'
import { HitSampler, ruleId, SAMPLE_EVERY_MS } from '../../src/controller/hit-sampler.ts'
import { FirewallError, type RuleSetHits } from '../../src/firewall/firewall.ts'
import { memoryFirewall } from '../../src/firewall/memory.ts'
import type { CountedRule, HitSample } from '../../src/store/store.ts'
import { ruleSetNamed } from '../contract/rulesets.ts'

const WEB = 'Instance/shop/web'

describe('samples of hits', () => {
  let clock: number
  let sample: HitSample | undefined
  let counters: () => Promise<readonly RuleSetHits[]>
  let sampler: HitSampler
  const start = (): HitSampler =>
    new HitSampler({
      firewall: { ...memoryFirewall(), counters: () => counters() },
      note: {
        read: () => sample,
        write: (next) => {
          sample = next
          return Promise.resolve()
        },
      },
      now: () => new Date(clock),
    })
  beforeEach(() => {
    clock = Date.parse('2026-01-02T03:04:05Z')
    sample = undefined
    sampler = start()
  })

  /** The first ingress rule of the rule set of that name has let so many packets in. */
  const counting = (packets: number, name = 'web', instances = [WEB]): void => {
    const hits = { packets, bytes: packets * 60 }
    const none = { packets: 0, bytes: 0 }
    const ruleSet = ruleSetNamed(name)
    counters = () => Promise.resolve([{ instances, ruleSet, ingress: [hits, none], egress: [none] }])
  }
  const after = async (seconds: number, packets: number, name = 'web'): Promise<void> => {
    clock += seconds * 1000
    counting(packets, name)
    await sampler.sample()
  }
  const rule = (name = 'web', of = WEB): CountedRule | undefined => {
    const [first] = ruleSetNamed(name).ingress
    const counted = sample?.ruleSets.find(({ instances }) => instances.includes(of))
    return counted?.rules.find(({ id }) => first !== undefined && id === ruleId(first, 'Ingress'))
  }

  test('tell when a rule was seen to have been hit', async () => {
    await after(0, 0)
    expect(rule()).toEqual({ id: rule()?.id, packets: 0, bytes: 0 })
    await after(10, 2)
    expect(rule()).toMatchObject({ packets: 2, bytes: 120, lastHit: '2026-01-02T03:04:15.000Z' })
    await after(10, 2)
    expect(rule()?.lastHit).toBe('2026-01-02T03:04:15.000Z')
    expect(sample).toMatchObject({ at: '2026-01-02T03:04:25.000Z', everySeconds: 10 })
  })

  test('do not claim a time for what was hit before anybody looked', async () => {
    await after(0, 7)
    expect(rule()?.lastHit).toBeUndefined()
  })

  test('go on where an earlier process left off', async () => {
    await after(0, 1)
    await after(10, 2)
    sampler = start()
    await after(3600, 2)
    expect(rule()?.lastHit).toBe('2026-01-02T03:04:15.000Z')
  })

  test('notice hits of a rule that has begun to count anew', async () => {
    await after(0, 9)
    await after(10, 4)
    expect(rule()?.lastHit).toBe('2026-01-02T03:04:15.000Z')
    await after(10, 0)
    expect(rule()?.lastHit).toBe('2026-01-02T03:04:15.000Z')
  })

  test('know a rule again in another rule set of the instance, and no other rule', async () => {
    await after(0, 0)
    await after(10, 1)
    await after(10, 5, 'other')
    expect(rule('web')).toBeUndefined()
    expect(rule('other')?.lastHit).toBe('2026-01-02T03:04:25.000Z')
    const implicit = sample?.ruleSets[0]?.rules[1]
    expect(implicit).toMatchObject({ packets: 0 })
    expect(implicit).not.toHaveProperty('lastHit')
  })

  test('tell ingress and egress apart', () => {
    const [, implicit] = ruleSetNamed('web').ingress
    if (implicit === undefined) throw new Error('there is no implicit rule')
    expect(ruleId(implicit, 'Ingress')).not.toBe(ruleId(implicit, 'Egress'))
  })

  test('come less often where one takes long: at most a twentieth of the time is spent on them', async () => {
    counting(0)
    expect(await sampler.sample()).toBe(SAMPLE_EVERY_MS)
    counters = () => {
      clock += 8000
      return Promise.resolve([])
    }
    expect(await sampler.sample()).toBe(160_000)
    expect(sample?.everySeconds).toBe(160)
  })

  test('are not written where nothing counts', async () => {
    counters = () => Promise.resolve([])
    await sampler.sample()
    expect(sample).toBeUndefined()
  })

  test('wait for a firewall that fails', async () => {
    await after(0, 1)
    const before = sample
    counters = () => Promise.reject(new FirewallError('nft cannot list the table'))
    expect(await sampler.sample()).toBe(SAMPLE_EVERY_MS)
    expect(sample).toBe(before)
  })
})
