import { keyOf, type PalisadeObject } from '../../api/objects.ts'
import type { Diagnostic } from '../../core/diagnostic.ts'
import type { ObjectKey } from '../../core/key.ts'
import { isRecord, type UnknownRecord } from '../../core/record.ts'
import type { Finding } from '../../policy/acceptance/finding.ts'
import { subjectOf } from '../../schema/recognise.ts'
import type { ValidationResult } from '../../schema/validator.ts'
import { withOwnAnnotations } from '../own-annotations.ts'
import { decide, refuse } from './decision.ts'
import { InFlight, type HasSeen } from './in-flight.ts'
import type { AdmissionRequest, Decision } from './review.ts'

/** What admission asks the loop. Nothing of it changes anything. */
export interface AdmissionWorld {
  readonly validate: (value: UnknownRecord) => ValidationResult
  /** What would be found of an object if it were declared now. */
  readonly wouldFind: (object: PalisadeObject) => readonly Finding[]
  /** Why an object would be kept if it were deleted now: an error where instances use it. */
  readonly wouldKeep: (key: ObjectKey) => Diagnostic | undefined
  readonly hasSeen: HasSeen
}

/** The time, passed in. */
export interface AdmissionClock {
  /** Milliseconds. */
  readonly now: () => number
  readonly wait: (milliseconds: number) => Promise<void>
}

const ADMITTED: Decision = { refusal: undefined, warnings: [] }

/**
 * Who deletes everything of a namespace, or of an owner that is gone, in no order and again until it is done. What
 * is still used is kept by its finalizer.
 */
const SWEEPERS: ReadonlySet<string> = new Set([
  'system:serviceaccount:kube-system:namespace-controller',
  'system:serviceaccount:kube-system:generic-garbage-collector',
])

/** How often it is asked whether what was admitted has come back, in milliseconds. */
const POLL_MS = 5

/**
 * Decides whether the API server takes an object, as the loop would decide of it a moment later. The loop decides
 * all the same: what comes in while nobody is asked is refused in its conditions.
 */
export class Admission {
  readonly #currentWorld: () => AdmissionWorld | undefined
  readonly #clock: AdmissionClock
  readonly #inFlight = new InFlight()

  /** `world` gives none until every object has been read once, and where another controller leads. */
  constructor(world: () => AdmissionWorld | undefined, clock: AdmissionClock) {
    this.#currentWorld = world
    this.#clock = clock
  }

  /** Undefined while there is nothing to judge by. */
  async review(request: AdmissionRequest): Promise<Decision | undefined> {
    const world = this.#currentWorld()
    if (world === undefined) return undefined
    const { operation, object, oldObject } = request
    // What is being deleted only loses its finalizers.
    if (isTerminating(oldObject) || isTerminating(object)) return ADMITTED
    if (operation === 'DELETE') return this.#reviewDeletion(request, world)
    const { object: declared, findings } = world.validate(withOwnAnnotations(object ?? {}))
    if (declared === undefined) return refuse(findings)
    const key = keyOf(declared)
    // Nothing changes that anybody has declared: a finalizer, or the same once more.
    if (world.hasSeen(key, declared)) return ADMITTED
    // Nothing is awaited between the last look at what is in flight and the answer that adds to it.
    while (this.#isAwaited(key, world)) await this.#clock.wait(POLL_MS)
    const decision = decide(world.wouldFind(declared))
    const warnings = [...refuse(findings).warnings, ...decision.warnings]
    return this.#taken(request, key, declared, { ...decision, warnings })
  }

  async #reviewDeletion(request: AdmissionRequest, world: AdmissionWorld): Promise<Decision> {
    const subject = subjectOf(request.oldObject ?? {})
    if (!('key' in subject) || SWEEPERS.has(request.userName)) return ADMITTED
    while (this.#isAwaited(subject.key, world)) await this.#clock.wait(POLL_MS)
    const kept = world.wouldKeep(subject.key)
    return this.#taken(request, subject.key, undefined, kept === undefined ? ADMITTED : refuse([kept]))
  }

  #taken(
    { dryRun }: AdmissionRequest,
    key: ObjectKey,
    object: PalisadeObject | undefined,
    decision: Decision,
  ): Decision {
    if (decision.refusal === undefined && !dryRun) this.#inFlight.add(key, object, this.#clock.now())
    return decision
  }

  #isAwaited(key: ObjectKey, { hasSeen }: AdmissionWorld): boolean {
    return this.#inFlight.concerns(key, hasSeen, this.#clock.now())
  }
}

function isTerminating(object: UnknownRecord | undefined): boolean {
  return isRecord(object?.['metadata']) && typeof object['metadata']['deletionTimestamp'] === 'string'
}
