import { symlink } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { cli } from '../captured-io.ts'
import { SHOP, workplace } from '../workplace.ts'

const OTHER_WEB = (SHOP['web.yaml'] ?? '').replace('443', '70000')

describe('palisade validate', () => {
  test('says nothing but a sum where all is well', async () => {
    const { manifests } = await workplace(SHOP)
    expect(await cli(['validate', manifests])).toEqual({
      status: 0,
      out: '',
      err: '5 objects, 0 errors, 0 warnings\n',
    })
  })

  test('prints each finding with its place, and fails', async () => {
    const { manifests } = await workplace({ ...SHOP, 'web.yaml': OTHER_WEB })
    const { status, out, err } = await cli(['validate', manifests])
    expect(status).toBe(1)
    expect(out).toContain(`${manifests}/web.yaml:7:45: error OutOfRange: SecurityGroup default/web`)
    expect(err).toMatch(/^5 objects, \d errors?, 0 warnings\n$/)
  })

  test('is judged from nothing: what was accepted before does not help', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state])
    await place.remove('web.yaml')
    expect((await cli(['validate', place.manifests], { env: { PALISADE_STATE: place.state } })).status).toBe(
      1,
    )
  })

  test('is judged as a change to a state that is named', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state])
    await place.write(
      'vpc.yaml',
      (SHOP['vpc.yaml'] ?? '').replace('cidrs: [10.0.0.0/16]', 'networkType: Classic'),
    )
    const { status, out } = await cli(['validate', place.manifests, '--state', place.state])
    expect(status).toBe(1)
    expect(out).toContain('networkType')
  })

  test('reads standard input', async () => {
    const { status, out } = await cli(['validate', '-'], { stdin: () => Promise.resolve(OTHER_WEB) })
    expect(status).toBe(1)
    expect(out).toContain('-:7:45: error OutOfRange: ')
  })

  test('counts objects of other API groups in one line', async () => {
    const { manifests } = await workplace({
      ...SHOP,
      'pods.yaml': 'apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Pod\n',
    })
    const { status, err } = await cli(['validate', manifests])
    expect(status).toBe(0)
    expect(err).toBe('2 objects of other API groups left to others\n5 objects, 0 errors, 0 warnings\n')
  })

  test('warns of a folder without objects', async () => {
    const { manifests } = await workplace({ 'notes.txt': 'nothing' })
    const { status, out } = await cli(['validate', manifests])
    expect(status).toBe(0)
    expect(out).toContain(
      `${manifests}:1:1: warning NothingDeclared: ${manifests} holds no object of palisade`,
    )
  })

  test('warns of the one path of several that holds nothing', async () => {
    const { manifests } = await workplace({ ...SHOP, 'pods.yaml': 'apiVersion: v1\nkind: Pod\n' })
    const { out } = await cli(['validate', `${manifests}/pods.yaml`, manifests])
    expect(out.match(/NothingDeclared/g)).toHaveLength(1)
    expect(out).toContain(`${manifests}/pods.yaml holds no object`)
  })

  test('does not warn of another name of a folder that was read', async () => {
    const { manifests } = await workplace(SHOP)
    const link = `${manifests}-link`
    await symlink(manifests, link)
    const { out } = await cli(['validate', manifests, link])
    expect(out).not.toContain('NothingDeclared')
  })

  test('says once that a path is missing, and what was probably meant', async () => {
    const { manifests } = await workplace(SHOP)
    const { status, out } = await cli(['validate', `${manifests}/wbe.yaml`])
    expect(status).toBe(1)
    expect(out).toContain('error SourceNotFound')
    expect(out).toContain(`did you mean ${manifests}/web.yaml?`)
    expect(out).not.toContain('NothingDeclared')
  })

  test('prints JSON for scripts', async () => {
    const { manifests } = await workplace({ ...SHOP, 'web.yaml': OTHER_WEB })
    const { status, out } = await cli(['validate', manifests, '-o', 'json'])
    expect(status).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ code: 'OutOfRange', file: `${manifests}/web.yaml`, line: 7, name: 'web' }),
      ]),
      summary: { objects: 5, warnings: 0, foreign: 0 },
    })
  })

  test('prints workflow commands for GitHub', async () => {
    const { manifests } = await workplace({ ...SHOP, 'web.yaml': OTHER_WEB })
    const { out } = await cli(['validate', manifests, '-o', 'github'])
    expect(out).toContain(`::error file=${manifests}/web.yaml,line=7,col=45,title=OutOfRange::`)
  })

  test('writes nothing anywhere', async () => {
    const place = await workplace(SHOP)
    await cli(['validate', place.manifests, '--state', place.state])
    const { out } = await cli(['get', '-A', '--state', place.state])
    expect(out).toBe('')
  })
})
