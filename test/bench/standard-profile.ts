import { BUILT_IN_PROFILES } from '../../src/api/profiles.gen.ts'
import type { CloudProfile } from '../../src/api/types.gen.ts'

/** The profile that VPCs have when they name none, as it ships. */
export function standardProfile(): CloudProfile {
  const profile = BUILT_IN_PROFILES.find(({ metadata }) => metadata.name === 'standard')
  if (profile === undefined) throw new Error('there is no built-in profile named standard')
  return profile
}
