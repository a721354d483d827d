import { mkdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli } from './captured-io.ts'
import { SHOP, workplace } from './workplace.ts'

describe('the state folder and the manifests', () => {
  test.each([
    ['in the folder of the manifests', 'state'],
    ['further down', 'a/b/state'],
    ['the folder itself', '.'],
    ['in a hidden folder that was named as manifests', '.hidden/state', '.hidden'],
  ])('is refused before anything is written: %s', async (_, below, given = '.') => {
    const place = await workplace(SHOP)
    await mkdir(path.join(place.manifests, '.hidden'))
    const manifests = path.join(place.manifests, given)
    const state = path.join(place.manifests, below)
    for (const verb of ['apply', 'plan', 'run']) {
      const { status, out, err } = await cli([verb, manifests, '--state', state])
      expect({ status, out }).toEqual({ status: 2, out: '' })
      expect(err).toBe(
        `error: the state folder ${state} lies in the manifests ${manifests} and would be read as manifests: choose another with --state, or a name that begins with a dot\n`,
      )
    }
  })

  test('is refused through a link', async () => {
    const place = await workplace(SHOP)
    const link = `${place.manifests}-link`
    await symlink(place.manifests, link)
    expect((await cli(['apply', place.manifests, '--state', path.join(link, 'state')])).status).toBe(2)
  })

  test('is refused where the manifests lie in the state', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state])
    const { status, err } = await cli(['apply', path.join(place.state, 'status'), '--state', place.state])
    expect(status).toBe(2)
    expect(err).toContain('lie in the state folder')
  })

  test.each(['.palisade', '.a/state', 'b/.c/state'])('is fine where it is hidden: %s', async (below) => {
    const place = await workplace(SHOP)
    const state = path.join(place.manifests, below)
    expect((await cli(['apply', place.manifests, '--state', state])).status).toBe(0)
    expect((await cli(['apply', place.manifests, '--state', state])).out).toContain('Nothing to change')
  })

  test('is fine beside them, and for single files in one folder with it', async () => {
    const place = await workplace(SHOP)
    const files = Object.keys(SHOP).map((name) => path.join(place.manifests, name))
    const state = path.join(place.manifests, 'state')
    expect((await cli(['apply', ...files, '--state', state])).status).toBe(0)
  })
})
