import { describe, expect, test } from 'vitest'
import { cli } from '../captured-io.ts'
import { SHOP, workplace, type Workplace } from '../workplace.ts'

const CHECK = `apiVersion: palisade.dev/v1alpha1
kind: ReachabilityCheck
metadata: { name: web-is-https }
spec:
  vpcRef: { name: shop }
  from: { internet: true }
  to: { instances: [web-1] }
  protocol: TCP
  ports: [22]
  expect: Denied
`

const OTHER = `apiVersion: palisade.dev/v1alpha1
kind: VPC
metadata: { name: post, namespace: other }
spec: { cidrs: [10.1.0.0/16] }
---
apiVersion: palisade.dev/v1alpha1
kind: SecurityGroup
metadata: { name: mail, namespace: other }
spec:
  vpcRef: { name: post }
  ingress:
    - { name: smtp, protocol: TCP, ports: [25] }
---
apiVersion: palisade.dev/v1alpha1
kind: Instance
metadata: { name: mail-1, namespace: other }
spec: { vpcRef: { name: post }, addresses: [10.1.0.1], securityGroupRefs: [{ name: mail }] }
`

/** A shop with a promise, and a change that breaks it. */
async function asked(): Promise<Workplace> {
  const place = await workplace({ ...SHOP, 'check.yaml': CHECK })
  await cli(['apply', place.manifests, '--state', place.state])
  await place.write('web.yaml', (SHOP['web.yaml'] ?? '').replace('[443]', '[443, 22]'))
  return place
}

describe('palisade plan of a change that a check keeps out', () => {
  test('shows what was asked for, what it would open, and what keeps it out', async () => {
    const place = await asked()
    const { status, out, err } = await cli(['plan', place.manifests, '--state', place.state])
    expect(status).toBe(1)
    expect(out).toBe(`Nothing of this is done, since it would break
  ReachabilityCheck default/web-is-https
~ change SecurityGroup default/web (spec.ingress.https.ports)
  rules of 1 instance: default/web-1
    - ingress Allow TCP 443 from anywhere (web/https, priority 100)
    + ingress Allow TCP 22,443 from anywhere (web/https, priority 100)
0 objects to create, 1 to change, 0 to delete; 1 instance: 1 rule to add, 1 to remove.
connections in VPC default/shop
  opens:  Internet (IPv4) -> web-1 TCP 22
`)
    expect(err).toContain('0.0.0.0 can reach web-1 (10.0.1.1) on TCP 22: allowed by web/https')
  })

  test('does what another namespace asks for, and shows the two apart', async () => {
    const place = await asked()
    await place.write('other.yaml', OTHER)
    const { status, out } = await cli(['plan', place.manifests, '--state', place.state])
    expect(status).toBe(1)
    const [blocked = '', done = ''] = out.split('Done all the same:\n')
    expect(blocked).toContain('~ change SecurityGroup default/web (spec.ingress.https.ports)\n')
    expect(blocked).toContain('  opens:  Internet (IPv4) -> web-1 TCP 22\n')
    expect(blocked).not.toContain('other/')
    expect(done).toContain('+ create Instance other/mail-1\n')
    expect(done).toContain('connections in VPC other/post\n  opens:  Internet (IPv4) -> mail-1 TCP 25\n')
    expect(done).not.toContain('default/')
    const applied = await cli(['apply', place.manifests, '--state', place.state])
    expect(applied.status).toBe(1)
    const { out: instances } = await cli(['get', 'instances', '-A', '--state', place.state, '-o', 'name'])
    expect(instances).toContain('mail-1')
  })

  test('tells scripts of it apart from what would be done', async () => {
    const place = await asked()
    const { out } = await cli(['plan', place.manifests, '--state', place.state, '-o', 'json'])
    expect(JSON.parse(out)).toMatchObject({
      objects: [],
      connections: [],
      blocked: true,
      asked: {
        blockedBy: [{ kind: 'ReachabilityCheck', name: 'web-is-https' }],
        objects: [{ action: 'Change', name: 'web' }],
        connections: [{ opens: [{ to: 'web-1', traffic: 'TCP 22' }] }],
      },
    })
  })

  test('tells reviewers of it', async () => {
    const place = await asked()
    const { out } = await cli(['plan', place.manifests, '--state', place.state, '-o', 'markdown'])
    expect(out).toContain('### palisade: blocked: opens 1, closes 0\n')
    expect(out).toContain('| **opens** | Internet (IPv4) | web-1 | TCP 22 |\n')
  })

  test('lets a change be compared with a base whose promise is broken already', async () => {
    const base = await asked()
    const mended = await workplace({ ...SHOP, 'check.yaml': CHECK })
    const { status, out } = await cli(['plan', mended.manifests, '--against', base.manifests])
    expect(status).toBe(0)
    expect(out).toContain('  closes: Internet (IPv4) -> web-1 TCP 22\n')
  })
})
