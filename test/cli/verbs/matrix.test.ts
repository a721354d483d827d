import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli } from '../captured-io.ts'
import { workplace } from '../workplace.ts'

const QUICKSTART = 'manifests/quickstart'

describe('palisade matrix', () => {
  test('says the same of manifests and of the state that they were applied to', async () => {
    const { state } = await workplace()
    await cli(['apply', QUICKSTART, '--state', state])
    const inForce = await cli(['matrix', '--state', state])
    expect(inForce).toEqual(await cli(['matrix', QUICKSTART]))
    expect(inForce.status).toBe(0)
  })

  test('lists VPCs by name, whichever came first', async () => {
    const ofVpc = (name: string): string =>
      `apiVersion: palisade.dev/v1alpha1\nkind: VPC\nmetadata: {name: ${name}}\nspec: {}\n`
    const { manifests, state } = await workplace({ 'b.yaml': ofVpc('b') })
    await cli(['apply', manifests, '--state', state])
    await writeFile(path.join(manifests, 'a.yaml'), ofVpc('a'))
    await cli(['apply', manifests, '--state', state])
    const { out } = await cli(['matrix', '--state', state, '-o', 'dot'])
    expect(out.match(/VPC default\/./g)).toEqual(['VPC default/a', 'VPC default/b'])
  })

  test('takes part of it: from, to, and what goes to a port', async () => {
    const { out } = await cli([
      'matrix',
      QUICKSTART,
      '--from',
      'Internet',
      '--to',
      'web',
      '--port',
      'TCP/443',
    ])
    expect(out.split('\n').slice(1)).toEqual([
      'FROM       TO             TRAFFIC',
      'Internet   web-1, web-2   TCP 443',
      '',
    ])
  })

  test.each([
    ['--from', 'web-3', 'nothing that has addresses is called web-3: did you mean web-1?'],
    ['--to', 'nobody-at-all', 'say Internet, an address or prefix, an instance, a security group'],
  ])('refuses %s %s', async (option, word, reason) => {
    const { status, out, err } = await cli(['matrix', QUICKSTART, option, word])
    expect({ status, out }).toEqual({ status: 1, out: '' })
    expect(err).toContain(reason)
  })

  test.each([
    ['ICMP/8', 'ICMP has no ports: say TCP, UDP or SCTP'],
    ['http', 'It is a port such as 443, 80-90 or TCP/443.'],
  ])('refuses the port %s', async (port, reason) => {
    const { status, err } = await cli(['matrix', QUICKSTART, '--port', port])
    expect(status).toBe(2)
    expect(err).toContain(reason)
  })

  test.each([
    ['mermaid', /^flowchart LR\n {2}subgraph v0\["VPC default\/shop"\]\n/],
    ['dot', /^digraph matrix \{\n[^]*label="VPC default\/shop"[^]*\n\}\n$/],
    ['csv', /^namespace,vpc,from,to,family,traffic\ndefault,shop,Internet,/],
  ])('prints %s', async (format, shape) => {
    expect((await cli(['matrix', QUICKSTART, '-o', format])).out).toMatch(shape)
  })

  test('names in JSON every instance, group and address of an end', async () => {
    const { out } = await cli(['matrix', QUICKSTART, '-o', 'json', '--from', 'Internet', '--to', 'web'])
    expect(JSON.parse(out)).toMatchObject({
      vpcs: [
        {
          ends: [{ kind: 'Internet' }, { kind: 'Instances', instances: ['web-1', 'web-2'] }],
          cells: [{ from: 0, to: 1 }],
        },
      ],
    })
  })
})
