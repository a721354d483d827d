import { describe, expect, test } from 'vitest'
import type { Instance } from '../../../src/api/types.gen.ts'
import { group, instance, plainProfile, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const shop = valid(vpc('shop', { cidrs: ['10.0.0.0/16', 'fd00::/48'] }))

const at = (name: string, addresses: readonly string[], spec: Partial<Instance['spec']> = {}): Instance =>
  valid(instance(name, 'shop', [], { addresses, ...spec }))

const addressesOf = (installation: Installation, object: Instance): readonly string[] | undefined => {
  const inForce = installation.inForce(object)
  return inForce?.kind === 'Instance' ? inForce.spec.addresses : undefined
}

/** A profile whose groups have room for one member. */
const limited = plainProfile('limited', {
  groupTypes: [
    {
      name: 'Basic',
      implicit: { ingress: 'Drop', egress: 'Drop' },
      remotes: ['CIDR'],
      quotas: { members: 1 },
    },
  ],
})

const inVpc = (name: string, groups: readonly string[], ...addresses: readonly string[]): Instance =>
  valid(instance(name, 'v', groups, { addresses }))

describe('an address belongs to one instance of a VPC', () => {
  test('of two newcomers the older has it', () => {
    const older = at('b', ['10.0.0.1'])
    const younger = at('a', ['10.0.0.1'])
    const installation = new Installation(shop, older, younger)

    expect(installation.isAccepted(older)).toBe(true)
    expect(installation.codes(younger)).toEqual(['AddressTaken'])
    expect(installation.findings(younger)[0]?.message).toContain('10.0.0.1 belongs to Instance default/b')
    expect(installation.inForce(younger)).toBeUndefined()
  })

  test('who has it in force keeps it, however old the other is', () => {
    const wanting = at('a', ['10.0.0.2'])
    const having = at('b', ['10.0.0.1'])
    const installation = new Installation(shop, wanting, having)

    installation.declare(at('a', ['10.0.0.1']))

    expect(addressesOf(installation, wanting)).toEqual(['10.0.0.2'])
    expect(addressesOf(installation, having)).toEqual(['10.0.0.1'])
  })

  test('in whatever spelling', () => {
    const installation = new Installation(shop, at('a', ['fd00::1']), at('b', ['fd00:0:0::0:1']))
    expect(installation.codes(at('b', []))).toEqual(['AddressTaken'])
  })

  test('two VPCs may use the same address, and so may two namespaces', () => {
    const inBack = valid(instance('b', 'back', [], { addresses: ['10.0.0.1'] }))
    const elsewhere = valid(
      instance({ name: 'c', namespace: 'other' }, 'shop', [], { addresses: ['10.0.0.1'] }),
    )
    const others = [valid(vpc('back')), valid(vpc({ name: 'shop', namespace: 'other' }))]
    const installation = new Installation(shop, ...others, at('a', ['10.0.0.1']), inBack, elsewhere)
    expect(installation.isAccepted(inBack)).toBe(true)
    expect(installation.isAccepted(elsewhere)).toBe(true)
  })

  test('a change of the VPC leaves every instance in possession of its address', () => {
    const having = at('a', ['10.0.0.1'])
    const installation = new Installation(shop, having)

    installation.declare(valid(vpc('shop', { cidrs: ['10.0.0.0/8'] })))
    const thief = at('b', ['10.0.0.1'])
    installation.declare(thief)

    expect(installation.codes(thief)).toEqual(['AddressTaken'])
  })

  test('an instance that is refused something else keeps the address that it has in force', () => {
    const installation = new Installation(shop, at('a', ['10.0.0.1']))
    installation.declare(valid(instance('a', 'shop', ['missing'], { addresses: ['10.0.0.9'] })))
    const thief = at('b', ['10.0.0.1'])
    installation.declare(thief)
    expect(installation.codes(thief)).toEqual(['AddressTaken'])
  })
})

describe('addresses change hands', () => {
  test('two instances exchange theirs in one change', () => {
    const installation = new Installation(shop, at('a', ['10.0.0.1']), at('b', ['10.0.0.2']))
    const a = at('a', ['10.0.0.2'])
    const b = at('b', ['10.0.0.1'])

    installation.declare(a, b)

    expect(installation.isAccepted(a)).toBe(true)
    expect(installation.isAccepted(b)).toBe(true)
  })

  test('three go round, in any order', () => {
    const names = ['a', 'b', 'c']
    const turn = (by: number): Instance[] =>
      names.map((name, index) => at(name, [`10.0.0.${String(((index + by) % 3) + 1)}`]))
    const installation = new Installation(shop, ...turn(0))
    installation.declare(...turn(1).reverse())
    expect(turn(1).map((object) => addressesOf(installation, object))).toEqual(
      turn(1).map(({ spec }) => spec.addresses),
    )
  })

  test('a newcomer takes over what its holder gives up in the same change', () => {
    const installation = new Installation(shop, at('a', ['10.0.0.1']))
    const newcomer = at('b', ['10.0.0.1'])
    installation.declare(newcomer, at('a', ['10.0.0.2']))
    expect(installation.isAccepted(newcomer)).toBe(true)
  })

  test('nobody takes over what its holder was not allowed to give up', () => {
    const installation = new Installation(shop, at('a', ['10.0.0.1']))
    const newcomer = at('b', ['10.0.0.1'])
    installation.declare(newcomer, valid(instance('a', 'shop', ['missing'], { addresses: ['10.0.0.2'] })))
    expect(installation.codes(newcomer)).toEqual(['AddressTaken'])
    expect(addressesOf(installation, at('a', []))).toEqual(['10.0.0.1'])
  })

  test('who waits for an address has it when its holder is deleted', () => {
    const waiting = at('b', ['10.0.0.1'])
    const installation = new Installation(shop, at('a', ['10.0.0.1']), waiting)
    installation.withdraw('Instance/default/a')
    expect(installation.isAccepted(waiting)).toBe(true)
  })

  test('who waits goes before a newcomer of the very change that frees the address', () => {
    const waiting = at('z', ['10.0.0.1'])
    const installation = new Installation(shop, at('a', ['10.0.0.1']), waiting)
    const newcomer = at('b', ['10.0.0.1'])
    installation.change([newcomer], ['Instance/default/a'])
    expect(installation.isAccepted(waiting)).toBe(true)
    expect(installation.codes(newcomer)).toEqual(['AddressTaken'])
  })

  test('newcomers have their addresses, also those of a change in which others wanted the same', () => {
    const installation = new Installation(
      shop,
      at('a', ['10.0.0.1']),
      at('b', ['10.0.0.2']),
      at('c', ['10.0.0.2']),
    )
    const thief = at('d', ['10.0.0.1'])
    installation.declare(thief)
    expect(installation.codes(thief)).toEqual(['AddressTaken'])
  })

  test('of several addresses of which one is taken none is held', () => {
    const refused = at('c', ['10.0.0.5', '10.0.0.2'])
    const installation = new Installation(shop, at('b', ['10.0.0.2']), refused)
    expect(installation.codes(refused)).toEqual(['AddressTaken'])
    const newcomer = at('d', ['10.0.0.5'])
    installation.withdraw('Instance/default/c')
    installation.declare(newcomer)
    expect(installation.isAccepted(newcomer)).toBe(true)
  })

  test('what its holder gave up is free for a later newcomer', () => {
    const installation = new Installation(shop, at('a', ['10.0.0.1']))
    installation.declare(at('a', ['10.0.0.2']))
    const newcomer = at('b', ['10.0.0.1'])
    installation.declare(newcomer)
    expect(installation.isAccepted(newcomer)).toBe(true)
  })

  test('a newcomer for which there is no room holds no address', () => {
    const installation = new Installation(
      valid(limited),
      valid(vpc('v', { profileRef: { name: 'limited' } })),
      valid(group('g', 'v')),
      inVpc('a', ['g'], '10.0.0.1'),
      inVpc('b', ['g'], '10.0.0.2'),
    )
    expect(installation.codes(at('b', []))).toEqual(['QuotaExceeded'])
    const newcomer = inVpc('c', [], '10.0.0.2')
    installation.declare(newcomer)
    expect(installation.isAccepted(newcomer)).toBe(true)
  })

  describe('what an older newcomer is refused with, a younger one of the same change has', () => {
    const room = [
      valid(limited),
      valid(vpc('v', { profileRef: { name: 'limited' } })),
      valid(group('g', 'v')),
      inVpc('a', ['g'], '10.0.0.1'),
    ]
    const noRoom = inVpc('b', ['g'], '10.0.0.2')
    const younger = inVpc('c', [], '10.0.0.2')

    test('where another of its addresses is taken', () => {
      const refused = at('b', ['10.0.0.5', '10.0.0.1'])
      const newcomer = at('c', ['10.0.0.5'])
      const installation = new Installation(shop, at('a', ['10.0.0.1']), refused, newcomer)
      expect(installation.codes(refused)).toEqual(['AddressTaken'])
      expect(installation.isAccepted(newcomer)).toBe(true)
    })

    test('where there is no room for it', () => {
      const installation = new Installation(...room, noRoom, younger)
      expect(installation.codes(noRoom)).toEqual(['QuotaExceeded'])
      expect(installation.isAccepted(younger)).toBe(true)
    })

    describe('also beside an instance that runs and whose change is refused', () => {
      const runs = inVpc('z', [], '10.0.0.9')
      const refusedChange = inVpc('z', ['missing'], '10.0.0.9')

      test('where another of its addresses is taken', () => {
        const refused = inVpc('b', [], '10.0.0.5', '10.0.0.1')
        const newcomer = inVpc('c', [], '10.0.0.5')
        const installation = new Installation(...room, runs)
        installation.declare(refusedChange)
        installation.declare(refused, newcomer)
        // The one is of another, the other goes to the younger.
        expect(installation.codes(refused)).toEqual(['AddressTaken', 'AddressTaken'])
        expect(installation.isAccepted(newcomer)).toBe(true)
      })

      test('where there is no room for it', () => {
        const installation = new Installation(...room.slice(0, 3), runs)
        installation.declare(refusedChange)
        installation.declare(inVpc('a', ['g'], '10.0.0.1'), noRoom, younger)
        expect(installation.codes(noRoom)).toEqual(['QuotaExceeded'])
        expect(installation.isAccepted(younger)).toBe(true)
      })
    })

    test('also where it refuses the one that runs and keeps what it wants', () => {
      const point = { nodeName: 'host-a', netns: 'shop', interface: 'pal1' }
      const missing = valid(instance('b', 'shop', ['missing']))
      const installation = new Installation(shop, missing, at('a', [], { attachment: point }))
      const refused = at('b', ['10.0.0.2'], { attachment: point })
      const moved = at('a', ['10.0.0.2'])
      installation.declare(refused, moved)
      expect(installation.isAccepted(moved)).toBe(true)
      expect(installation.codes(refused)).toEqual(['AddressTaken'])
    })

    test('and would be told so before', () => {
      const installation = new Installation(shop, at('a', ['10.0.0.1']), at('b', ['10.0.0.5', '10.0.0.1']))
      expect(installation.acceptance.trial.declare(at('c', ['10.0.0.5']))).toEqual([])
    })
  })

  test('who is refused in the end uses up no room: another of the change has it', () => {
    const installation = new Installation(
      valid(limited),
      valid(vpc('v', { profileRef: { name: 'limited' } })),
      valid(group('g', 'v')),
      inVpc('a', [], '10.0.0.1'),
      inVpc('b', [], '10.0.0.2'),
    )

    // a would take the only place in g and the address of b, which could not join g then, and would keep its address.
    installation.declare(inVpc('a', ['g'], '10.0.0.2'), inVpc('b', ['g'], '10.0.0.3'))

    expect(addressesOf(installation, at('a', []))).toEqual(['10.0.0.1'])
    expect(installation.codes(at('a', []))).toEqual(['QuotaExceeded'])
    expect(addressesOf(installation, at('b', []))).toEqual(['10.0.0.3'])
    expect(installation.codes(at('b', []))).toEqual([])
  })

  test('an exchange goes before an older one who waits for a part of it, and would never get it', () => {
    const missing = valid(instance('n', 'shop', ['missing']))
    const installation = new Installation(shop, missing, at('a', ['10.0.0.1']), at('b', ['10.0.0.2']))
    const waiting = at('n', ['10.0.0.1'])
    installation.declare(waiting)
    const exchanged = [at('a', ['10.0.0.2']), at('b', ['10.0.0.1'])]
    installation.declare(...exchanged)
    expect(exchanged.map((object) => installation.isAccepted(object))).toEqual([true, true])
    expect(installation.findings(waiting)[0]?.message).toContain('belongs to Instance default/b')
  })

  test('who has to leave for another leaves together with it, or both stay', () => {
    const installation = new Installation(
      shop,
      at('a', ['10.0.0.1']),
      at('b', ['10.0.0.2']),
      at('c', ['10.0.0.3']),
    )
    installation.declare(at('a', ['10.0.0.2']), at('b', ['10.0.0.4']), at('c', ['10.0.0.1', '10.0.0.4']))
    expect(addressesOf(installation, at('a', []))).toEqual(['10.0.0.2'])
    expect(addressesOf(installation, at('b', []))).toEqual(['10.0.0.4'])
    expect(addressesOf(installation, at('c', []))).toEqual(['10.0.0.3'])
  })

  test('a chain of a thousand, each of which wants what two others have or want, is settled in a moment', () => {
    const address = (index: number): string => `10.0.${String(index >> 8)}.${String(index & 255)}`
    const name = (index: number): string => String(index).padStart(4, '0')
    const numbers = Array.from({ length: 1000 }, (_, index) => index)
    const wanting = numbers.map((index) => at(`w${name(index)}`, [address(index), address(index + 1)]))
    const without = numbers.map((index) => valid(instance(`w${name(index)}`, 'shop', ['missing'])))
    const holders = numbers.map((index) => at(`h${name(index)}`, [address(index)]))
    const installation = new Installation(shop, ...without, ...holders)
    const from = performance.now()
    installation.declare(...wanting, ...numbers.map((index) => at(`h${name(index)}`, [address(index + 1)])))
    // A sweep of all for each that is refused takes some 30 s.
    expect(performance.now() - from).toBeLessThan(10_000)
    const taken = numbers.map((index) => addressesOf(installation, at(`h${name(index)}`, [])))
    expect(new Set(taken.flat()).size).toBe(1000)
  })
})

describe('an attachment point belongs to one instance', () => {
  const attached = (name: string, interfaceName: string): Instance =>
    at(name, [], { attachment: { nodeName: 'host-a', netns: 'shop', interface: interfaceName } })

  test('of a node, whatever the VPC', () => {
    const other = valid(vpc('back'))
    const point = { nodeName: 'host-a', netns: 'shop', interface: 'pal1' }
    const second = valid(instance('b', 'back', [], { attachment: point }))
    const installation = new Installation(shop, other, attached('a', 'pal1'), second)
    expect(installation.codes(second)).toEqual(['AttachmentTaken'])
  })

  test('two interfaces of one namespace are two points, and the host is another', () => {
    const host = at('c', [], { attachment: { nodeName: 'host-a', host: true } })
    const installation = new Installation(shop, attached('a', 'pal1'), attached('b', 'pal2'), host)
    for (const object of [attached('a', 'pal1'), attached('b', 'pal2'), host]) {
      expect(installation.codes(object)).toEqual([])
    }
  })

  test('an unreadable declaration frees nothing', () => {
    const installation = new Installation(shop, attached('a', 'pal1'))
    installation.spoil('Instance/default/a')
    const second = attached('b', 'pal1')
    installation.declare(second)
    expect(installation.codes(second)).toEqual(['AttachmentTaken'])
  })
})
