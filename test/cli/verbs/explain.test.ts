import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli, type CliResult } from '../captured-io.ts'
import { SHOP, workplace } from '../workplace.ts'

const QUICKSTART = 'manifests/quickstart'

const ask = (...words: readonly string[]): Promise<CliResult> => cli(['explain', ...words, '-f', QUICKSTART])

describe('palisade explain', () => {
  test('names the deciding rule of each end with its place', async () => {
    const { status, out } = await ask('203.0.113.9', 'web-1', 'TCP/22')
    expect(status).toBe(0)
    expect(out).toContain('203.0.113.9 -> web-1 TCP/22: allowed\n')
    expect(out).toMatch(
      /decided by Allow TCP 22 from address group office \(web\/ssh, priority 100\)\n\s+at manifests\/quickstart\/web\.yaml:\d+:\d+\n/,
    )
    expect(out).toContain('Replies pass without a rule of their own')
  })

  test('of a denial it says what denies, what is outranked, and what would allow it', async () => {
    const { out } = await ask('192.0.2.7', 'web-1', 'TCP/443')
    expect(out).toContain('decided by Drop All from 192.0.2.0/24 (web/unwanted, priority 10)')
    expect(out).toContain('outranked: Allow TCP 80,443 from anywhere (web/http, priority 100)')
    expect(out).toContain('to allow it, add to spec.ingress of SecurityGroup default/web:')
    expect(out).toContain('priority: 9')
  })

  test('asks what is in force where no manifests are given', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state])
    const { status, out } = await cli(['explain', 'app-1', '198.51.100.9', 'TCP/443', '--state', place.state])
    expect(status).toBe(0)
    expect(out).toMatch(/^app-1 -> 198\.51\.100\.9 TCP\/443: (?:allowed|denied)\n/)
  })

  test('answers also where a FIFO has taken the place of the file that a rule came from', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state])
    await place.remove('web.yaml')
    execFileSync('mkfifo', [path.join(place.manifests, 'web.yaml')])
    const { status, out } = await cli(['explain', '198.51.100.9', 'web-1', 'TCP/443', '--state', place.state])
    expect(status).toBe(0)
    expect(out).toContain('decided by Allow TCP 443')
  })

  test('of manifests that are not all accepted it answers, and does not call that done', async () => {
    const place = await workplace(SHOP)
    await place.write('web.yaml', 'kind: nonsense\n')
    const asked = ['explain', '198.51.100.9', 'web-1', 'TCP/443', '-f', place.manifests]
    const { status, out } = await cli([...asked, '--expect', 'denied'])
    expect(out).toContain('denied')
    expect(status).toBe(1)
  })

  test.each([
    ['ICMP/8', '      - name: allow-icmp\n'],
    [
      'SCTP/22',
      '    no rule can allow it: SecurityGroup default/web: protocol: profile jdcloud has no SCTP rules\n',
    ],
  ])('proposes only what the profile has: %s', async (traffic, said) => {
    const place = await workplace(SHOP)
    const vpc = await place.read('vpc.yaml')
    await place.write('vpc.yaml', vpc.replace('spec: {', 'spec: { profileRef: { name: jdcloud }, region: r,'))
    const { out } = await cli(['explain', '198.51.100.9', 'web-1', traffic, '-f', place.manifests])
    expect(out).toContain(said)
  })

  test('knows of what is in force that a rule has ended', async () => {
    const place = await workplace(SHOP)
    const web = await place.read('web.yaml')
    await place.write(
      'web.yaml',
      web.replace('ports: [443]', "ports: [443], expires: '2020-01-01T00:00:00Z'"),
    )
    await cli(['apply', place.manifests, '--state', place.state])
    const { out } = await cli(['explain', '198.51.100.9', 'web-1', 'TCP/443', '--state', place.state])
    expect(out).toMatch(/^198\.51\.100\.9 -> web-1 TCP\/443: denied\n/)
  })

  test.each([
    ['allowed', 0],
    ['denied', 1],
  ])('--expect %s ends with %i for what is allowed', async (answer, status) => {
    expect((await ask('web-1', 'app-1', 'TCP/8080', '--expect', answer)).status).toBe(status)
  })

  test('prints the same as JSON', async () => {
    const { out } = await ask('web-1', 'app-1', 'TCP/8080', '-o', 'json')
    expect(JSON.parse(out)).toMatchObject({
      from: 'web-1',
      to: 'app-1',
      answer: 'Allowed',
      cases: [
        { family: 'IPv4', ends: [{ direction: 'Egress' }, { direction: 'Ingress' }] },
        { family: 'IPv6' },
      ],
    })
  })

  test.each([
    [['wep-1', 'app-1', 'TCP/80'], 1, 'did you mean web-1?'],
    [['web-1', 'app-1', 'ICMP/http'], 2, 'ICMP has no ports'],
    [['1.1.1.1', '2.2.2.2', 'All'], 1, 'palisade decides nothing here'],
    [['10.0.0.1/8', 'web-1', 'All'], 1, '10.0.0.0/8 or 10.0.0.1/32'],
  ])('%j is refused with a word on what would be right', async (words, status, text) => {
    const result = await ask(...words)
    expect(result.status).toBe(status)
    expect(result.err).toContain(text)
  })
})
