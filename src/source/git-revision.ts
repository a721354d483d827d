import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Diagnostic } from '../core/diagnostic.ts'
import { MANIFEST_LIMITS } from '../manifest/limits.ts'
import { fileTooLarge } from '../manifest/parse.ts'
import { errnoOf, fault } from './fault.ts'
import { digestBytes, unreadFile } from './file-cache.ts'
import { GitError, type Git, type GitResult } from './git.ts'
import { linksOf, manifestsIn, parseTree, type TreeFile, type TreeGap } from './git-tree.ts'
import type { Parse, Source, SourceFile, SourceSnapshot } from './source.ts'
import { STDIN } from './standard-input.ts'

/** A commit, and what paths of today were called in it. */
export interface Revision {
  /** As the user named it. */
  readonly name: string
  readonly commit: string
  readonly git: Git
  /** The top of the working tree. */
  readonly top: string
  /** Given paths by their place below the top. */
  readonly places: ReadonlyMap<string, string>
}

export type RevisionResult =
  { readonly ok: true; readonly revision: Revision } | { readonly ok: false; readonly reason: string }

/**
 * Finds the commit that a revision (gitrevisions(7)) names in the repository that holds the given paths. Rejects with
 * GitError where there is no git or no repository.
 */
export async function findRevision(
  git: Git,
  name: string,
  given: readonly string[],
): Promise<RevisionResult> {
  if (given.includes(STDIN)) {
    return {
      ok: false,
      reason: `standard input is in no revision: name files or folders to compare with ${name}`,
    }
  }
  const tops = new Set<string>()
  const places = new Map<string, string>()
  for (const one of given) {
    const { top, place } = await placeOf(git, name, one)
    tops.add(top)
    places.set(one, place)
  }
  const [top = '.', ...others] = tops
  if (others.length > 0) {
    return {
      ok: false,
      reason: `these paths are in different repositories, so no revision ${name} has them all`,
    }
  }
  const commit = await commitOf(git, name, top)
  if (commit !== undefined) return { ok: true, revision: { name, commit, git, top, places } }
  const shallow = await run(git, top, ['rev-parse', '--is-shallow-repository'])
  const hint = shallow.stdout.toString().startsWith('true')
    ? 'this clone is shallow, so fetch it first'
    : 'say a branch, a tag, a commit or a path'
  return { ok: false, reason: `there is no file, folder or revision ${name}: ${hint}` }
}

/** Whether a word names a commit where the given paths are; false without git or a repository. */
export async function isRevision(git: Git, name: string, given: readonly string[]): Promise<boolean> {
  try {
    return (await findRevision(git, name, given)).ok
  } catch (error) {
    if (error instanceof GitError) return false
    throw error
  }
}

async function commitOf(git: Git, name: string, folder: string): Promise<string | undefined> {
  if (name.startsWith('-')) return undefined
  const { status, stdout } = await run(git, folder, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`])
  return status === 0 ? stdout.toString().trim() : undefined
}

async function placeOf(
  git: Git,
  name: string,
  given: string,
): Promise<{ readonly top: string; readonly place: string }> {
  const isFolder = await stat(given).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  const folder = isFolder ? given : path.dirname(given)
  const { status, stdout, stderr } = await run(git, folder, ['rev-parse', '--show-toplevel', '--show-prefix'])
  if (status !== 0) {
    const words = stderr.trim().split('\n')[0] ?? ''
    throw new GitError(
      `there is no file or folder ${name}, and it cannot be a revision either, since git refuses ${given}: ${words}`,
    )
  }
  const [top = '', prefix = ''] = stdout.toString().split('\n')
  return { top, place: `${prefix}${isFolder ? '' : path.basename(given)}`.replace(/\/$/, '') }
}

/** The manifests of a revision, which never changes. */
export function revisionSource(revision: Revision, parse: Parse): Source {
  return {
    read: () => readRevision(revision, parse),
    watch: () => Promise.resolve({ close: () => Promise.resolve() }),
  }
}

async function readRevision(revision: Revision, parse: Parse): Promise<SourceSnapshot> {
  const { top, commit, places } = revision
  const listed = await mustRun(revision, ['ls-tree', '-r', '-z', '--full-tree', commit])
  const entries = parseTree(listed.stdout)
  const links = linksOf(entries)
  const targets = await contentsOf(revision, links)
  const found = manifestsIn(
    entries,
    new Map(links.map(({ path: at, id }) => [at, targets.get(id)?.toString() ?? ''])),
    [...places.values()],
  )
  return {
    files: await filesOf(revision, found.files, parse),
    findings: [...gapFindings(revision, found.gaps), ...absentFindings(revision, found.absent)],
    unreadable: found.gaps.map((gap) => path.join(top, gap.path)),
  }
}

async function filesOf(
  revision: Revision,
  found: readonly TreeFile[],
  parse: Parse,
): Promise<readonly SourceFile[]> {
  const sizes = await sizesOf(revision, found)
  const isSmall = ({ id }: TreeFile): boolean => (sizes.get(id) ?? 0) <= MANIFEST_LIMITS.bytes
  const contents = await contentsOf(revision, found.filter(isSmall))
  const files = found.map(({ path: at, id }): SourceFile => {
    const today = pathToday(revision, at)
    const shown = shownPath(revision, at)
    const bytes = contents.get(id)
    if (bytes === undefined) {
      return unreadFile(today, fileTooLarge(shown, sizes.get(id) ?? 0, MANIFEST_LIMITS))
    }
    return { path: today, manifest: parse(shown, bytes), digest: digestBytes(bytes) }
  })
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** As git itself names a file of a revision. */
const shownPath = ({ name }: Revision, at: string): string => `${name}:${at}`

/** Where the file would be now, in the words of whoever gave the path: it is the same file in two versions. */
function pathToday({ places }: Revision, at: string): string {
  const holders = [...places].filter(
    ([, place]) => place === '' || at === place || at.startsWith(`${place}/`),
  )
  const [given, place] = holders.reduce((a, b) => (b[1].length > a[1].length ? b : a))
  return path.join(given, at.slice(place.length))
}

const gapFindings = (revision: Revision, gaps: readonly TreeGap[]): readonly Diagnostic[] =>
  gaps.map(({ path: at, problem, isManifest }) => {
    const message = `${at} cannot be read: ${problem}`
    const hint = 'check the revision out into a folder, and compare with that'
    const finding = fault('SourceUnreadable', shownPath(revision, at), message, hint)
    return isManifest ? finding : { ...finding, severity: 'warning' }
  })

const absentFindings = (revision: Revision, absent: readonly string[]): readonly Diagnostic[] =>
  absent.map((at) => {
    const message = `${at} is not in ${revision.name}, so all that it declares now is new`
    const hint = 'nothing need be done if it was added since'
    return { ...fault('NotInRevision', shownPath(revision, at), message, hint), severity: 'info' }
  })

async function sizesOf(
  revision: Revision,
  objects: readonly Pick<TreeFile, 'id'>[],
): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await mustRun(revision, ['cat-file', '--batch-check'], request(objects))
  const lines = stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '')
  return new Map(lines.map((line) => headOf(revision, line)))
}

/** The bytes of objects, each after a line with its size. */
async function contentsOf(
  revision: Revision,
  objects: readonly Pick<TreeFile, 'id'>[],
): Promise<ReadonlyMap<string, Buffer>> {
  const { stdout } = await mustRun(revision, ['cat-file', '--batch'], request(objects))
  const contents = new Map<string, Buffer>()
  for (let at = 0; at < stdout.length;) {
    const start = stdout.indexOf('\n', at) + 1
    const [id, size] = headOf(revision, stdout.subarray(at, start - 1).toString())
    contents.set(id, stdout.subarray(start, start + size))
    at = start + size + 1
  }
  return contents
}

const request = (objects: readonly Pick<TreeFile, 'id'>[]): string =>
  [...new Set(objects.map(({ id }) => `${id}\n`))].join('')

function headOf({ name }: Revision, line: string): readonly [id: string, size: number] {
  const [, id, size] = /^([0-9a-f]+) blob (\d+)$/.exec(line) ?? []
  if (id === undefined) throw new GitError(`the repository does not hold all of ${name}: git says ${line}`)
  return [id, Number(size)]
}

async function mustRun(
  { git, top, name }: Revision,
  words: readonly string[],
  input?: string,
): Promise<GitResult> {
  const result = await run(git, top, words, input)
  if (result.status !== 0) throw new GitError(`git cannot read ${name}: ${result.stderr.trim()}`)
  return result
}

async function run(git: Git, folder: string, words: readonly string[], input?: string): Promise<GitResult> {
  try {
    return await git(folder, words, input)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    throw new GitError('git is not installed, and without it there is no comparing with a revision', {
      cause: error,
    })
  }
}
