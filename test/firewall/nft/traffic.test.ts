import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { whatIsMissing } from './network.ts'
import { Peer } from './peer.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, OUTSIDE, Shop, TCP_80, type MachineName } from './shop.ts'

const missing = whatIsMissing()

describe.skipIf(missing !== undefined)(`packets meet the rules${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  let a: Peer
  let b: Peer
  let outside: Peer
  beforeAll(async () => {
    shop = await Shop.open()
    ;[a, b, outside] = await Promise.all([
      Peer.start(shop.network, 'a'),
      Peer.start(shop.network, 'b'),
      Peer.start(shop.network, 'outside'),
    ])
    for (const peer of [a, b, outside]) {
      for (const port of [80, 81]) await peer.ask('tcp-serve', port)
      await peer.ask('udp-serve', 53)
    }
    firewall = shop.firewall()
  }, 60_000)
  afterAll(async () => {
    await Promise.all([a.stop(), b.stop(), outside.stop()])
    await shop.close()
  })

  const ping = (from: MachineName | 'outside', address: string): boolean =>
    shop.network.try(from, `ping -c 1 -W 1 ${address}`).status === 0

  test('before any rule is programmed the machines reach each other, so that what follows proves something', async () => {
    expect(ping('a', MACHINES.b.four)).toBe(true)
    expect(ping('a', MACHINES.b.six)).toBe(true)
    expect(ping('outside', MACHINES.b.six)).toBe(true)
    expect(await a.ask('tcp-open', 'x', MACHINES.b.four, 80)).toBe('open')
    expect(await a.ask('udp-echo', 'x', MACHINES.b.six, 53)).toBe('echo')
  })

  test('an allowed port is open and the next one closed, in both families', async () => {
    await shop.program(firewall, [
      instanceOn('a', { egress: [EVERYTHING] }),
      instanceOn('b', { ingress: [TCP_80] }),
    ])
    for (const address of [MACHINES.b.four, MACHINES.b.six]) {
      expect(await a.ask('tcp-open', 'y', address, 80)).toBe('open')
      expect(await a.ask('tcp-open', 'z', address, 81)).toBe('silent')
      expect(await a.ask('udp-echo', address, address, 53)).toBe('silent')
      expect(ping('a', address)).toBe(false)
    }
  })

  test('a connection needs the egress of one end and the ingress of the other', async () => {
    await shop.program(firewall, [
      instanceOn('a', { egress: [] }),
      instanceOn('b', { ingress: [EVERYTHING] }),
    ])
    expect(await a.ask('tcp-open', 'y', MACHINES.b.four, 80)).toBe('silent')
    expect(await outside.ask('tcp-open', 'y', MACHINES.b.four, 80)).toBe('open')
    expect(await outside.ask('tcp-open', 'y', MACHINES.b.six, 80)).toBe('open')
    expect(await b.ask('tcp-open', 'y', MACHINES.a.four, 80)).toBe('silent')
  })

  test('an end that is no instance has no say', async () => {
    await shop.program(firewall, [instanceOn('a', { egress: [allow({ protocol: 'UDP', ports: ['53'] })] })])
    expect(await a.ask('udp-echo', 'dns', OUTSIDE.four, 53)).toBe('echo')
    expect(await a.ask('udp-echo', 'dns6', OUTSIDE.six, 53)).toBe('echo')
    expect(await a.ask('tcp-open', 'y', OUTSIDE.four, 80)).toBe('silent')
  })

  test('a port without an instance is closed, also one of a name that was never declared', async () => {
    await shop.program(firewall, [instanceOn('a', { ingress: [EVERYTHING], egress: [EVERYTHING] })])
    expect(ping('a', MACHINES.b.four)).toBe(false)
    expect(ping('b', OUTSIDE.four)).toBe(false)
    expect(ping('outside', MACHINES.b.six)).toBe(false)
    expect(ping('a', OUTSIDE.four)).toBe(true)
  })

  test('the rules of an instance that moves here judge connections that were open to its address before', async () => {
    const at = (port: string): string =>
      shop.network.sh('shop', `ip route replace ${MACHINES.b.four}/32 ${port}`)
    const sender = instanceOn('a', { egress: [EVERYTHING] })
    await shop.program(firewall, [sender, instanceOn('b', {})])
    await shop.program(firewall, [sender])
    // The address is elsewhere first, where no rule of this node has a say.
    shop.network.sh(
      'outside',
      `ip addr add ${MACHINES.b.four}/32 dev lo
       ip route add ${MACHINES.a.four} via 192.0.2.1 src ${MACHINES.b.four}`,
    )
    at(`via ${OUTSIDE.four} dev uplink`)
    expect(await a.ask('udp-echo', 'moved', MACHINES.b.four, 53)).toBe('echo')
    await shop.program(firewall, [sender, instanceOn('b', {})])
    at('dev palb')
    expect(await a.ask('udp-echo', 'moved', MACHINES.b.four, 53)).toBe('silent')
    shop.network.sh('outside', `ip addr del ${MACHINES.b.four}/32 dev lo`)
  })

  test('a connection that a conntrack helper expects needs a rule like any other', async ({ skip }) => {
    const helped = shop.network.try(
      'shop',
      `nft -f - <<'END'
add table inet helped
add ct helper inet helped ftp { type "ftp" protocol tcp; }
add chain inet helped c { type filter hook forward priority -10; }
add rule inet helped c tcp dport 21 ct helper set "ftp"
END`,
    )
    if (helped.status !== 0) {
      skip(`needs the kernel's FTP helper (modprobe nf_conntrack_ftp): ${helped.stderr}`)
    }
    await shop.program(firewall, [
      instanceOn('a', { egress: [EVERYTHING] }),
      instanceOn('b', { ingress: [allow({ protocol: 'TCP', ports: ['21'] })] }),
    ])
    // An FTP server says at which port it expects the transfer; this one ends with its first client.
    const says = `227 Entering Passive Mode (${MACHINES.b.four.replaceAll('.', ',')},0,81)`
    const server = `
      require("net").createServer((client) => {
        client.on("close", () => process.exit())
        client.write("220 ready\\r\\n")
        client.once("data", () => client.write("${says}\\r\\n"))
      }).listen(21, () => console.log("ready"))
      setTimeout(process.exit, 20000)`
    const client = `
      const control = require("net").connect(21, "${MACHINES.b.four}")
      control.once("data", () => {
        control.write("PASV\\r\\n")
        control.once("data", () => process.exit())
      })
      setTimeout(() => process.exit(1), 5000)`
    const [program, ...words] = shop.network.enter('b')
    const listening = spawn(program, [...words, process.execPath, '-e', server])
    await once(listening.stdout, 'data')
    shop.network.sh('a', `'${process.execPath}' -e '${client}'`)
    expect(shop.network.sh('shop', 'conntrack -L expect 2>/dev/null')).toContain('dport=81 ')
    expect(await a.ask('tcp-open', 'x', MACHINES.b.four, 81)).toBe('silent')
    shop.network.sh('shop', 'nft delete table inet helped')
  })

  test('what nft lists is what was written', async () => {
    await shop.program(firewall, [instanceOn('a', { ingress: [TCP_80], egress: [EVERYTHING] })])
    const read = await shop.firewall().read()
    expect([...read.instances.keys()]).toEqual(['Instance/shop/a'])
  })
})
