import { existsSync } from 'node:fs'
import { isError, type Diagnostic } from '../core/diagnostic.ts'
import type { ControllerCode } from '../controller/codes.ts'
import type { SourceCode } from '../source/codes.ts'
import { systemGit } from '../source/git.ts'
import { findRevision, isRevision, revisionSource } from '../source/git-revision.ts'
import { UsageError } from './exit-status.ts'
import type { Io } from './io.ts'
import { printable } from './output/printable.ts'
import { printFindings } from './output/turn-output.ts'
import { openPlace } from './place.ts'
import { openSessionIn, type Session, type SessionOptions } from './wiring.ts'

/**
 * A session on top of what a folder or a revision of the same paths declares, as though that had been applied;
 * nothing of it leaves memory. Undefined, with its findings told, where that cannot be read without an error:
 * to compare with the part of it that is right would call the rest new. Rejects with UsageError and GitError.
 */
export async function openComparison(
  io: Io,
  against: string,
  options: SessionOptions,
): Promise<Session | undefined> {
  const baseOptions = await optionsOf(io, against, options)
  const place = await openPlace(io, options)
  const base = await openSessionIn(place, io, {
    ...baseOptions,
    allowance: { type: 'All' },
    promises: 'Report',
  })
  const turn = await base.loop.turn()
  await base.close()
  if (turn.isMisdirected || turn.findings.some(isFault)) {
    printFindings(io, turn)
    io.stderr.write(`error: ${printable(against)} has errors, so nothing can be compared with it\n`)
    return undefined
  }
  printFindings(io, { findings: turn.findings.filter(isAboutRevision) })
  return openSessionIn(place, io, options)
}

/** A path is meant where there is one of that name. */
async function optionsOf(io: Io, against: string, options: SessionOptions): Promise<SessionOptions> {
  if (existsSync(against)) {
    if (await isRevision(systemGit, against, options.paths)) {
      const other = `${against}^0`
      io.stderr.write(
        `note: ${printable(against)} is a path and a revision: the path is compared with; say ${printable(other)} for the revision\n`,
      )
    }
    return { ...options, paths: [against] }
  }
  const found = await findRevision(systemGit, against, options.paths)
  if (!found.ok) throw new UsageError(found.reason)
  const { revision } = found
  return { ...options, source: (parse) => revisionSource(revision, parse) }
}

/** Promises that are broken already are of no matter to a change, unless it breaks them further. */
const isFault = (finding: Diagnostic): boolean => isError(finding) && !PROMISES.has(finding.code)

const PROMISES: ReadonlySet<string> = new Set<ControllerCode>(['CheckBroken', 'CheckIncomplete'])

const NOT_IN_REVISION: SourceCode = 'NotInRevision'

const isAboutRevision = ({ code }: Diagnostic): boolean => code === NOT_IN_REVISION
