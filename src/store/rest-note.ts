import { replaceFile } from '../storage/atomic-file.ts'
import { faultCode } from '../storage/fault.ts'
import { readFileIfPresent } from '../storage/read-file.ts'
import type { FileSystem } from '../storage/file-system.ts'

/** The file `rest` of a state folder. Losing it costs time and nothing else, so that no fault is told. */
export class RestNote {
  readonly #file: string
  readonly #stamp: () => string
  readonly #fileSystem: FileSystem

  constructor(file: string, stamp: () => string, fileSystem: FileSystem) {
    this.#file = file
    this.#stamp = stamp
    this.#fileSystem = fileSystem
  }

  stamp(): string {
    return this.#stamp()
  }

  read(): string | undefined {
    try {
      return readFileIfPresent(this.#file)?.toString().trimEnd()
    } catch (error) {
      if (faultCode(error) === '') throw error
      return undefined
    }
  }

  async write(line: string): Promise<void> {
    try {
      await replaceFile(this.#file, [Buffer.from(`${line}\n`)], this.#fileSystem)
    } catch (error) {
      if (faultCode(error) === '') throw error
    }
  }
}
