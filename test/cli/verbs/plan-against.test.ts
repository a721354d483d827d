import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cli } from '../captured-io.ts'
import { SHOP, workplace } from '../workplace.ts'

const HTTPS_MOVED = { ...SHOP, 'web.yaml': (SHOP['web.yaml'] ?? '').replace('443', '8443') }

describe('palisade plan --against', () => {
  test('shows what one folder changes of another, and needs and leaves no state', async () => {
    const [base, head] = [await workplace(SHOP), await workplace(HTTPS_MOVED)]
    const words = ['plan', head.manifests, '--against', base.manifests, '--state', head.state]
    expect(await cli(words)).toEqual({
      status: 0,
      out: `~ change SecurityGroup default/web (spec.ingress.https.ports)
  rules of 1 instance: default/web-1
    - ingress Allow TCP 443 from anywhere (web/https, priority 100)
    + ingress Allow TCP 8443 from anywhere (web/https, priority 100)
0 objects to create, 1 to change, 0 to delete; 1 instance: 1 rule to add, 1 to remove.
connections in VPC default/shop
  opens:  Internet (IPv4) -> web-1 TCP 8443
  closes: Internet (IPv4) -> web-1 TCP 443
`,
      err: '',
    })
    expect(existsSync(head.state)).toBe(false)
  })

  test('says what applying the one and then the other says', async () => {
    const [base, head] = [await workplace(SHOP), await workplace(HTTPS_MOVED)]
    await cli(['apply', base.manifests, '--state', base.state])
    const stateful = await cli(['plan', head.manifests, '--state', base.state])
    const stateless = await cli(['plan', head.manifests, '--against', base.manifests])
    expect(stateless.out).toBe(stateful.out)
  })

  test('finds nothing between a folder and its copy', async () => {
    const [base, head] = [await workplace(SHOP), await workplace(SHOP)]
    const { status, out } = await cli(['plan', head.manifests, '--against', base.manifests, '--exit-code'])
    expect({ status, out }).toEqual({ status: 0, out: 'Nothing would change.\n' })
  })

  test('compares with no folder that has errors, or that is not there', async () => {
    const head = await workplace(SHOP)
    const broken = await workplace({ ...SHOP, 'bad.yaml': 'kind: [' })
    for (const base of [broken.manifests, `${broken.manifests}-missing`]) {
      const { status, out, err } = await cli(['plan', head.manifests, '--against', base])
      expect({ status, out }).toEqual({ status: 1, out: '' })
      expect(err).toContain('has errors, so nothing can be compared with it')
    }
  })
})
