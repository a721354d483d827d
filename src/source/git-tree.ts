import path from 'node:path'
import { isHidden, isManifestName } from './scan.ts'

/** One line of `git ls-tree -r -z`. */
interface TreeEntry {
  readonly mode: string
  readonly id: string
  /** From the top of the repository, with forward slashes. */
  readonly path: string
}

/** A manifest in a tree, under the path by which it is reached. */
export interface TreeFile {
  readonly path: string
  /** The object that holds its bytes. */
  readonly id: string
}

/** What in a tree cannot be read, and why. */
export interface TreeGap {
  readonly path: string
  readonly problem: string
  /** Whether its name says that it is a manifest; else it may be a folder of them, or nothing of ours. */
  readonly isManifest: boolean
}

export interface TreeManifests {
  readonly files: readonly TreeFile[]
  readonly gaps: readonly TreeGap[]
  /** Of the given paths those that are not in the tree. */
  readonly absent: readonly string[]
}

const LINK = '120000'
const SUBMODULE = '160000'

/** Links that lead to links; more are taken for a circle. */
const LONGEST_CHAIN = 40

export function parseTree(output: Buffer): readonly TreeEntry[] {
  const lines = output.toString().split('\0').slice(0, -1)
  return lines.map((line) => {
    const [, mode = '', id = '', name = ''] = /^(\d+) \w+ ([0-9a-f]+)\t([^]*)$/.exec(line) ?? []
    return { mode, id, path: name }
  })
}

/** The links of a tree, whose targets are in its objects. */
export const linksOf = (entries: readonly TreeEntry[]): readonly TreeEntry[] =>
  entries.filter(({ mode }) => mode === LINK)

/**
 * The manifests that paths in a whole tree stand for, '' being its top: what a reading of the same paths in a
 * checkout would find. A file that is reached twice counts once. `targets` says where links lead.
 */
export function manifestsIn(
  entries: readonly TreeEntry[],
  targets: ReadonlyMap<string, string>,
  given: readonly string[],
): TreeManifests {
  const tree = new Tree(entries, targets)
  for (const one of given.toSorted()) tree.addGiven(one)
  return tree
}

class Tree implements TreeManifests {
  readonly files: TreeFile[] = []
  readonly gaps: TreeGap[] = []
  readonly absent: string[] = []
  readonly #entries: ReadonlyMap<string, TreeEntry>
  readonly #targets: ReadonlyMap<string, string>
  /** Names in each folder. */
  readonly #folders = new Map<string, Set<string>>([['', new Set()]])
  readonly #visited = new Set<string>()

  constructor(entries: readonly TreeEntry[], targets: ReadonlyMap<string, string>) {
    this.#entries = new Map(entries.map((entry) => [entry.path, entry]))
    this.#targets = targets
    for (const entry of entries) {
      for (let at = entry.path; at !== ''; at = folderOf(at)) {
        const names = this.#folders.get(folderOf(at)) ?? new Set()
        this.#folders.set(folderOf(at), names.add(path.posix.basename(at)))
      }
    }
  }

  /** A file that somebody named is read whatever it is called. */
  addGiven(given: string): void {
    const real = this.#resolve(given, LONGEST_CHAIN)
    if (real === undefined) this.absent.push(given)
    else this.#addReal(given, real, true)
  }

  #add(at: string): void {
    const isManifest = isManifestName(at)
    const real = this.#resolve(at, LONGEST_CHAIN)
    if (real !== undefined) this.#addReal(at, real, isManifest)
    else this.gaps.push({ path: at, problem: 'it is a link to something that is not there', isManifest })
  }

  #addReal(at: string, real: string, isManifest: boolean): void {
    if (this.#visited.has(real)) return
    this.#visited.add(real)
    const names = this.#folders.get(real)
    const entry = this.#entries.get(real)
    if (names !== undefined) {
      const visible = [...names].filter((name) => !isHidden(name)).sort()
      for (const name of visible) this.#add(path.posix.join(at, name))
    } else if (entry?.mode === SUBMODULE) {
      const problem = 'it is a submodule, whose files are in another repository'
      this.gaps.push({ path: at, problem, isManifest: true })
    } else if (entry !== undefined && isManifest) this.files.push({ path: at, id: entry.id })
  }

  /** The path without links; undefined where they lead out of the tree, to nothing or in a circle. */
  #resolve(at: string, left: number): string | undefined {
    let real = ''
    for (const name of at.split('/').filter((one) => one !== '' && one !== '.')) {
      if (name === '..' && real === '') return undefined
      const next = path.posix.join(real, name)
      const target = this.#targets.get(next)
      if (target === undefined) real = next === '.' ? '' : next
      else {
        if (left === 0 || path.posix.isAbsolute(target)) return undefined
        const followed = this.#resolve(`${real}/${target}`, left - 1)
        if (followed === undefined) return undefined
        real = followed
      }
    }
    return this.#entries.has(real) || this.#folders.has(real) ? real : undefined
  }
}

function folderOf(file: string): string {
  const folder = path.posix.dirname(file)
  return folder === '.' ? '' : folder
}
