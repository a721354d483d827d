/**
 * Control characters, which can drive a terminal; format characters, which can hide text or turn its
 * direction (Unicode Technical Report 36, 2.10); line separators; half characters.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** Text of any origin as one line that no terminal obeys: what could drive one is written as an escape. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => SHORT.get(character) ?? escaped(character))
}

/** JSON in which no character can drive a terminal: JSON.stringify leaves the controls of 8 bits and others as they are. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(UNPRINTABLE, (character) =>
    character === '\n' ? character : units(character),
  )
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff ? `\\u{${code.toString(16)}}` : units(character)
}

/** One escape for each UTF-16 unit, as JSON has them. */
function units(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
  }).join('')
}
