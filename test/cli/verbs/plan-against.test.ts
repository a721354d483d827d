import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { repository } from '../../source/repository.ts'
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

  test('compares with no folder that has errors', async () => {
    const head = await workplace(SHOP)
    const broken = await workplace({ ...SHOP, 'bad.yaml': 'kind: [' })
    const { status, out, err } = await cli(['plan', head.manifests, '--against', broken.manifests])
    expect({ status, out }).toEqual({ status: 1, out: '' })
    expect(err).toContain('has errors, so nothing can be compared with it')
  })
})

describe('palisade plan --against a git revision', () => {
  const files = Object.fromEntries(Object.entries(SHOP).map(([name, text]) => [`m/${name}`, text]))

  test('shows what was changed since, committed or not', async () => {
    const place = await repository(files)
    const manifests = path.join(place.folder, 'm')
    await place.write('m/web.yaml', HTTPS_MOVED['web.yaml'])
    const uncommitted = await cli(['plan', manifests, '--against', 'main'])
    await place.commit()
    const committed = await cli(['plan', manifests, '--against', 'HEAD^'])
    expect(uncommitted).toMatchObject({ status: 0, err: '' })
    expect(uncommitted.out).toContain('opens:  Internet (IPv4) -> web-1 TCP 8443\n')
    expect(committed).toEqual(uncommitted)
    expect((await cli(['plan', manifests, '--against', 'HEAD'])).out).toBe('Nothing would change.\n')
  })

  test('says that a folder is new', async () => {
    const place = await repository()
    for (const [name, text] of Object.entries(files)) await place.write(name, text)
    const { status, out, err } = await cli(['plan', path.join(place.folder, 'm'), '--against', 'HEAD'])
    expect([status, err]).toEqual([0, expect.stringContaining('m is not in HEAD, so all that it declares')])
    expect(out).toContain('5 objects to create')
  })

  test('means a path where there is one of that name too, and says so', async () => {
    const place = await repository(files)
    const before = process.cwd()
    onTestFinished(() => {
      process.chdir(before)
    })
    process.chdir(place.folder)
    await cp(path.join(place.folder, 'm'), path.join(place.folder, 'main'), { recursive: true })
    await place.write('m/web.yaml', HTTPS_MOVED['web.yaml'])
    await place.commit()
    const byPath = await cli(['plan', 'm', '--against', 'main'])
    expect(byPath.out).toContain('opens:  Internet (IPv4) -> web-1 TCP 8443')
    expect(byPath.err).toBe(
      'note: main is a path and a revision: the path is compared with; say main^0 for the revision\n',
    )
    const byRevision = await cli(['plan', 'm', '--against', 'main^0'])
    expect(byRevision).toEqual({ status: 0, out: 'Nothing would change.\n', err: '' })
  })

  test('ends with 2 for a revision that there is not, and 3 where there is no repository', async () => {
    const place = await repository(files)
    const wrong = await cli(['plan', place.folder, '--against', 'mian'])
    expect(wrong).toEqual({
      status: 2,
      out: '',
      err: 'error: there is no file, folder or revision mian: say a branch, a tag, a commit or a path\n',
    })
    const outside = await workplace(SHOP)
    const nowhere = await cli(['plan', outside.manifests, '--against', 'main'])
    expect(nowhere).toMatchObject({ status: 3, out: '' })
    expect(nowhere.err).toContain('error: there is no file or folder main, and it cannot be a revision')
  })
})
