import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { PALISADE_RESOURCES, qualifiedName } from '../../src/kube/resource.ts'

test('the resources are those of the CRDs', () => {
  const files = readdirSync(path.join(import.meta.dirname, '../../crds'))
  const crds = files.filter((file) => file.endsWith('.yaml'))
  const named = PALISADE_RESOURCES.map((resource) => `${resource.plural}.yaml`)
  expect(named.sort()).toEqual(crds.sort())
  expect(PALISADE_RESOURCES.map(qualifiedName)).toContain('securitygroups.palisade.dev')
})
