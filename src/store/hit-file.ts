import { isList, isRecord, isStringList } from '../core/record.ts'
import { replaceFile } from '../storage/atomic-file.ts'
import { faultCode } from '../storage/fault.ts'
import type { FileSystem } from '../storage/file-system.ts'
import { lineOf, seal, unseal, type Format } from '../storage/ndjson.ts'
import { readFileIfPresent } from '../storage/read-file.ts'
import type { CountedRule, CountedRuleSet, HitNote, HitSample } from './store.ts'

/** Raise the version when a palisade of today would misread the file. */
const FORMAT: Format = { content: 'Hits', version: 1 }

/** The file `hits.ndjson`: one line for each rule set. A damaged one counts as none. */
export class HitFile implements HitNote {
  readonly #file: string
  readonly #palisade: string
  readonly #fileSystem: FileSystem

  constructor(file: string, palisade: string, fileSystem: FileSystem) {
    this.#file = file
    this.#palisade = palisade
    this.#fileSystem = fileSystem
  }

  read(): HitSample | undefined {
    try {
      const bytes = readFileIfPresent(this.#file)
      return bytes === undefined ? undefined : parse(bytes)
    } catch (error) {
      if (faultCode(error) === '') throw error
      return undefined
    }
  }

  async write({ at, everySeconds, ruleSets }: HitSample): Promise<void> {
    try {
      const chunks = seal(FORMAT, this.#palisade, { at, everySeconds }, ruleSets.map(lineOf))
      await replaceFile(this.#file, chunks, this.#fileSystem)
    } catch (error) {
      if (faultCode(error) === '') throw error
    }
  }
}

function parse(bytes: Uint8Array): HitSample | undefined {
  const read = unseal(FORMAT, bytes)
  if (!read.ok) return undefined
  const { at, everySeconds } = read.header
  const ruleSets = read.lines.map(({ value }) => value)
  if (typeof at !== 'string' || typeof everySeconds !== 'number' || !ruleSets.every(isRuleSet)) {
    return undefined
  }
  return { at, everySeconds, ruleSets }
}

const isRuleSet = (value: unknown): value is CountedRuleSet =>
  isRecord(value) &&
  isStringList(value['instances']) &&
  isList(value['rules']) &&
  value['rules'].every(isRule)

const isRule = (value: unknown): value is CountedRule =>
  isRecord(value) &&
  typeof value['id'] === 'string' &&
  typeof value['packets'] === 'number' &&
  typeof value['bytes'] === 'number' &&
  (value['lastHit'] === undefined || typeof value['lastHit'] === 'string')
