import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { isRevoked } from '../../../src/firewall/nft/mark.ts'
import { whatIsMissing } from './network.ts'
import { Peer } from './peer.ts'
import { EVERYTHING, instanceOn, MACHINES, Shop, TCP_80, type Rules } from './shop.ts'

const missing = whatIsMissing()

/** A connection between two instances needs the rules of both, and the mark says which of them have judged. */
describe.skipIf(missing !== undefined)(`from one instance to the other ${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  let a: Peer
  let b: Peer
  let next = 0
  let id: string
  beforeAll(async () => {
    shop = await Shop.open()
    firewall = shop.firewall()
    a = await Peer.start(shop.network, 'a')
    b = await Peer.start(shop.network, 'b')
    await b.ask('udp-serve', 53)
  }, 60_000)
  afterAll(async () => {
    await a.stop()
    await b.stop()
    await shop.close()
  })
  beforeEach(async () => {
    id = `c${String(++next)}`
    await program({ egress: [EVERYTHING] }, { ingress: [EVERYTHING] })
    shop.network.sh('shop', 'conntrack -F 2> /dev/null')
  })

  const program = (ofA: Rules, ofB: Rules): Promise<void> =>
    shop.program(firewall, [instanceOn('a', ofA), instanceOn('b', ofB)])
  const echo = (): Promise<string> => a.ask('udp-echo', id, MACHINES.b.four, 53)
  const marks = (port: number): readonly number[] =>
    shop.network
      .sh('shop', 'conntrack -L -p udp 2> /dev/null')
      .split('\n')
      .filter((line) => line.includes(` dport=${String(port)} `))
      .map((line) => Number(/ mark=(\d+)/.exec(line)?.[1]))

  test.each([
    ['out', 'from_instance', 'pala'],
    ['in', 'to_instance', 'palb'],
  ])(
    'a chain without rules lets nothing %s, as a new one is to a packet that is on its way',
    async (_, map, port) => {
      const chain =
        new RegExp(`map ${map} \\{[^}]*"${port}" : (?:jump|goto) (\\w+)`).exec(shop.table())?.[1] ?? ''
      onTestFinished(await shop.listen(firewall))
      shop.network.sh('shop', `nft flush chain inet palisade ${chain}`)
      expect(await echo()).toBe('silent')
      await firewall.repair()
      expect(await echo()).toBe('echo')
    },
  )

  test('what was cut is so until the receiver has allowed it again as well', async () => {
    expect(await echo()).toBe('echo')
    await program({}, {})
    onTestFinished(await shop.listen(firewall))
    // Nothing on the way in would cut it once more.
    shop.network.sh('shop', `nft delete element inet palisade to_instance '{ "palb" }'`)
    await program({ egress: [EVERYTHING] }, {})
    expect(await echo()).toBe('silent')
    expect(marks(53).map(isRevoked)).toEqual([true])
    await firewall.repair()
    await program({ egress: [EVERYTHING] }, { ingress: [EVERYTHING] })
    expect(await echo()).toBe('echo')
    expect(marks(53).map(isRevoked)).toEqual([false])
  })

  test('what was cut a change ago is not brought back by a chain without rules', async () => {
    expect(await echo()).toBe('echo')
    await program({}, { ingress: [EVERYTHING] })
    expect(await echo()).toBe('silent')
    await program({}, { ingress: [EVERYTHING, TCP_80] })
    onTestFinished(await shop.listen(firewall))
    const chain = /map from_instance \{[^}]*"pala" : goto (\w+)/.exec(shop.table())?.[1] ?? ''
    shop.network.sh('shop', `nft flush chain inet palisade ${chain}`)
    expect(await echo()).toBe('silent')
    expect(marks(53).map(isRevoked)).toEqual([true])
    await firewall.repair()
  })

  test('what nobody answers is marked once, however many packets it has', async () => {
    // Where nothing listens an ICMP error would come back, and be the sender's at its next packet.
    shop.network.sh('b', `ip route add blackhole ${MACHINES.a.four} metric 1`)
    const [conntrack, ...words] = shop.network.enter('shop')
    const listener = spawn(conntrack, [...words, 'conntrack', '-E', '-p', 'udp'])
    let events = ''
    listener.stdout.on('data', (chunk: Buffer) => (events += chunk.toString()))
    // Nothing is told of a connection that began before anybody listened.
    await sleep(500)
    shop.network.sh('a', `python3 -c '${TWENTY_DATAGRAMS}' ${MACHINES.b.four}`)
    await sleep(500)
    const ended = once(listener, 'exit')
    listener.kill('SIGKILL')
    await ended
    expect(events.match(/\[(NEW|UPDATE|DESTROY)\]/g)).toEqual(['[NEW]'])
    shop.network.sh('b', `ip route del blackhole ${MACHINES.a.four} metric 1`)
  })
})

const TWENTY_DATAGRAMS = `
import socket, sys
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.connect((sys.argv[1], 9999))
for _ in range(20): sender.send(b"unheard")
`
