import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { openStateDirectory } from '../../../src/store/state-directory.ts'
import { cli } from '../captured-io.ts'
import { SHOP, workplace } from '../workplace.ts'

describe('palisade apply', () => {
  test('puts into force what is declared, and prints it as done', async () => {
    const place = await workplace(SHOP)
    const { status, out, err } = await cli(['apply', place.manifests, '--state', place.state])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out).toContain('+ created SecurityGroup default/web\n')
    expect(out).toMatch(/; 2 instances: 6 rules added, 0 removed\.\n$/)
    expect((await cli(['plan', place.manifests, '--state', place.state, '--exit-code'])).status).toBe(0)
  })

  test('has nothing to do the second time, and changes no file', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state])
    const before = await filesOf(place.state)
    const { status, out } = await cli(['apply', place.manifests, '--state', place.state])
    expect({ status, out }).toEqual({
      status: 0,
      out: 'Nothing to change: all that is declared and accepted is in force.\n',
    })
    expect(await filesOf(place.state)).toEqual(before)
  })

  test('gives the state folder back', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state])
    expect((await readdir(place.state)).sort()).toEqual([
      'inventory.ndjson',
      'recorded.ndjson',
      'rest',
      'status',
    ])
  })

  test('does not say that all is in force when it looked at nothing', async () => {
    const place = await workplace(SHOP)
    const { status, out, err } = await cli(['apply', `${place.manifests}-misspelt`, '--state', place.state])
    expect({ status, out }).toEqual({
      status: 1,
      out: 'Nothing was looked at, since a path leads nowhere.\n',
    })
    expect(err).toContain('SourceNotFound')
  })

  test('keeps in force what a broken file gave, and fails', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state])
    await place.write('web.yaml', 'kind: [')
    const { status, err } = await cli(['apply', place.manifests, '--state', place.state])
    expect(status).toBe(1)
    expect(err).toContain('web.yaml:')
    expect((await cli(['rules', 'web-1', '--state', place.state])).out).toContain('443')
  })

  test('fails for an object that is not accepted, and applies the others', async () => {
    const place = await workplace({
      ...SHOP,
      'web.yaml': (SHOP['web.yaml'] ?? '').replace('name: shop', 'name: shp'),
    })
    const { status, out, err } = await cli(['apply', place.manifests, '--state', place.state])
    expect(status).toBe(1)
    expect(err).toContain('error VPCNotFound')
    expect(out).toContain('+ created SecurityGroup default/app')
  })

  test('fails for a deletion that others block, and names them', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state])
    await place.remove('web.yaml')
    const { status, err } = await cli(['apply', place.manifests, '--state', place.state])
    expect(status).toBe(1)
    expect(err).toContain(
      'error DeletionBlocked: SecurityGroup default/web was deleted and stays in force, since Instance default/web-1, SecurityGroup default/app still need it\n',
    )
  })

  test('holds back a change that deletes everything, and changes nothing', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state])
    const before = await filesOf(place.state)
    for (const name of Object.keys(SHOP)) await place.remove(name)
    const { status, out } = await cli(['apply', place.manifests, '--state', place.state])
    expect(status).toBe(1)
    expect(out).toContain('- VPC default/shop')
    expect(await filesOf(place.state)).toEqual(before)
  })

  test('programs also while no status can be written, says so, and writes them the next time', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state])
    const status = path.join(place.state, 'status')
    await rm(status, { recursive: true })
    await writeFile(status, 'in the way')
    await place.write('web.yaml', (SHOP['web.yaml'] ?? '').replace('443', '8443'))
    const failed = await cli(['apply', place.manifests, '--state', place.state])
    expect(failed.status).toBe(3)
    expect(failed.err).toMatch(
      /^error: the rules are in force, and not all is in status: .*status cannot be .*: .*\n$/,
    )
    expect(failed.out).toContain('8443')
    expect(await readFile(path.join(place.state, 'recorded.ndjson'), 'utf8')).toContain('8443')
    await rm(status)
    expect((await cli(['apply', place.manifests, '--state', place.state])).status).toBe(0)
    expect((await cli(['get', 'instance', 'web-1', '-o', 'yaml', '--state', place.state])).out).toContain(
      '8443',
    )
  })

  test('has nothing to do with an empty folder and an empty state', async () => {
    const place = await workplace()
    expect((await cli(['apply', place.manifests, '--state', place.state])).status).toBe(0)
  })

  test('lists remote groups in status up to as many addresses as asked for', async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state, '--listed-addresses', '0'])
    const status = await readFile(path.join(place.state, 'status/default/instance/app-1.yaml'), 'utf8')
    expect(status).toContain('addressCount: "1+"')
  })

  describe('when the environment fails', () => {
    test('says who holds the state folder', async () => {
      const place = await workplace(SHOP)
      const holder = await openStateDirectory(place.state, { mode: 'exclusive', palisade: '0.1.0' })
      const { status, out, err } = await cli(['apply', place.manifests, '--state', place.state])
      await holder.close()
      expect({ status, out }).toEqual({ status: 3, out: '' })
      expect(err).toMatch(/^error: the state folder .* is in use by .*\n$/)
    })

    test('sets a damaged inventory aside and says so in a sentence', async () => {
      const place = await workplace(SHOP)
      await cli(['apply', place.manifests, '--state', place.state])
      const file = path.join(place.state, 'inventory.ndjson')
      const text = await readFile(file, 'utf8')
      await writeFile(file, text.slice(0, text.length / 2))
      const { status, err } = await cli(['apply', place.manifests, '--state', place.state])
      expect(status).toBe(3)
      expect(err).toMatch(/^error: .*inventory\.ndjson is damaged: .*set aside as .*\n$/)
      const [aside = ''] = (await readdir(place.state)).filter((name) => name.includes('damaged'))
      expect(await readFile(path.join(place.state, aside), 'utf8')).toBe(text.slice(0, text.length / 2))
    })

    test('says that the state folder cannot be made', async () => {
      const place = await workplace(SHOP)
      await writeFile(place.state, 'a file')
      const { status, err } = await cli(['apply', place.manifests, '--state', place.state])
      expect(status).toBe(3)
      expect(err).toMatch(/^error: .*state cannot be opened: .*\n$/)
    })

    test('says that the firewall refused, and programs it the next time', async () => {
      const place = await workplace(SHOP)
      // The recorded firewall writes a file of this name first; it is in the way when the plan is made.
      const obstacle = path.join(place.state, 'recorded.ndjson.new')
      const refused = await cli(['apply', place.manifests, '-', '--state', place.state], {
        stdin: async () => {
          await mkdir(obstacle)
          return '# nothing\n'
        },
      })
      expect(refused.status).toBe(3)
      expect(refused.err).toMatch(
        /^error: the firewall refused the change: .*recorded\.ndjson cannot be written: .*\n$/,
      )
      expect(refused.out).toContain('2 instances: 6 rules to add')
      expect((await cli(['get', 'instances', '--state', place.state])).out).toMatch(/web-1 .*False +False/)

      expect((await cli(['rules', 'web-1', '--state', place.state])).err).toMatch(
        /^warning: these rules are not programmed: .*recorded\.ndjson cannot be written/,
      )

      await rmdir(obstacle)
      const retried = await cli(['apply', place.manifests, '-', '--state', place.state])
      expect(retried.status).toBe(0)
      expect(retried.out).toContain('0 objects created, 0 changed, 0 deleted; 2 instances: 6 rules added')
      expect((await cli(['get', 'instances', '--state', place.state])).out).toMatch(/web-1 .*True +True/)
    })
  })
})

/** Every file below a folder with its content. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(files.sort().map(async (file) => [file, await readFile(file, 'utf8')] as const)),
  )
}
