import { createValidator } from '../../../src/schema/validator.ts'
import { loadCrds } from '../../../src/schema/crd.ts'
import { admissionWorld } from '../../../src/controller/admission-world.ts'
import type { AdmissionWorld } from '../../../src/kube/admission/admission.ts'
import type { Installation } from '../../policy/installation.ts'

/** What a loop with these objects answers. */
export function worldOf(installation: Installation): AdmissionWorld {
  const { model, acceptance } = installation
  return admissionWorld({ model, trial: acceptance.trial }, createValidator(loadCrds()))
}
