import type { PalisadeObject } from '../api/objects.ts'
import type { AdmissionWorld } from '../kube/admission/admission.ts'
import type { Validator } from '../schema/validator.ts'
import { hinderedDeletion } from './blocked-deletion.ts'
import { declarationDigest } from './declared.ts'
import type { Engine } from './engine.ts'

/** What the admission webhook asks of a loop: the same checks as the loop's own, on the same objects. */
export function admissionWorld(
  engine: Pick<Engine, 'trial' | 'model'>,
  validator: Validator,
): AdmissionWorld {
  return {
    validate: (value) => validator.validate(value),
    wouldFind: (object) => engine.trial.declare(object),
    wouldKeep: (key) => {
      const blockedBy = engine.trial.withdraw(key)
      return blockedBy.length === 0 ? undefined : hinderedDeletion(key, blockedBy, engine.model)
    },
    hasSeen: (key, object) => digestOf(engine.trial.declared(key)) === digestOf(object),
  }
}

const digestOf = (object: PalisadeObject | undefined): string | undefined =>
  object === undefined ? undefined : declarationDigest(object)
