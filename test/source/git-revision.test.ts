import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseManifest } from '../../src/manifest/parse.ts'
import { fileSource } from '../../src/source/files.ts'
import { GitError, systemGit, type Git } from '../../src/source/git.ts'
import { findRevision, isRevision, revisionSource } from '../../src/source/git-revision.ts'
import type { SourceSnapshot } from '../../src/source/source.ts'
import { repository, type Repository } from './repository.ts'

async function readAt(name: string, paths: readonly string[]): Promise<SourceSnapshot> {
  const found = await findRevision(systemGit, name, paths)
  if (!found.ok) throw new Error(found.reason)
  return revisionSource(found.revision, parseManifest).read()
}

const valuesOf = ({ files }: SourceSnapshot): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    files.map(({ path: file, manifest }) => [file, manifest.documents.map(({ value }) => value)]),
  )

async function reasonAt(name: string, paths: readonly string[], git: Git = systemGit): Promise<string> {
  const found = await findRevision(git, name, paths)
  if (found.ok) throw new Error(`${name} is ${found.revision.commit}`)
  return found.reason
}

describe('the manifests of a revision', () => {
  test('are those of the commit, whatever has become of them since', async () => {
    const place = await repository({ 'm/a.yaml': 'v: 1\n', 'm/gone.yaml': 'v: 2\n', 'other.yaml': 'v: 3\n' })
    await place.write('m/a.yaml', 'v: 9\n')
    await place.write('m/new.yaml', 'v: 9\n')
    await place.remove('m/gone.yaml')
    const folder = path.join(place.folder, 'm')
    expect(valuesOf(await readAt('HEAD', [folder]))).toEqual({
      [`${folder}/a.yaml`]: [{ v: 1 }],
      [`${folder}/gone.yaml`]: [{ v: 2 }],
    })
  })

  test('are told of by the revision and their path from the top', async () => {
    const place = await repository({ 'deep/m/a.yaml': 'v: [\n' })
    const { files } = await readAt('main', [path.join(place.folder, 'deep/m/a.yaml')])
    expect(files.flatMap(({ manifest }) => manifest.findings.map(({ position }) => position?.file))).toEqual([
      'main:deep/m/a.yaml',
    ])
  })

  test.each(['main', 'HEAD', 'v1', 'main~0', 'HEAD^{/test}'])('of %s', async (name) => {
    const place = await repository({ 'a.yaml': 'v: 1\n' })
    place.git('tag', 'v1')
    expect((await readAt(name, [place.folder])).files).toHaveLength(1)
  })

  test('that were not there are told of, and are no fault', async () => {
    const place = await repository({ 'a.yaml': 'v: 1\n' })
    await place.write('m/b.yaml', 'v: 2\n')
    const { files, findings } = await readAt('HEAD', [path.join(place.folder, 'm')])
    expect([files, findings.map(({ code, severity }) => [code, severity])]).toEqual([
      [],
      [['NotInRevision', 'info']],
    ])
  })

  test('that are too large are not read', async () => {
    const place = await repository({ 'a.yaml': `v: ${'x'.repeat(16 * 1024 * 1024)}\n` })
    const { files } = await readAt('HEAD', [place.folder])
    expect(files.flatMap(({ manifest }) => manifest.findings.map(({ code }) => code))).toEqual([
      'FileTooLarge',
    ])
  })
})

/** Everything that a folder may hold, and which both readings have to take alike. */
async function laidOut(): Promise<Repository> {
  const place = await repository({
    'm/a.yaml': 'v: 1\n',
    'm/b.json': '{"v": 2}\n',
    'm/notes.txt': 'v: no\n',
    'm/.hidden/c.yaml': 'v: hidden\n',
    'm/.d.yaml': 'v: hidden\n',
    'm/sub/ü b\n.yml': 'v: 3\n',
    'shared/e.yaml': 'v: 4\n',
    'shared/more/f.yaml': 'v: 5\n',
    'mm/g.yaml': 'v: no\n',
  })
  await place.link('m/link.yaml', '../shared/e.yaml')
  await place.link('m/twice.yaml', 'a.yaml')
  await place.link('m/shared', '../shared')
  await place.link('m/from-hidden.yaml', '.hidden/c.yaml')
  await place.link('m/up', '..')
  await place.link('m/chain', 'shared/more')
  await place.commit()
  return place
}

describe('a revision and its checkout', () => {
  test.each([['m'], [''], ['shared', 'm'], ['m/link.yaml'], ['m/notes.txt'], ['m/shared/more']])(
    'give the same files: %s',
    async (...names) => {
      const place = await laidOut()
      const paths = names.map((name) => path.join(place.folder, name))
      const checkedOut = await fileSource(paths).read()
      expect(checkedOut.files).not.toEqual([])
      expect(valuesOf(await readAt('HEAD', paths))).toEqual(valuesOf(checkedOut))
    },
  )

  test('both fail at a link that leads nowhere or in a circle', async () => {
    const place = await repository({ 'm/a.yaml': 'v: 1\n' })
    await place.link('m/lost.yaml', '../nowhere.yaml')
    await place.link('m/round.yaml', 'round.yaml')
    await place.link('m/lost', 'nowhere')
    await place.commit()
    const { findings } = await readAt('HEAD', [path.join(place.folder, 'm')])
    expect(findings.map(({ severity, position }) => [severity, position?.file])).toEqual([
      ['warning', 'HEAD:m/lost'],
      ['error', 'HEAD:m/lost.yaml'],
      ['error', 'HEAD:m/round.yaml'],
    ])
  })

  test('a link out of the repository is not followed', async () => {
    const place = await repository()
    await place.link('a.yaml', '/etc/hostname')
    await place.link('b.yaml', '../../etc/hostname')
    await place.commit()
    const { files, findings } = await readAt('HEAD', [place.folder])
    expect([files.length, findings.map(({ code }) => code)]).toEqual([
      0,
      ['SourceUnreadable', 'SourceUnreadable'],
    ])
  })
})

describe('what is no revision', () => {
  test.each(['nonsense', '-x', '--help', ''])('%j is told of in a sentence', async (name) => {
    const { folder } = await repository({ 'a.yaml': 'v: 1\n' })
    expect(await reasonAt(name, [folder])).toBe(
      `there is no file, folder or revision ${name}: say a branch, a tag, a commit or a path`,
    )
  })

  test('a shallow clone is named as the reason', async () => {
    const { folder } = await repository({ 'a.yaml': 'v: 1\n' })
    const clone = await repository()
    clone.git('clone', '--quiet', '--depth', '1', `file://${folder}`, 'shallow')
    expect(await reasonAt('HEAD~1', [path.join(clone.folder, 'shallow')])).toBe(
      'there is no file, folder or revision HEAD~1: this clone is shallow, so fetch it first',
    )
  })

  test('standard input and paths of two repositories have none in common', async () => {
    const [one, two] = [await repository(), await repository()]
    expect(await reasonAt('main', ['-'])).toContain('standard input is in no revision')
    expect(await reasonAt('main', [one.folder, two.folder])).toContain('in different repositories')
  })

  test('outside of a repository, and without git, there are none at all', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'palisade-no-git-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await expect(findRevision(systemGit, 'main', [folder])).rejects.toThrow(
      /git refuses .*: fatal: not a git/,
    )
    const missing: Git = () =>
      Promise.reject(Object.assign(new Error('spawn git ENOENT'), { code: 'ENOENT' }))
    await expect(findRevision(missing, 'main', [folder])).rejects.toThrow(GitError)
    await expect(findRevision(missing, 'main', [folder])).rejects.toThrow('git is not installed')
    expect(await isRevision(missing, 'main', [folder])).toBe(false)
    expect(await isRevision(systemGit, 'main', [folder])).toBe(false)
  })
})
