import type { Diagnostic, Severity } from '../../core/diagnostic.ts'
import { parseKey } from '../../core/key.ts'
import { IGNORE_CODES, LINT_CHECKS } from '../../policy/lint/lint-checks.ts'
import type { LintResult } from '../../policy/lint/lint.ts'

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' }

const RULES = Object.entries({ ...LINT_CHECKS, ...IGNORE_CODES })

/**
 * A log of the Static Analysis Results Interchange Format (OASIS SARIF 2.1.0), as code-scanning pages take it.
 * `isWhole`: whether all that is declared was looked at. Where not, that nothing was found does not mean that what was
 * found before is mended.
 */
export function sarifLog(results: readonly LintResult[], version: string, isWhole: boolean): object {
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'palisade', version, rules: RULES.map(([id, check]) => ruleOf(id, check)) } },
        invocations: [{ executionSuccessful: isWhole }],
        columnKind: 'utf16CodeUnits',
        results: results.map(resultOf),
      },
    ],
  }
}

function ruleOf(
  id: string,
  check: { readonly severity: Severity; readonly meaning: string; readonly cloudConfig?: string },
): object {
  return {
    id,
    shortDescription: { text: check.meaning },
    defaultConfiguration: { level: LEVELS[check.severity] },
    ...(check.cloudConfig !== undefined && { properties: { alibabaCloudConfig: check.cloudConfig } }),
  }
}

function resultOf({ finding, reason }: LintResult): object {
  const { code, severity, message, hint } = finding
  return {
    ruleId: code,
    ruleIndex: RULES.findIndex(([id]) => id === code),
    level: LEVELS[severity],
    message: { text: hint === undefined ? message : `${message}: ${hint}` },
    locations: locationsOf(finding),
    // The same finding in a file that has moved or grown is no new one.
    partialFingerprints: { 'finding/v1': [code, finding.object, message].join(' ') },
    ...(reason !== undefined && { suppressions: [{ kind: 'inSource', justification: reason }] }),
  }
}

function locationsOf({ position, object }: Diagnostic): readonly object[] {
  const logical = object === undefined ? {} : { logicalLocations: [logicalOf(object)] }
  if (position === undefined) return object === undefined ? [] : [logical]
  const { file, line, column } = position
  const uri = file.split(/[\\/]/u).map(encodeURIComponent).join('/')
  const region = { startLine: line, startColumn: column }
  return [{ physicalLocation: { artifactLocation: { uri }, region }, ...logical }]
}

function logicalOf(object: string): object {
  const { kind, namespace, name } = parseKey(object)
  return { name, fullyQualifiedName: [namespace, name].filter((part) => part !== '').join('/'), kind }
}
