import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { repository, type Repository } from '../source/repository.ts'
import { install, type Installation } from './installation.ts'
import { SHOP } from './workplace.ts'

const WORKFLOW = path.join(import.meta.dirname, '../../manifests/ci/github-actions.yaml')

interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
}

interface Workflow {
  readonly env: Readonly<Record<string, string>>
  readonly jobs: { readonly review: { readonly steps: readonly Step[] } }
}

let palisade: Installation
let workflow: Workflow
beforeAll(async () => {
  palisade = await install()
  workflow = parse(await readFile(WORKFLOW, 'utf8'))
})
afterAll(() => palisade.remove())

/** A pull request that moves the port of the web server, checked out as its merge, and what stands for GitHub. */
class Job {
  readonly place: Repository
  readonly #tools: string

  private constructor(place: Repository) {
    this.place = place
    this.#tools = path.join(place.folder, '.tools')
  }

  static async of(changed: Readonly<Record<string, string>>): Promise<Job> {
    const place = await repository(inManifests(SHOP))
    place.git('switch', '--quiet', '--create', 'change')
    for (const [name, text] of Object.entries(inManifests(changed))) await place.write(name, text)
    await place.commit()
    place.git('switch', '--quiet', 'main')
    place.git('merge', '--quiet', '--no-ff', '--no-edit', 'change')
    const job = new Job(place)
    await mkdir(job.#tools)
    await job.#tool(
      'npx',
      `[ "$1 $2 $3" = "--no -- palisade" ] || exit 99; shift 3; exec node ${palisade.main} "$@"`,
    )
    await job.#tool('npm', '[ "$*" = ci ]')
    await job.#tool(
      'gh',
      `printf '%s\\n' "$*" >> ${job.#tools}/asked; case "$*" in *--paginate*) cat ${job.#tools}/known 2>/dev/null;; esac; exit 0`,
    )
    return job
  }

  async #tool(name: string, script: string): Promise<void> {
    const file = path.join(this.#tools, name)
    await writeFile(file, `#!/bin/sh\n${script}\n`)
    await chmod(file, 0o755)
  }

  /** There is a comment of an earlier run. */
  knowComment(id: string): Promise<void> {
    return writeFile(path.join(this.#tools, 'known'), `${id}\n`)
  }

  /** What gh was asked for. */
  asked(): Promise<string> {
    return readFile(path.join(this.#tools, 'asked'), 'utf8')
  }

  summary(): Promise<string> {
    return readFile(path.join(this.#tools, 'summary'), 'utf8')
  }

  /** The status and output of each command, as the runner starts them. */
  run(): readonly { readonly name: string; readonly status: number | null; readonly out: string }[] {
    return workflow.jobs.review.steps.flatMap(({ name = '', run }) => {
      if (run === undefined) return []
      const { status, stdout, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', run], {
        cwd: this.place.folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          ...workflow.env,
          PATH: `${this.#tools}:${process.env['PATH'] ?? ''}`,
          GITHUB_STEP_SUMMARY: path.join(this.#tools, 'summary'),
          GITHUB_REPOSITORY: 'example/shop',
          PULL_REQUEST: '7',
        },
      })
      return [{ name, status, out: stdout + stderr }]
    })
  }
}

const inManifests = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`manifests/${name}`, text]))

const HTTPS_MOVED = { 'web.yaml': (SHOP['web.yaml'] ?? '').replace('443', '8443') }

describe('the workflow of manifests/ci for GitHub', () => {
  test('comments what a pull request opens and closes', async () => {
    const job = await Job.of(HTTPS_MOVED)
    expect(job.run().map(({ status, out }) => ({ status, out }))).toEqual([
      { status: 0, out: '' },
      { status: 0, out: '5 objects, 0 errors, 0 warnings\n' },
      { status: 0, out: '' },
      { status: 0, out: '' },
    ])
    expect(await job.summary()).toContain('| **opens** | Internet (IPv4) | web-1 | TCP 8443 |')
    expect(await job.asked()).toContain(
      'api --method POST repos/example/shop/issues/7/comments --field body=@plan.md',
    )
  })

  test('replaces the comment that it wrote before', async () => {
    const job = await Job.of(HTTPS_MOVED)
    await job.knowComment('42')
    job.run()
    expect(await job.asked()).toContain(
      'api --method PATCH repos/example/shop/issues/comments/42 --field body=@plan.md',
    )
  })

  test('fails for what is wrong, and still says what would be done', async () => {
    const job = await Job.of({ 'web.yaml': (SHOP['web.yaml'] ?? '').replace('443', '99999') })
    const [, validated, planned, commented] = job.run()
    expect([validated?.status, planned?.status, commented?.status]).toEqual([1, 1, 0])
    expect(validated?.out).toContain('::error file=manifests/web.yaml,line=')
    expect(await job.summary()).toContain('<!-- palisade plan -->')
  })
})
