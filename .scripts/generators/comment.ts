/** Beyond this the JSDoc would be wider than the code that it stands in. */
const width = 96

/** The text in lines of at most `width` characters, where its words allow that. */
export function wrapped(text: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].join('\n')
}

/** A JSDoc block that holds the text. */
export function docBlock(text: string): string {
  const lines = wrapped(text.replaceAll('*/', '*\\/')).split('\n')
  return ['/**', ...lines.map((line) => ` * ${line}`), ' */'].join('\n')
}

/** The source text with every JSDoc block of one line of text on one line. */
export const withShortBlocks = (source: string): string =>
  source.replaceAll(/\/\*\*\n\s*\* (.*)\n\s*\*\//g, '/** $1 */')
