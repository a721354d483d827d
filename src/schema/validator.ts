import { API_VERSION, type Kind, type PalisadeObject } from '../api/objects.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { CustomResourceDefinition } from './crd.ts'
import { readMetadata } from './metadata.ts'
import { normalise } from './normalise.ts'
import { quoted } from './quoted.ts'
import { recognise, subjectOf } from './recognise.ts'
import type { UnknownRecord } from '../core/record.ts'
import { Report } from './report.ts'
import { checkRules, RuleCompiler, type RuleTree } from './rules.ts'
import { reportUnknownFields } from './unknown-fields.ts'
import { compileShape, type Shape, type ShapeFault } from './shape.ts'
import { shapeFinding } from './shape-finding.ts'
import type { StructuralSchema } from './structural.ts'

export interface ValidationResult {
  /** The object with its defaults and without its status; `undefined` when any finding is an error. */
  readonly object: PalisadeObject | undefined
  /** All that is wrong with the object by itself. */
  readonly findings: readonly Diagnostic[]
}

export interface Validator {
  /**
   * Checks one object as an API server would that has the CRDs and is asked for strict field
   * validation: recognition, metadata, schema, defaults, CEL rules. `previous` is the object that it
   * replaces, for the rules about what may change. The value is not changed.
   *
   * A document of another API group is refused here: ask `recognise` first.
   */
  validate(value: UnknownRecord, previous?: PalisadeObject): ValidationResult
}

/** A kind is compiled when its first object is met. Throws for a CRD that cannot be enforced. */
export function createValidator(crds: readonly CustomResourceDefinition[]): Validator {
  return new SchemaValidator(crds)
}

const TOP_LEVEL_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status'])

interface CompiledKind {
  readonly spec: StructuralSchema
  readonly shape: Shape
  readonly rules: RuleTree | undefined
}

class SchemaValidator implements Validator {
  readonly #crds: readonly CustomResourceDefinition[]
  readonly #compiled = new Map<Kind, CompiledKind>()
  readonly #ruleCompiler = new RuleCompiler()

  constructor(crds: readonly CustomResourceDefinition[]) {
    this.#crds = crds
  }

  validate(value: UnknownRecord, previous?: PalisadeObject): ValidationResult {
    const recognition = recognise(value)
    if (recognition.type === 'Invalid') return { object: undefined, findings: recognition.findings }
    const report = new Report(() => subjectOf(value))
    if (recognition.type === 'Foreign') {
      const text = `${quoted(value['apiVersion'])} is not for palisade`
      report.add({ code: 'WrongApiVersion', path: ['apiVersion'], text, hint: `write ${API_VERSION}` })
      return { object: undefined, findings: report.findings }
    }
    return this.#validateKind(recognition.kind, value, previous, report)
  }

  #validateKind(
    kind: Kind,
    value: UnknownRecord,
    previous: PalisadeObject | undefined,
    report: Report,
  ): ValidationResult {
    const { spec: schema, shape, rules } = this.#compile(kind)
    reportUnknownFields(value, TOP_LEVEL_FIELDS, [], 'what is declared goes into spec', report)
    const metadata = readMetadata(value['metadata'], kind, report)
    const spec = normalise(schema, value['spec'] ?? undefined, 'spec', report)
    const object: unknown = { apiVersion: API_VERSION, kind, metadata, spec }
    const faults: ShapeFault[] = []
    const fits = shape.fits(object, faults)
    for (const fault of faults) {
      if (report.isSettled) break
      report.add(shapeFinding(fault, spec, schema))
    }
    const former = previous?.kind === kind ? previous.spec : undefined
    if (rules !== undefined && !report.isSettled) checkRules(rules, spec, former, 'spec', report)
    return { object: fits && !report.hasErrors ? object : undefined, findings: report.findings }
  }

  #compile(kind: Kind): CompiledKind {
    const known = this.#compiled.get(kind)
    if (known !== undefined) return known
    const crd = this.#crds.find((candidate) => candidate.kind === kind)
    if (crd === undefined) throw new Error(`no CRD for ${kind}`)
    const { spec } = crd
    const compiled = {
      spec,
      shape: compileShape(spec),
      rules: this.#ruleCompiler.tree(spec, `${crd.file}: spec`),
    }
    this.#compiled.set(kind, compiled)
    return compiled
  }
}
