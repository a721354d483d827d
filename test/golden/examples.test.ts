import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cli, NOON } from '../cli/captured-io.ts'
import { expectFiles, readFiles } from './expected-files.ts'

const EXAMPLES = ['quickstart', 'promises', 'jdcloud', 'alibaba', 'nhn']

/** As a terminal of the usual width has it; without colours, so that the files can be read. */
const TERMINAL = { columns: 80, env: { NO_COLOR: '1' } }

const SOON = { now: () => new Date(NOON.getTime() + 90_000) }

/** What each verb prints of an example, and the status files, by the names of the expected files. */
async function outputOf(example: string): Promise<ReadonlyMap<string, string>> {
  const state = await mkdtemp(path.join(tmpdir(), 'palisade-golden-'))
  onTestFinished(() => rm(state, { recursive: true }))
  const manifests = `manifests/${example}`
  const output = new Map<string, string>()

  const validated = await cli(['validate', manifests])
  output.set('validate.txt', validated.out + validated.err)
  output.set('matrix.txt', (await cli(['matrix', manifests], TERMINAL)).out)
  output.set('plan.txt', (await cli(['plan', manifests, '--state', state])).out)
  const applied = await cli(['apply', manifests, '--state', state])
  output.set('apply.txt', applied.out)
  output.set('get.txt', (await cli(['get', '--state', state], SOON)).out)
  const again = await cli(['apply', manifests, '--state', state], SOON)
  expect(again.out).toBe('Nothing to change: all that is declared and accepted is in force.\n')

  const names = (await cli(['get', 'instances', '-o', 'name', '--state', state])).out.trim().split('\n')
  for (const name of names.map((line) => line.replace(/^.*\//, ''))) {
    const { out } = await cli(['rules', name, '--state', state], TERMINAL)
    output.set(`rules/${name}.txt`, out)
  }
  for (const [name, text] of await readFiles(path.join(state, 'status'))) {
    output.set(path.join('status', name), text)
  }
  return output
}

test.each(EXAMPLES)('manifests/%s prints and leaves what it did', async (example) => {
  await expectFiles(path.join(import.meta.dirname, example), await outputOf(example))
})
