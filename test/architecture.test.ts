import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = path.dirname(import.meta.dirname)
const rules = path.join(root, '.config/dependency-cruiser.cjs')

const layers = [
  ...['cli', 'lab', 'agent', 'kube', 'controller', 'source', 'store', 'firewall', 'storage'],
  ...['policy', 'schema', 'manifest', 'api', 'net', 'core'],
]

async function cruiseSource(folder: string): Promise<ICruiseResult> {
  const { output } = await cruise(['src'], { ...(await extractDepcruiseOptions(rules)), baseDir: folder })
  if (typeof output === 'string') {
    throw new Error('dependency-cruiser printed instead of returning its result')
  }
  return output
}

const violations = (result: ICruiseResult): string[] =>
  result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)

/** The files below a folder, relative to the root, with forward slashes. */
async function filesBelow(folder: string, skip: readonly string[] = []): Promise<string[]> {
  const files: string[] = []
  for (const entry of await readdir(path.join(root, folder), { withFileTypes: true })) {
    if (skip.includes(entry.name)) continue
    const name = path.posix.join(folder, entry.name)
    if (entry.isDirectory()) files.push(...(await filesBelow(name, skip)))
    else files.push(name)
  }
  return files
}

const contentOf = (file: string): Promise<string> => readFile(path.join(root, file), 'utf8')

/** `file: text` for each match of the pattern in the files. */
async function occurrences(files: readonly string[], pattern: RegExp): Promise<string[]> {
  const found = await Promise.all(
    files.map(async (file) =>
      [...(await contentOf(file)).matchAll(pattern)].map(([text]) => `${file}: ${text}`),
    ),
  )
  return found.flat()
}

describe('the layers of src', () => {
  let result: ICruiseResult
  let sources: string[]
  beforeAll(async () => {
    result = await cruiseSource(root)
    sources = (await filesBelow('src')).filter((file) => file.endsWith('.ts'))
  })

  test('every source file was looked at', () => {
    const seen = result.modules.map(({ source }) => source)
    expect(seen).toEqual(expect.arrayContaining(sources))
    expect(sources.length).toBeGreaterThan(10)
    expect(result.summary.totalDependenciesCruised).toBeGreaterThan(10)
  })

  test('every source file is main.ts or in a layer', () => {
    const known = new RegExp(`^src/(main\\.ts|(${layers.join('|')})/.+)$`)
    expect(sources.filter((file) => !known.test(file))).toEqual([])
  })

  test('imports go from left to right, without cycles, and keep the core pure', () => {
    expect(violations(result)).toEqual([])
  })
})

describe('a planted violation is caught', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'palisade-architecture-'))
    await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
    await writeFile(path.join(folder, 'package.json'), await contentOf('package.json'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const planted: readonly (readonly [rule: string, from: string, text: string])[] = [
    ['layer-controller', 'controller/a.ts', `import '../cli/b.ts'`],
    ['layer-agent', 'agent/a.ts', `import '../lab/b.ts'`],
    ['layer-kube', 'kube/a.ts', `import '../firewall/b.ts'`],
    ['layer-source', 'source/a.ts', `import '../policy/b.ts'`],
    ['layer-source', 'source/a.ts', `import type { B } from '../store/b.ts'\nexport type A = B`],
    ['layer-store', 'store/a.ts', `import '../firewall/b.ts'`],
    ['layer-firewall', 'firewall/a.ts', `import '../controller/b.ts'`],
    ['layer-storage', 'storage/a.ts', `import '../api/b.ts'`],
    ['layer-policy', 'policy/a.ts', `import '../schema/b.ts'`],
    ['layer-schema', 'schema/a.ts', `import '../manifest/b.ts'`],
    ['layer-manifest', 'manifest/a.ts', `import '../policy/b.ts'`],
    ['layer-api', 'api/a.ts', `import '../net/b.ts'`],
    ['layer-net', 'net/a.ts', `import '../api/b.ts'`],
    ['layer-core', 'core/a.ts', `export * from '../net/b.ts'`],
    ['layer-cli', 'cli/a.ts', `import '../nowhere/b.ts'`],
    ['main-is-thin', 'main.ts', `import './controller/b.ts'`],
    ['model-by-type-only', 'firewall/a.ts', `import '../policy/b.ts'`],
    ['worlds-by-type-only', 'kube/a.ts', `import '../store/b.ts'`],
    ['no-cycles', 'net/a.ts', `import './cycle.ts'`],
    ['pure-core', 'policy/a.ts', `import 'node:fs'`],
    ['pure-core', 'manifest/a.ts', `import 'fs/promises'`],
    ['pure-core', 'net/a.ts', `import 'node:net'`],
    ['pure-core', 'core/a.ts', `const lazily = () => import('node:child_process')\nexport { lazily }`],
    ['pure-address', 'net/address.ts', `import 'node:http'`],
    ['pure-crd', 'schema/crd.ts', `import 'node:worker_threads'`],
    ['packages-of-cli', 'controller/a.ts', `import 'pino'`],
    ['packages-of-schema', 'api/a.ts', `import '@marcbachmann/cel-js'`],
    ['packages-of-kube', 'controller/a.ts', `import 'undici'`],
    [
      'packages-of-kube',
      'cli/a.ts',
      `import type { KubeConfig } from '@kubernetes/client-node'\nexport type A = KubeConfig`,
    ],
    ['packages-of-yaml', 'store/a.ts', `import 'yaml'`],
    ['no-dev-packages', 'net/a.ts', `import 'cidr-tools'`],
    ['resolvable', 'net/a.ts', `import './missing.ts'`],
  ]
  test.each(planted)('%s: in %s', async (rule, from, text) => {
    const files: Readonly<Record<string, string>> = {
      ...Object.fromEntries(
        [...layers, 'nowhere'].map((layer) => [`${layer}/b.ts`, 'export type B = string']),
      ),
      'net/cycle.ts': `import './a.ts'`,
      [from]: text,
    }
    await rm(path.join(folder, 'src'), { recursive: true, force: true })
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, 'src', name)), { recursive: true })
      await writeFile(path.join(folder, 'src', name), content)
    }

    const found = (await cruiseSource(folder)).summary.violations

    expect(found.map((violation) => [violation.rule.name, violation.from])).toContainEqual([
      rule,
      `src/${from}`,
    ])
  })
})

describe('the files', () => {
  test('no source file has more than 300 lines of code', async () => {
    const sources = (await filesBelow('src')).filter((file) => !file.endsWith('.gen.ts'))
    const long: string[] = []
    for (const file of sources) {
      const lines = (await contentOf(file)).split('\n').map((line) => line.trim())
      const code = lines.filter((line) => line !== '' && !/^(\/\/|\/\*|\*)/.test(line)).length
      if (code > 300) long.push(`${file}: ${code}`)
    }
    expect(long).toEqual([])
  })

  test('every source file is named for what it holds', async () => {
    const empty = /(^|[-.])(utils?|helpers?|common|misc|managers?|types?)\.ts$/
    const names = (await filesBelow('src')).map((file) => path.posix.basename(file))
    expect(names.filter((name) => empty.test(name))).toEqual([])
  })

  test('no note stands in for work: what is left to do is an issue', async () => {
    const files = await filesBelow('.', unpublished)
    expect(await occurrences(files, /\b(?:TOD[O]|FIXM[E]|XX[X])\b/g)).toEqual([])
  })

  test('no file names a folder of the machine that it was written on, or a package registry', async () => {
    const files = await filesBelow('.', unpublished)
    const machine =
      /(?<![\w.\-/])\/(?:(?:home|Users|root)\/[\w.-]+|(?:tmp\/)?work\b)|https?:\/\/registry\.[\w.-]+/g
    expect(await occurrences(files, machine)).toEqual([])
  })
})

/** What git ignores, and git itself. */
const unpublished = ['.git', 'node_modules', 'dist', 'coverage', '.palisade']
