import { CONDITION_TYPES, REASONS } from '../../src/api/conditions.ts'
import { CLI_CODES } from '../../src/cli/codes.ts'
import { CONTROLLER_CODES } from '../../src/controller/codes.ts'
import { MANIFEST_CODES } from '../../src/manifest/codes.ts'
import { CODES } from '../../src/policy/acceptance/codes.ts'
import { IGNORE_CODES, LINT_CHECKS } from '../../src/policy/lint/lint-checks.ts'
import { IGNORE_ANNOTATION } from '../../src/policy/lint/lint-ignore.ts'
import { RISKY_PORTS } from '../../src/policy/lint/ports.ts'
import { SCHEMA_CODES } from '../../src/schema/codes.ts'
import { SOURCE_CODES } from '../../src/source/codes.ts'
import type { GeneratedFile, Generator } from './generator.ts'

const ORIGIN = '<!-- Generated from code by `npm run generate`. Edit that, not this file. -->'

/** The pages under docs/reference that list what the code defines. */
export const referencePages: Generator = () =>
  Promise.resolve([conditionsPage(), diagnosticsPage(), lintPage()])

function conditionsPage(): GeneratedFile {
  const content = [
    '# Conditions and reasons',
    ORIGIN,
    'Every object has conditions in its status. `Ready` is the summary; a generic kstatus reading sees `Stalled` as Failed and `Reconciling` as InProgress.',
    '## Conditions',
    table(['Condition', 'True means'], Object.entries(CONDITION_TYPES)),
    '## Reasons',
    'A closed list: a script may switch on it.',
    table(['Reason', 'Meaning'], Object.entries(REASONS)),
  ]
  return { path: 'docs/reference/conditions.md', content: content.join('\n\n') }
}

function diagnosticsPage(): GeneratedFile {
  const acceptance = Object.entries(CODES).map(([code, { severity, condition, reason, meaning }]) => {
    return [code, severity, `${condition}: ${reason}`, meaning]
  })
  const content = [
    '# Findings',
    ORIGIN,
    'Each finding has a stable code. Findings of all storeys are reported together.',
    '## Where manifests come from',
    table(['Code', 'Meaning'], Object.entries(SOURCE_CODES)),
    '## How a file is written',
    table(['Code', 'Meaning'], Object.entries(MANIFEST_CODES)),
    '## One object by itself',
    table(['Code', 'Meaning'], Object.entries(SCHEMA_CODES)),
    '## Objects together, profile and quotas',
    'The condition is the one that the finding makes False.',
    table(['Code', 'Severity', 'Condition and reason', 'Meaning'], acceptance),
    '## The source as a whole',
    table(['Code', 'Meaning'], [...Object.entries(CONTROLLER_CODES), ...Object.entries(CLI_CODES)]),
  ]
  return { path: 'docs/reference/diagnostics.md', content: content.join('\n\n') }
}

function lintPage(): GeneratedFile {
  const checks = Object.entries(LINT_CHECKS).map(([code, check]) => {
    const cloudConfig = 'cloudConfig' in check ? `\`${check.cloudConfig}\`` : ''
    return [code, check.severity, check.meaning, cloudConfig]
  })
  const ignored = Object.entries(IGNORE_CODES).map(([code, { severity, meaning }]) => [
    code,
    severity,
    meaning,
  ])
  const risky = RISKY_PORTS.map(({ port, protocol, service }) => [`${String(port)}/${protocol}`, service])
  const content = [
    '# Lint',
    ORIGIN,
    '`palisade lint PATH...` finds what is accepted and yet seldom meant. It fails on errors.',
    '## What it looks for',
    'The last column names the check of Alibaba Cloud Config that asks the same.',
    table(['Code', 'Severity', 'Finds', 'Cloud Config'], checks),
    '## Management and database ports',
    table(['Port', 'Service'], risky),
    '## What is meant',
    `An object says so in its annotation \`${IGNORE_ANNOTATION}\`, one line for each code: \`RiskyPortOpen: a bastion, reviewed in May\`. Without a reason nothing is silenced.`,
    table(['Code', 'Severity', 'Finds'], ignored),
  ]
  return { path: 'docs/reference/lint.md', content: content.join('\n\n') }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const body = rows.map(([code = '', ...rest]) => line([`\`${code}\``, ...rest]))
  return [line(head), line(head.map(() => '---')), ...body].join('\n')
}
