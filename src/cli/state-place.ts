import { realpathSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from './exit-status.ts'

/**
 * Refuses a state folder that would be read as manifests: one that lies in a folder of manifests where
 * no name that begins with a dot hides it, or that holds them. Each status file has the form of a manifest,
 * so that every object would be declared twice, and what was deleted would come back.
 */
export function assertApart(paths: readonly string[], state: string): void {
  const place = realPath(state)
  for (const given of paths.filter((one) => one !== '-')) {
    const manifests = realPath(given)
    const way = wayBelow(manifests, place)
    if (way?.every((name) => !name.startsWith('.')) === true) {
      throw new UsageError(
        `the state folder ${state} lies in the manifests ${given} and would be read as manifests: choose another with --state, or a name that begins with a dot`,
      )
    }
    if (wayBelow(place, manifests) !== undefined) {
      throw new UsageError(
        `the manifests ${given} lie in the state folder ${state}, which palisade writes itself: move them, or choose another with --state`,
      )
    }
  }
}

/** The names from a folder down to a path; undefined when it does not lie there. */
function wayBelow(folder: string, file: string): readonly string[] | undefined {
  const names = path.relative(folder, file).split(path.sep)
  return names[0] === '..' ? undefined : names.filter((name) => name !== '')
}

/** Through all links, also for a path of which only the beginning exists. */
function realPath(given: string): string {
  const absolute = path.resolve(given)
  try {
    return realpathSync(absolute)
  } catch {
    const parent = path.dirname(absolute)
    return parent === absolute ? absolute : path.join(realPath(parent), path.basename(absolute))
  }
}
