import { readdirSync, readFileSync } from 'node:fs'
import type { CloudProfile } from '../../src/api/types.gen.ts'
import { parseManifest } from '../../src/manifest/parse.ts'
import { loadCrds } from '../../src/schema/crd.ts'
import { createValidator } from '../../src/schema/validator.ts'

const FOLDER = new URL('../../manifests/profiles/', import.meta.url)

/** The profiles that ship with palisade, read as palisade reads them. */
export const BUILT_IN: readonly CloudProfile[] = readdirSync(FOLDER).sort().flatMap(readProfiles)

export function builtIn(name: string): CloudProfile {
  const found = BUILT_IN.find(({ metadata }) => metadata.name === name)
  if (found === undefined) throw new Error(`no built-in profile ${name}`)
  return found
}

function readProfiles(file: string): CloudProfile[] {
  const manifest = parseManifest(file, readFileSync(new URL(file, FOLDER)))
  const validator = createValidator(loadCrds())
  return manifest.documents.map(({ value }) => {
    const { object, findings } = validator.validate(value)
    if (object?.kind !== 'CloudProfile') {
      throw new Error(findings.map(({ message }) => message).join('\n'))
    }
    return object
  })
}
