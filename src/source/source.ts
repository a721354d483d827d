import type { Diagnostic } from '../core/diagnostic.ts'
import type { ParsedManifest } from '../manifest/document.ts'

/** Makes the objects of a file of its bytes. */
export type Parse = (file: string, bytes: Uint8Array) => ParsedManifest

/** One file as it was read. The same object as in the snapshot before where the file is the same. */
export interface SourceFile {
  /** As the user named it, or joined to the folder that the user named. */
  readonly path: string
  readonly manifest: ParsedManifest
  /** `sha256:` and the hash of the bytes in hexadecimal; '' for a file that could not be read. */
  readonly digest: string
  /** What the server says that holds the one object of the file; absent: it is a file. */
  readonly server?: ServerRecord
}

/** What an API server notes of an object that it holds. */
export interface ServerRecord {
  /** Another one when an object was deleted and made again under its name. */
  readonly uid: string
  /** RFC 3339. */
  readonly creationTimestamp: string
  /** Counts the changes of the spec, from 1. */
  readonly generation: number
}

export interface SourceSnapshot {
  /** By path. A file that is there and cannot be read is among them, incomplete and with its finding. */
  readonly files: readonly SourceFile[]
  /** About paths that are no file in the list; what is wrong with a file is in its manifest. */
  readonly findings: readonly Diagnostic[]
  /**
   * Paths given by the user, or files and folders below them, that could not be read; by path. What
   * they, and all below them, last gave stays in force: that something cannot be seen does not mean
   * that it is gone.
   */
  readonly unreadable: readonly string[]
}

/** Rings whenever something may have changed, and now and then for good measure; it says no more than "look again". */
export interface Watch {
  /** After it no bell rings. */
  close(): Promise<void>
}

/** Where manifests come from. */
export interface Source {
  /** What is there now. Problems with what is read are findings; it does not throw for them. */
  read(): Promise<SourceSnapshot>
  /** Resolves once no change can go unnoticed. */
  watch(bell: () => void): Promise<Watch>
}
