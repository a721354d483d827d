import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Agent, fetch } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { API_VERSION } from '../../src/api/objects.ts'
import { isError } from '../../src/core/diagnostic.ts'
import { isRecord } from '../../src/core/record.ts'
import { parseManifest } from '../../src/manifest/parse.ts'
import { loadCrds } from '../../src/schema/crd.ts'
import { recognise } from '../../src/schema/recognise.ts'
import { createValidator } from '../../src/schema/validator.ts'
import { ADMIN_TOKEN, kubectl } from './server/cluster.ts'
import { installCrds } from './server/crds.ts'
import { describeWithCluster } from './shared.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const FOLDERS = ['quickstart', 'jdcloud', 'alibaba', 'nhn', 'profiles', 'invalid']

const HEADERS = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' }

interface Case {
  readonly name: string
  readonly value: Readonly<Record<string, unknown>>
}

const cases = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(ROOT, 'manifests', folder))
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => documentsOf(`manifests/${folder}/${file}`)),
)

function documentsOf(file: string): readonly Case[] {
  const { documents } = parseManifest(file, readFileSync(path.join(ROOT, file)))
  return documents
    .filter(({ value }) => recognise(value).type === 'Known')
    .map(({ value }, index) => ({ name: `${file} #${String(index + 1)}`, value }))
}

describeWithCluster('the API server and offline validation', (cluster) => {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  afterAll(() => dispatcher.close())
  beforeAll(async () => {
    await installCrds(cluster)
    await kubectl(cluster, ['create', 'namespace', 'parity'])
    for (const namespace of namespaces()) await kubectl(cluster, ['create', 'namespace', namespace])
  })

  test('agree on every object of every manifest of the project', async () => {
    const validator = createValidator(loadCrds())
    const disagreements: unknown[] = []
    expect(cases.length).toBeGreaterThan(100)
    let refused = 0
    for (const { name, value } of cases) {
      const { findings } = validator.validate(value, undefined)
      const offline = findings.filter(isError)
      const answer = await refusal(value)
      if (answer !== undefined) refused += 1
      if (offline.length > 0 !== (answer !== undefined)) {
        disagreements.push({ name, offline: offline.map(({ message }) => message), server: answer })
      }
    }
    expect(disagreements).toEqual([])
    expect(refused).toBeGreaterThan(10)
  })

  function namespaces(): ReadonlySet<string> {
    const names = cases.map(({ value }) =>
      isRecord(value['metadata']) ? value['metadata']['namespace'] : undefined,
    )
    return new Set(names.filter((name) => typeof name === 'string'))
  }

  async function refusal(value: Case['value']): Promise<string | undefined> {
    const { kind, metadata } = value
    if (typeof kind !== 'string') return 'no kind'
    const namespace =
      isRecord(metadata) && typeof metadata['namespace'] === 'string' ? metadata['namespace'] : 'parity'
    const plural = kind === 'VPC' ? 'vpcs' : `${kind.toLowerCase()}s`
    const place = kind === 'CloudProfile' ? plural : `namespaces/${namespace}/${plural}`
    const answer = await fetch(
      `${cluster.url}/apis/${API_VERSION}/${place}?dryRun=All&fieldValidation=Strict`,
      { method: 'POST', dispatcher, headers: HEADERS, body: JSON.stringify(value) },
    )
    const text = await answer.text()
    // A CloudProfile of the same name may be there for another test. The server looks for it only after it
    // has found the object valid.
    const isValid = answer.status === 201 || (answer.status === 409 && text.includes('"AlreadyExists"'))
    if (!isValid && answer.status !== 422 && answer.status !== 400) throw new Error(text)
    return isValid ? undefined : text
  }
})
