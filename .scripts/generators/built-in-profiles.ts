import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { parseManifest } from '../../src/manifest/parse.ts'
import { loadCrds } from '../../src/schema/crd.ts'
import { createValidator } from '../../src/schema/validator.ts'
import type { Generator } from './generator.ts'

/**
 * The profiles that ship in manifests/profiles, validated and with their defaults, as a module: to
 * read and validate them at each start would take longer than the whole rest of a small start.
 */
export const builtInProfiles: Generator = async (root) => {
  const folder = path.join(root, 'manifests/profiles')
  const validator = createValidator(loadCrds())
  const profiles: unknown[] = []
  for (const name of (await readdir(folder)).sort()) {
    const { documents, findings } = parseManifest(name, await readFile(path.join(folder, name)))
    for (const { value } of documents) {
      const result = validator.validate(value)
      const [fault] = [...findings, ...result.findings]
      if (fault !== undefined) throw new Error(`${name}: ${fault.message}`)
      profiles.push(result.object)
    }
  }
  const content = [
    '// Generated from manifests/profiles/*.yaml by `npm run generate`. Edit those, not this file.',
    "import type { CloudProfile } from './types.gen.ts'",
    '/** The profiles that are built in, with their defaults applied. */',
    `export const BUILT_IN_PROFILES: readonly CloudProfile[] = ${JSON.stringify(profiles)}`,
  ]
  return [{ path: 'src/api/profiles.gen.ts', content: content.join('\n\n') }]
}
