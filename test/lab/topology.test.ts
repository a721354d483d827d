import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../src/api/objects.ts'
import { attachedToLab, topologyOf, type LabPort } from '../../src/lab/topology.ts'
import { Installation } from '../policy/installation.ts'
import { instance, vpc } from '../reference/objects.ts'

const SUBNETS = [
  { name: 'web', cidr: '10.0.1.0/24' },
  { name: 'web6', cidr: 'fd00:10:0:1::/64' },
]

function ports(...objects: readonly PalisadeObject[]): readonly LabPort[] {
  const { model } = new Installation(vpc('shop', { subnets: SUBNETS }), ...objects.map(attachedToLab))
  return [...topologyOf(model).values()].flatMap((network) => network.ports)
}

describe('the topology of a lab', () => {
  test('gives a subnet its first address as gateway', () => {
    const [port] = ports(instance('web-1', 'shop', [], { addresses: ['10.0.1.11', 'fd00:10:0:1::11'] }))
    expect(port?.gateways).toEqual(['10.0.1.1', 'fd00:10:0:1::1', 'fe80::1'])
  })

  test('gives a subnet the next address that no instance has', () => {
    const [, port] = ports(
      instance('first', 'shop', [], { addresses: ['10.0.1.1'] }),
      instance('web-1', 'shop', [], { addresses: ['10.0.1.11'] }),
    )
    expect(port?.gateways).toEqual(['10.0.1.2', 'fe80::1'])
  })

  test('gives an instance outside of every subnet a link-local gateway', () => {
    const [port] = ports(instance('lone', 'shop', [], { addresses: ['10.9.0.1'] }))
    expect(port?.gateways).toEqual(['169.254.1.1', 'fe80::1'])
  })

  test('has an instance without addresses, which can reach nothing', () => {
    const [port] = ports(instance('bare', 'shop'))
    expect(port).toMatchObject({ addresses: [], gateways: ['fe80::1'] })
  })

  test('keeps a MAC address that is stated, and makes one that is not', () => {
    const [made, stated] = ports(
      instance('made', 'shop', [], { addresses: ['10.0.1.2'] }),
      instance('stated', 'shop', [], { addresses: ['10.0.1.3'], mac: '02:00:00:00:00:01' }),
    )
    expect(made?.mac).toMatch(/^02(:[0-9a-f]{2}){5}$/)
    expect(stated?.mac).toBe('02:00:00:00:00:01')
  })

  test('takes every instance from where it is attached elsewhere', () => {
    const attachment = { nodeName: 'host-a', host: true }
    expect(attachedToLab(instance('web-1', 'shop', [], { attachment }))).toMatchObject({
      spec: {
        attachment: {
          nodeName: 'lab',
          netns: expect.stringMatching(/^vpc-[0-9a-f]{8}$/),
          interface: expect.stringMatching(/^pal[0-9a-f]{8}$/),
        },
      },
    })
  })

  test('has a network for a VPC without instances', () => {
    const { model } = new Installation(vpc('empty'))
    expect([...topologyOf(model).values()]).toEqual([
      { vpc: 'VPC/default/empty', router: expect.stringMatching(/^vpc-[0-9a-f]{8}$/), ports: [] },
    ])
  })
})
