/** A command as a document shows it, and what it prints; a line `...` stands for any number of lines. */
export interface Step {
  readonly command: string
  readonly output: readonly string[]
}

/** The commands in the `console` blocks of a part of a Markdown text: from a heading to the next of its level. */
export function stepsOf(markdown: string, heading: string): readonly Step[] {
  const lines = markdown.split('\n')
  const start = lines.indexOf(heading)
  if (start === -1) throw new Error(`there is no heading ${heading}`)
  const [level = ''] = heading.split(' ')
  const end = lines.findIndex((line, index) => index > start && line.startsWith(`${level} `))
  const steps: { command: string; output: string[] }[] = []
  let isConsole = false
  for (const line of lines.slice(start, end === -1 ? undefined : end)) {
    const last = steps.at(-1)
    if (line.startsWith('```')) isConsole = line === '```console'
    else if (!isConsole) continue
    else if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [] })
    else if (last?.output.length === 0 && /[|\\]$/.test(last.command)) last.command += `\n${line}`
    else last?.output.push(line)
  }
  return steps
}

/** A pattern that the output has to match: what is older or wider by chance counts as the same. */
export function expectedOutput(output: Step['output']): RegExp {
  const lines = output.map((line) => (line === '...' ? '(?:.*\n)*' : `${literally(steady(line))}\n`))
  return new RegExp(`^${lines.join('')}$`)
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Without ages and times, and with one space for many. */
export function steady(text: string): string {
  return text
    .replace(/[ \t]+/g, ' ')
    .replace(/ $/gm, '')
    .replace(/ (\d+[smh])+( |$)/gm, ' AGE$2')
}
