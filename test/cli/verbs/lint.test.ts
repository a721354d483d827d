import { describe, expect, test } from 'vitest'
import { cli } from '../captured-io.ts'
import { SHOP, workplace } from '../workplace.ts'

/** The shop with the way out that the application's way in needs. */
const WEB = `${SHOP['web.yaml'] ?? ''}  egress:
    - { name: app, protocol: TCP, ports: [8080], remote: { securityGroupRef: { name: app } } }
`
const OPEN = WEB.replace('443', '22')
const MEANT = OPEN.replace(
  '{ name: web }',
  '{ name: web, annotations: { palisade.dev/lint-ignore: "RiskyPortOpen: a bastion" } }',
)

describe('palisade lint', () => {
  test('is silent where there is nothing to say', async () => {
    const { manifests } = await workplace({ ...SHOP, 'web.yaml': WEB })
    expect(await cli(['lint', manifests])).toEqual({ status: 0, out: '', err: '0 findings\n' })
  })

  test('prints each finding with its place and what would be right, and fails on errors', async () => {
    const { manifests } = await workplace({ ...SHOP, 'web.yaml': OPEN })
    const { status, out, err } = await cli(['lint', manifests])
    expect(status).toBe(1)
    expect(out).toBe(
      `${manifests}/web.yaml:7:7: error RiskyPortOpen: SecurityGroup default/web: ingress rule https opens 22 (SSH) to 0.0.0.0/0 and ::/0\n` +
        '    hint: name the addresses or the group that needs it\n',
    )
    expect(err).toBe('1 finding\n')
  })

  test('leaves out what is meant, and counts it', async () => {
    const { manifests } = await workplace({ ...SHOP, 'web.yaml': MEANT })
    expect(await cli(['lint', manifests])).toEqual({
      status: 0,
      out: '',
      err: '0 findings, 1 more silenced\n',
    })
  })

  test.each([
    ['json', '"ignored": "a bastion"'],
    ['sarif', '"justification": "a bastion"'],
  ])('tells what is silenced, and why, in %s', async (format, text) => {
    const { manifests } = await workplace({ ...SHOP, 'web.yaml': MEANT })
    const { out } = await cli(['lint', manifests, '-o', format])
    expect(JSON.stringify(JSON.parse(out), undefined, 1)).toContain(text)
  })

  test('annotates a pull request', async () => {
    const { manifests } = await workplace({ ...SHOP, 'web.yaml': OPEN })
    const { out } = await cli(['lint', manifests, '-o', 'github'])
    expect(out).toMatch(/^::error file=.*web\.yaml,line=7,col=7,title=RiskyPortOpen::/)
  })

  test.each([
    ['sarif', '"executionSuccessful": false'],
    ['github', 'title=OutOfRange::'],
  ])('finds no fault with less than all in %s', async (format, text) => {
    const { manifests } = await workplace({ ...SHOP, 'web.yaml': OPEN.replace('22', '70000') })
    const { out } = await cli(['lint', manifests, '-o', format])
    expect(out).toContain(text)
  })

  test('fails and says so where manifests are not valid', async () => {
    const { manifests } = await workplace({ ...SHOP, 'web.yaml': OPEN.replace('22', '70000') })
    const { status, err } = await cli(['lint', manifests])
    expect(status).toBe(1)
    expect(err).toContain('only what is accepted is looked at: see palisade validate')
  })
})
