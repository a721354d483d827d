import type { Diagnostic, Severity } from '../../core/diagnostic.ts'

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' }

/** The finding as a workflow command of GitHub Actions, which shows it beside the line of the pull request. */
export function githubCommand({ severity, code, message, hint, profileText, position }: Diagnostic): string {
  const properties = [
    ...(position === undefined
      ? []
      : [`file=${escapeProperty(position.file)}`, `line=${position.line}`, `col=${position.column}`]),
    `title=${escapeProperty(code)}`,
  ]
  const lines = [
    message,
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ...(profileText === undefined ? [] : [`in the cloud's words: "${profileText}"`]),
  ]
  return `::${COMMANDS[severity]} ${properties.join(',')}::${escapeData(lines.join('\n'))}`
}

/** What the runner decodes (actions/toolkit, packages/core/src/command.ts); other controls are of no use there. */
function escapeData(text: string): string {
  return text
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
    .replace(/\p{Cc}/gu, '')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
