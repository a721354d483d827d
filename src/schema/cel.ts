import { type ASTNode, Environment, serialize } from '@marcbachmann/cel-js'
import { registerNet } from './cel-net.ts'
import { isList, isRecord } from '../core/record.ts'

export type CelNode = ASTNode

/** A compiled expression over `self` and `oldSelf`; throws where CEL has an error. */
export type CelProgram = (self: unknown, oldSelf: unknown) => unknown

/**
 * CEL as the rules of a CRD see it: `self` and `oldSelf`, the standard functions and macros, and the
 * part of Kubernetes' libraries that CRDs here need. No rule comes from a user: the CRDs are shipped.
 *
 * Differs from an API server in that types are not checked against the schema, `matches` has
 * JavaScript's syntax rather than RE2's, and `lowerAscii` lowers all letters; what the rules read is
 * checked against the schema (see rule.ts), and patterns keep text where case matters to ASCII.
 */
export class Cel {
  readonly #environment = registerNet(
    new Environment({ unlistedVariablesAreDyn: false })
      .registerVariable('self', 'dyn')
      .registerVariable('oldSelf', 'dyn'),
  )

  /** Throws for an expression that is not CEL. */
  parse(expression: string): CelNode {
    return this.#environment.parse(expression).ast
  }

  compile(node: CelNode): CelProgram {
    const run = this.#environment.parse(serialize(node))
    return (self, oldSelf): unknown => run({ self: celValue(self), oldSelf: celValue(oldSelf) })
  }
}

/**
 * A value as CEL has it: `int` is BigInt here, a plain number is a double. Every number of the CRDs
 * is an integer (see structural.ts), and one that is not was refused before a rule reads it.
 */
function celValue(value: unknown): unknown {
  if (typeof value === 'number') return BigInt(value)
  if (isList(value)) return value.map(celValue)
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, celValue(item)]))
  }
  return value
}
