import type { Event } from 'js-yaml'
import type { Diagnostic, Position } from '../core/diagnostic.ts'
import type { FieldPath } from '../core/field-path.ts'
import type { ManifestCode } from './codes.ts'
import { composeDocuments, type Composed } from './compose.ts'
import { decode } from './decode.ts'
import type { ManifestDocument, ParsedManifest } from './document.ts'
import { MANIFEST_LIMITS, type ManifestLimits } from './limits.ts'
import { LineIndex } from './line-index.ts'
import { objectsOf, type Fault } from './objects.ts'
import { Positions } from './positions.ts'
import type { Refusal } from './problem.ts'
import { hasMoreNodes, partsOf, refuseBeginning, type Segment } from './stream.ts'
import { parseText } from './syntax.ts'

/**
 * The objects of one file of YAML or JSON (which is YAML). A document that cannot be read, or is
 * written so that readers of YAML differ on it, is a finding and leaves the others as they are.
 */
export function parseManifest(
  file: string,
  bytes: Uint8Array,
  limits: ManifestLimits = MANIFEST_LIMITS,
): ParsedManifest {
  if (bytes.length === 0) return unreadManifest(emptyFile(file))
  if (bytes.length > limits.bytes) return unreadManifest(fileTooLarge(file, bytes.length, limits))
  const decoded = decode(file, bytes)
  if (!decoded.ok) return unreadManifest(decoded.finding)
  return new Reader(file, decoded.text, limits).read()
}

/** What stands for a file that could not be read at all. */
export const unreadManifest = (finding: Diagnostic): ParsedManifest => ({
  documents: [],
  findings: [finding],
  complete: false,
})

/**
 * A shell empties a file before the program whose output goes there has said a word, and a full disk leaves one of
 * no length: nobody has deleted anything by that.
 */
function emptyFile(file: string): Diagnostic {
  const message = 'the file is empty, so that what it declared before stays'
  const hint = 'delete the file, or leave a comment in it, if it is to declare nothing'
  const code: ManifestCode = 'EmptyFile'
  return { code, severity: 'warning', message, hint, position: { file, line: 1, column: 1 } }
}

export function fileTooLarge(
  file: string,
  size: number,
  limits: ManifestLimits = MANIFEST_LIMITS,
): Diagnostic {
  const message = `the file has ${size} bytes, more than the ${limits.bytes} that a manifest may have`
  const hint = 'divide it into several files, or keep it out of the folder'
  const code: ManifestCode = 'FileTooLarge'
  return { code, severity: 'error', message, hint, position: { file, line: 1, column: 1 } }
}

class Reader {
  readonly documents: ManifestDocument[] = []
  readonly findings: Diagnostic[] = []
  complete = true
  readonly #file: string
  readonly #text: string
  readonly #limits: ManifestLimits
  readonly #lines: LineIndex
  #isFull = false

  constructor(file: string, text: string, limits: ManifestLimits) {
    this.#file = file
    this.#text = text
    this.#limits = limits
    this.#lines = new LineIndex(text)
  }

  read(): ParsedManifest {
    // Documents without content are not counted as objects, and yet each takes its time.
    let left = 2 * this.#limits.documents
    for (const part of partsOf(this.#text)) {
      if (this.#isFull) break
      const segments = part.segments.slice(0, left)
      left -= segments.length
      const isWhole = segments.length > 1 && segments.length === part.segments.length
      const events = isWhole ? this.#eventsOfAll(part, segments) : undefined
      if (events !== undefined) this.#compose(part, events)
      else for (const segment of segments) this.#readAlone(segment)
      const excess = part.segments[segments.length]
      if (excess !== undefined) {
        this.#refuse(tooManyDocuments(this.#limits.documents), excess.start)
        break
      }
    }
    const { documents, findings, complete } = this
    return { documents, findings, complete }
  }

  /** Undefined unless every segment is good, so that each is read by itself and only the bad ones are lost. */
  #eventsOfAll({ start, end }: Segment, segments: readonly Segment[]): readonly Event[] | undefined {
    if (segments.some((segment) => refuseBeginning(this.#text, segment) !== undefined)) return undefined
    const parsed = parseText(this.#text.slice(start, end), this.#limits.depth)
    return parsed.ok ? parsed.events : undefined
  }

  #readAlone(segment: Segment): void {
    if (this.#isFull) return
    const beginning = refuseBeginning(this.#text, segment)
    if (beginning !== undefined) this.#refuse(beginning.refusal, beginning.offset)
    else if (hasMoreNodes(this.#text, segment, this.#limits.nodes)) {
      this.#refuse(tooManyNodes(this.#limits.nodes), segment.start)
    } else {
      const parsed = parseText(this.#text.slice(segment.start, segment.end), this.#limits.depth)
      if (parsed.ok) this.#compose(segment, parsed.events)
      else {
        const offset = segment.start + parsed.offset
        const isCut = offset >= segment.end && segment.end < this.#text.length
        this.#refuse(isCut ? { ...parsed.refusal, hint: CUT_OFF } : parsed.refusal, offset)
      }
    }
  }

  #compose({ start, end }: Segment, events: readonly Event[]): void {
    const text = this.#text.slice(start, end)
    const positions = new Positions(text, this.#limits.depth)
    let index = 0
    for (const composed of composeDocuments(text, events, this.#limits)) {
      const document = index++
      const locate = (path: FieldPath): Position => this.#position(start + positions.offset(document, path))
      this.#take(composed, start, locate)
      if (this.#isFull) return
    }
  }

  #take(composed: Composed, start: number, locate: ManifestDocument['locate']): void {
    if (composed.value === undefined && composed.problems.length === 0) return
    const { found, faults, more } = objectsOf(composed, this.#limits.findings)
    for (const fault of faults) this.#addFault(fault, start, locate)
    if (more) this.#add(tooManyFindings(this.#limits.findings), locate([]))
    for (const { path, value } of found) {
      if (this.documents.length === this.#limits.documents) {
        this.#add(tooManyDocuments(this.#limits.documents), locate(path))
        this.#isFull = true
        return
      }
      this.documents.push({ value, file: this.#file, locate: (field) => locate([...path, ...field]) })
    }
  }

  #addFault(
    { path, offset, related, ...refusal }: Fault,
    start: number,
    locate: ManifestDocument['locate'],
  ): void {
    const position = offset === undefined ? locate(path) : this.#position(start + offset)
    const first = related === undefined ? '' : `, first in line ${this.#position(start + related).line}`
    this.#add({ ...refusal, message: refusal.message + first }, position)
  }

  #refuse(refusal: Refusal, offset: number): void {
    this.#add(refusal, this.#position(offset))
  }

  #add(refusal: Refusal, position: Position): void {
    this.complete = false
    const { findings } = this.#limits
    if (this.findings.length < findings) this.findings.push({ severity: 'error', ...refusal, position })
    else if (this.findings.length === findings) {
      this.findings.push({ severity: 'error', ...tooManyFindings(findings), position })
    }
  }

  #position(offset: number): Position {
    return { file: this.#file, ...this.#lines.at(offset) }
  }
}

const CUT_OFF = 'a line that begins with --- or ... ends the document, even within quotes and brackets'

const tooManyNodes = (limit: number): Refusal => ({
  code: 'TooManyNodes',
  message: `the document has more than ${limit} values`,
  hint: 'divide it: a --- line between objects instead of one list',
})

const tooManyDocuments = (limit: number): Refusal => ({
  code: 'TooManyDocuments',
  message: `the file has more than ${limit} objects; this one and those after it were not read`,
  hint: 'divide it into several files',
})

const tooManyFindings = (limit: number): Refusal => ({
  code: 'TooManyFindings',
  message: `there are more than ${limit} findings in this file; those from here on are not listed`,
  hint: 'correct the first ones',
})
