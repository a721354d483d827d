/** What one file may ask of its reader. Far beyond any real manifest, well within a second and a few hundred MB. */
export interface ManifestLimits {
  /** Size of one file. */
  readonly bytes: number
  /** Objects in one file, list items counted one by one. */
  readonly documents: number
  /** Mappings and sequences within each other; what an alias stands for counts where it is used. */
  readonly depth: number
  /**
   * Values in one YAML document. The parser keeps some 110 bytes for each while it reads, so that
   * the worst document of 16 MiB takes about 250 MB for a moment rather than more than a gigabyte.
   */
  readonly nodes: number
  /** Uses of anchors in one document. */
  readonly aliases: number
  /** Values that all aliases of one document stand for together. */
  readonly aliasNodes: number
  /** Findings reported of one file; the rest are counted. */
  readonly findings: number
}

export const MANIFEST_LIMITS: ManifestLimits = {
  bytes: 16 * 1024 * 1024,
  documents: 100_000,
  depth: 64,
  nodes: 2_000_000,
  aliases: 100,
  aliasNodes: 1_000_000,
  findings: 100,
}
