import { characterWidth, displayWidth } from './display-width.ts'

/**
 * Where a text may be divided into lines. `Words`: after spaces and commas. `Parts`: there, and after
 * slashes and colons within a word that is wider than a line.
 */
export type Wrapping = 'Words' | 'Parts'

const AFTER_WORDS = /(?<=[ ,])/
const AFTER_PARTS = /(?<=[/:])/

/** Lines of at most `width` columns of a printable text. Joined again, they are the text but for spaces. */
export function wrap(text: string, width: number, wrapping: Wrapping): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(AFTER_WORDS)) {
    for (const piece of piecesOf(word, width, wrapping)) {
      if (displayWidth((line + piece).trimEnd()) <= width) {
        line += piece
        continue
      }
      if (line !== '') lines.push(line.trimEnd())
      line = piece
    }
  }
  lines.push(line.trimEnd())
  return lines
}

/** The narrowest lines for which nothing has to be cut. */
export function narrowestWrap(text: string, wrapping: Wrapping): number {
  const words = text.split(AFTER_WORDS)
  const pieces = wrapping === 'Parts' ? words.flatMap((word) => word.split(AFTER_PARTS)) : words
  return pieces.reduce((widest, piece) => Math.max(widest, displayWidth(piece.trimEnd())), 0)
}

/** The word itself if it fits, else its parts, cut where they do not fit either. */
function piecesOf(word: string, width: number, wrapping: Wrapping): readonly string[] {
  if (displayWidth(word.trimEnd()) <= width) return [word]
  const parts = wrapping === 'Parts' ? word.split(AFTER_PARTS) : [word]
  return parts.flatMap((part) => cut(part, width))
}

function cut(text: string, width: number): readonly string[] {
  if (displayWidth(text.trimEnd()) <= width) return [text]
  const pieces: string[] = []
  let piece = ''
  let taken = 0
  for (const character of text) {
    const own = characterWidth(character)
    if (taken + own > width && piece !== '') {
      pieces.push(piece)
      piece = ''
      taken = 0
    }
    piece += character
    taken += own
  }
  return [...pieces, piece]
}
