import { CONDITION_TYPES, REASONS } from '../../src/api/conditions.ts'
import { CLI_CODES } from '../../src/cli/codes.ts'
import { CONTROLLER_CODES } from '../../src/controller/codes.ts'
import { MANIFEST_CODES } from '../../src/manifest/codes.ts'
import { CODES } from '../../src/policy/acceptance/codes.ts'
import { SCHEMA_CODES } from '../../src/schema/codes.ts'
import { SOURCE_CODES } from '../../src/source/codes.ts'
import type { GeneratedFile, Generator } from './generator.ts'

const ORIGIN = '<!-- Generated from code by `npm run generate`. Edit that, not this file. -->'

/** The pages under docs/reference that list what the code defines. */
export const referencePages: Generator = () => Promise.resolve([conditionsPage(), diagnosticsPage()])

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

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const body = rows.map(([code = '', ...rest]) => line([`\`${code}\``, ...rest]))
  return [line(head), line(head.map(() => '---')), ...body].join('\n')
}
