import { keyOf, type PalisadeObject } from '../api/objects.ts'
import type { ObjectKey } from '../core/key.ts'
import type { ManifestDocument } from '../manifest/document.ts'
import { recognise, subjectOf } from '../schema/recognise.ts'
import type { Validator } from '../schema/validator.ts'
import type { ServerRecord, SourceFile } from '../source/source.ts'
import {
  declarationDigest,
  selectionDigest,
  type DeclaredDocument,
  type DeclaredFile,
  type Locate,
} from './declared.ts'
import { rescuedSelections } from './rescued-selection.ts'

/** Findings after which it is not sure which object a document means. */
const NAMELESS_CODES: ReadonlySet<string> = new Set(['BadName'])

/**
 * Reads what files declare: the first two storeys of validation. A file that has not changed keeps
 * its result.
 */
export class ManifestReader {
  readonly #validator: Validator
  readonly #previous: (key: ObjectKey) => PalisadeObject | undefined
  readonly #absolute: (path: string) => string
  readonly #adapt: (object: PalisadeObject) => PalisadeObject
  readonly #known = new WeakMap<SourceFile, DeclaredFile>()

  /**
   * `previous` gives the version in force, for rules about what may change. `absolute` makes one path
   * of all spellings, since where an object came from is remembered from run to run. `adapt` gives what
   * counts in place of a valid object.
   */
  constructor(
    validator: Validator,
    previous: (key: ObjectKey) => PalisadeObject | undefined,
    absolute: (path: string) => string,
    adapt: (object: PalisadeObject) => PalisadeObject = (object) => object,
  ) {
    this.#absolute = absolute
    this.#adapt = adapt
    this.#validator = validator
    this.#previous = previous
  }

  read(file: SourceFile): DeclaredFile {
    const known = this.#known.get(file)
    if (known !== undefined) return known
    const documents: DeclaredDocument[] = []
    let foreign = 0
    let { complete } = file.manifest
    for (const document of file.manifest.documents) {
      const recognition = recognise(document.value)
      if (recognition.type === 'Foreign') {
        foreign += 1
        continue
      }
      const read = this.#readDocument(document, recognition.type === 'Known', file.server)
      // It may be an object that was declared here before, misspelt: what the file gave is kept.
      if (read.key === undefined) complete = false
      documents.push(read)
    }
    const declared = {
      path: this.#absolute(file.path),
      documents,
      findings: file.manifest.findings,
      complete,
      foreign,
    }
    this.#known.set(file, declared)
    return declared
  }

  #readDocument(
    document: ManifestDocument,
    known: boolean,
    server: ServerRecord | undefined,
  ): DeclaredDocument {
    const { value } = document
    const locate: Locate = (path) => document.locate(path)
    const subject = subjectOf(value)
    const key = known && 'key' in subject ? subject.key : undefined
    const { object, findings } = this.#validator.validate(value, this.#replaced(key, server))
    if (object !== undefined) {
      const counted = this.#adapt(object)
      const digest = declarationDigest(counted)
      return { key: keyOf(counted), object: counted, digest, findings, locate, server }
    }
    const nameless = findings.some(({ code }) => NAMELESS_CODES.has(code))
    const selects = rescuedSelections(value)
    const digest = selectionDigest(selects)
    return { key: nameless ? undefined : key, object, digest, selects, findings, locate, server }
  }

  /** What a document replaces. An object that was deleted and made again replaces nothing. */
  #replaced(key: ObjectKey | undefined, server: ServerRecord | undefined): PalisadeObject | undefined {
    const previous = key === undefined ? undefined : this.#previous(key)
    const uid = previous?.metadata.uid
    return server !== undefined && uid !== undefined && uid !== server.uid ? undefined : previous
  }

  /** Paths that cannot be read, spelled as the files that were read there. */
  absolute(paths: readonly string[]): readonly string[] {
    return paths.map(this.#absolute)
  }
}
