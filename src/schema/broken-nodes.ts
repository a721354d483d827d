import type { FieldPath } from '../core/field-path.ts'
import type { SchemaCode } from './codes.ts'

/**
 * How far a fault reaches, for the rules about it. An API server checks no rule of an object with a
 * fault of the first sort; here the rules about its other parts are checked, so that one report says
 * more.
 *
 * `Upwards`: the node and all that holds it, since a rule about any of them may read the bad value.
 * `Here`: the node alone. `Holder`: the object that has the misspelt field, whose proper field may
 * seem to be missing.
 */
const REACH: Partial<Record<SchemaCode, 'Upwards' | 'Here' | 'Holder'>> = {
  MissingField: 'Upwards',
  NotOneOf: 'Upwards',
  OutOfRange: 'Here',
  PatternMismatch: 'Here',
  TooFew: 'Here',
  TooLong: 'Upwards',
  TooMany: 'Upwards',
  TooShort: 'Here',
  UnknownField: 'Holder',
  WrongType: 'Upwards',
}

/** The nodes of one object whose rules are not to be checked. */
export class BrokenNodes {
  readonly #paths = new Set<string>()

  add(code: SchemaCode, path: FieldPath): void {
    const reach = REACH[code]
    if (reach === 'Here') this.#paths.add(JSON.stringify(path))
    else if (reach === 'Holder') this.#paths.add(JSON.stringify(path.slice(0, -1)))
    else if (reach === 'Upwards') {
      for (let length = path.length; length > 0; length--) {
        this.#paths.add(JSON.stringify(path.slice(0, length)))
      }
    }
  }

  has(path: FieldPath): boolean {
    return this.#paths.size > 0 && this.#paths.has(JSON.stringify(path))
  }
}
