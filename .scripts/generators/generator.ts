/** One file that is derived from others, as it should be on disk. */
export interface GeneratedFile {
  /** Relative to the project's root, with forward slashes. */
  readonly path: string
  readonly content: string
}

/** Derives files from the project at `root` (an absolute path) and touches nothing itself. */
export type Generator = (root: string) => Promise<readonly GeneratedFile[]>
