import { expect, test } from 'vitest'
import type { Executor } from '../../../src/firewall/nft/executor.ts'
import { listLinks } from '../../../src/firewall/nft/links.ts'

/** Where `ip` prints something. Kernels without VRFs are common, so what it prints of one stands here. */
function printing(stdout: string, status = 0, stderr = ''): Executor {
  return {
    has: () => true,
    identity: () => 'netns',
    attend: () => () => undefined,
    run: () => Promise.resolve({ status, stdout, stderr }),
    follow: () => ({ stop: () => undefined }),
    prepare: () => undefined,
    release: () => undefined,
  }
}

const VETH = { ifindex: 7, ifname: 'palb', flags: ['BROADCAST', 'UP'], linkinfo: { info_kind: 'veth' } }

test.for([
  ['nothing', VETH, undefined],
  ['a VRF', { ...VETH, master: 'red', linkinfo: { info_kind: 'veth', info_slave_kind: 'vrf' } }, 'vrf red'],
  ['a bond', { ...VETH, master: 'b0', linkinfo: { info_kind: 'veth', info_slave_kind: 'bond' } }, 'bond b0'],
  ['something that ip does not name', { ...VETH, master: 'x0' }, 'x0'],
] as const)('an interface that is part of %s', async ([, link, master]) => {
  const [found] = await listLinks(printing(JSON.stringify([link])), 'shop')
  expect(found).toEqual({ index: 7, name: 'palb', ...(master !== undefined && { master }) })
})

test('other names of an interface', async () => {
  const [found] = await listLinks(
    printing(JSON.stringify([{ ...VETH, altnames: ['inst-b', 'enp7s0'] }])),
    'shop',
  )
  expect(found).toEqual({ index: 7, name: 'palb', altnames: ['inst-b', 'enp7s0'] })
})

test('a list that cannot be had is told with what ip said', async () => {
  const failing = printing('', 1, 'Cannot open netlink socket: Too many open files\n')
  await expect(listLinks(failing, 'shop')).rejects.toThrow(
    'ip cannot list the interfaces in network namespace shop: Cannot open netlink socket: Too many open files',
  )
})
