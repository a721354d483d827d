import { readFileSync } from 'node:fs'
import type { CloudProfile } from '../../src/api/types.gen.ts'
import { parseManifest } from '../../src/manifest/parse.ts'
import { loadCrds } from '../../src/schema/crd.ts'
import { createValidator } from '../../src/schema/validator.ts'

/** The profile that VPCs have when they name none, as it ships. */
export function standardProfile(): CloudProfile {
  const file = new URL('../../manifests/profiles/standard.yaml', import.meta.url)
  const [document] = parseManifest('standard.yaml', readFileSync(file)).documents
  const object = document && createValidator(loadCrds()).validate(document.value).object
  if (object?.kind !== 'CloudProfile') throw new Error('manifests/profiles/standard.yaml is no CloudProfile')
  return object
}
