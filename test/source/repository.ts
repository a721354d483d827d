import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** A git repository of one test; it is removed after it. */
export interface Repository {
  readonly folder: string
  git(...words: readonly string[]): string
  write(name: string, text: string): Promise<void>
  /** Makes a symbolic link. */
  link(name: string, target: string): Promise<void>
  remove(name: string): Promise<void>
  /** Commits everything as it is. */
  commit(): Promise<string>
}

/** Nobody's configuration and nobody's name, so that it is the same everywhere. */
const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
}

export async function repository(files: Readonly<Record<string, string>> = {}): Promise<Repository> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'palisade-git-')))
  onTestFinished(() => rm(folder, { recursive: true }))
  const git = (...words: readonly string[]): string =>
    execFileSync('git', words, { cwd: folder, env: ENVIRONMENT, encoding: 'utf8' }).trim()
  const result: Repository = {
    folder,
    git,
    write: async (name, text) => {
      const file = path.join(folder, name)
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, text)
    },
    link: (name, target) => symlink(target, path.join(folder, name)),
    remove: (name) => rm(path.join(folder, name), { recursive: true }),
    commit: () => {
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '--message', 'test')
      return Promise.resolve(git('rev-parse', 'HEAD'))
    },
  }
  git('init', '--quiet', '--initial-branch', 'main')
  for (const [name, text] of Object.entries(files)) await result.write(name, text)
  await result.commit()
  return result
}
