import { describe, expect, test } from 'vitest'
import { keyOf } from '../../../src/api/objects.ts'
import type { Instance, SecurityGroup } from '../../../src/api/types.gen.ts'
import type { Finding } from '../../../src/policy/acceptance/finding.ts'
import { group, instance, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const shop = valid(vpc('shop', { profileRef: { name: 'jdcloud' }, region: 'cn-north-1' }))
const inShop = (index: number): SecurityGroup => valid(group(`g${String(index)}`, 'shop'))
const plain = valid(vpc('plain'))
const at = (name: string, ...addresses: readonly string[]): Instance =>
  valid(instance(name, 'plain', [], { addresses }))

const refusing = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ refuses }) => refuses)

describe('an object that is only asked about', () => {
  test('is refused beyond a quota in the words of the profile', () => {
    const fifty = Array.from({ length: 50 }, (_, index) => inShop(index))
    const { acceptance } = new Installation(shop, ...fifty)
    const [found, ...more] = refusing(acceptance.trial.declare(inShop(50)))
    expect(found?.code).toBe('QuotaExceeded')
    expect(found?.profileText).toContain('has reached 50')
    expect(more).toEqual([])
    expect(refusing(acceptance.trial.declare(inShop(49)))).toEqual([])
  })

  test('takes nothing that another holds, and may take what another gives it for its own', () => {
    const installation = new Installation(plain, at('a', '10.0.0.1'), at('b', '10.0.0.2'))
    const { acceptance } = installation
    expect(acceptance.trial.declare(at('c', '10.0.0.1')).map(({ code }) => code)).toEqual(['AddressTaken'])
    installation.declare(at('a', '10.0.0.2'))
    expect(acceptance.trial.declare(at('b', '10.0.0.1'))).toEqual([])
    expect(acceptance.trial.declare(at('b', '10.0.0.3'))).toEqual([])
    expect(acceptance.trial.declare(at('c', '10.0.0.1')).map(({ code }) => code)).toEqual(['AddressTaken'])
  })

  test('may be what another group waits for that it names itself', () => {
    const drops = (name: string, remote: string): SecurityGroup =>
      valid(
        group(name, 'plain', {
          ingress: [{ name: 'no', action: 'Drop', remote: { securityGroupRef: { name: remote } } }],
        }),
      )
    const waiting = drops('a', 'b')
    const installation = new Installation(plain, waiting)
    expect(installation.codes(waiting)).toEqual(['SecurityGroupNotFound'])
    expect(installation.acceptance.trial.declare(drops('b', 'a'))).toEqual([])
    const codes = installation.acceptance.trial.declare(drops('b', 'c')).map(({ code }) => code)
    expect(codes).toEqual(['SecurityGroupNotFound'])
  })

  test('would be kept by those that use it', () => {
    const web = valid(group('web', 'plain'))
    const user = valid(instance('i', 'plain', ['web'], { addresses: ['10.0.0.1'] }))
    const { acceptance } = new Installation(plain, web, user)
    expect(acceptance.trial.withdraw(keyOf(web))).toEqual([keyOf(user)])
    expect(acceptance.trial.withdraw(keyOf(plain))).toEqual([keyOf(user), keyOf(web)])
    expect(acceptance.trial.withdraw(keyOf(user))).toEqual([])
  })

  test('costs as little among 10,000 instances as among 100', () => {
    // Measured at 0.05 ms and 0.02 ms of processor time.
    expect(costAmong(10_000)).toBeLessThan(10 * costAmong(100) + 1)
  })
})

/** Milliseconds of processor time for one answer, the least of several. */
function costAmong(size: number): number {
  const address = (index: number): string => `10.0.${String(index >> 8)}.${String(index & 255)}`
  const instances = Array.from({ length: size }, (_, index) =>
    valid(instance(`i${String(index)}`, 'plain', ['web'], { addresses: [address(index)] })),
  )
  const { acceptance } = new Installation(plain, valid(group('web', 'plain')), ...instances)
  const newcomer = valid(instance('new', 'plain', ['web'], { addresses: ['10.1.0.0'] }))
  const asked = valid(group('more', 'plain', { instanceSelector: { matchLabels: { role: 'web' } } }))
  const rounds = Array.from({ length: 20 }, () => {
    const start = process.cpuUsage()
    acceptance.trial.declare(newcomer)
    acceptance.trial.declare(asked)
    acceptance.trial.withdraw(keyOf(newcomer))
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
  })
  return Math.min(...rounds)
}
