import path from 'node:path'
import { isRecord } from '../../core/record.ts'
import { replaceFile } from '../../storage/atomic-file.ts'
import { explainFaults } from '../../storage/fault.ts'
import { nodeFileSystem } from '../../storage/file-system.ts'
import { lineOf, newerSentence, seal, unseal, type Format } from '../../storage/ndjson.ts'
import { readFileIfPresent } from '../../storage/read-file.ts'
import { setAside } from '../../storage/set-aside.ts'
import { FirewallError } from '../firewall.ts'
import type { RecordedOptions } from '../recorded.ts'
import type { Netns } from './executor.ts'

/**
 * The namespaces in which palisade has put a table, or is about to. What is programmed is taken down
 * after the kernel has it, so without this a table made just before a crash would be nobody's: its
 * instances may be gone from the manifests at the next start, and their ports would stay open.
 */
export interface KnownTables {
  read(): Promise<readonly Netns[]>
  /** Replaces all, durably. */
  write(namespaces: readonly Netns[]): Promise<void>
}

/** Raise the version when a palisade of today would misread the file. */
const FORMAT: Format = { content: 'Tables', version: 1 }

/** The file `tables.ndjson` of a state folder. */
export function knownTablesIn(folder: string, options: RecordedOptions): KnownTables {
  const file = path.join(folder, 'tables.ndjson')
  return {
    read: () => explainFaults(file, 'read', refusal, () => read(file, options)),
    write: async (namespaces) => {
      const lines = namespaces.map((netns) => lineOf(netns === undefined ? {} : { netns }))
      const bytes = seal(FORMAT, options.palisade, {}, lines)
      await explainFaults(file, 'written', refusal, () =>
        replaceFile(file, bytes, options.fileSystem ?? nodeFileSystem),
      )
    },
  }
}

/** As long as its process, for what programs namespaces that last no longer. */
export function knownTablesInMemory(): KnownTables {
  let known: readonly Netns[] = []
  return {
    read: () => Promise.resolve(known),
    write: (namespaces) => {
      known = namespaces
      return Promise.resolve()
    },
  }
}

function read(file: string, { mode, now, warn }: RecordedOptions): readonly Netns[] {
  const bytes = readFileIfPresent(file)
  if (bytes === undefined) return []
  const unsealed = unseal(FORMAT, bytes)
  if (unsealed.ok) {
    return unsealed.lines.map(({ value }) =>
      isRecord(value) && typeof value['netns'] === 'string' ? value['netns'] : undefined,
    )
  }
  if ('newer' in unsealed) throw new FirewallError(newerSentence(file, unsealed.newer))
  const name = mode === 'read' ? undefined : setAside(file, now?.() ?? new Date())
  const aside = name === undefined ? '' : ` and was set aside as ${name}`
  warn(
    `${file} is damaged (${unsealed.damage})${aside}: a table in a network namespace without instances is not looked after any more`,
  )
  return []
}

const refusal = (sentence: string, cause: unknown): FirewallError => new FirewallError(sentence, { cause })
