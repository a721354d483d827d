import { realpathSync } from 'node:fs'
import path from 'node:path'
import type { DeclaredFile } from '../../controller/declared.ts'
import type { Turn } from '../../controller/loop.ts'
import { findingsBeyond, type Diagnostic, type Severity } from '../../core/diagnostic.ts'
import type { CliCode } from '../codes.ts'
import { isForCluster, type TargetOptions } from '../cluster/options.ts'
import { openClusterSession } from '../cluster/cluster-session.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { writeLines, type Io } from '../io.ts'
import { count } from '../output/count.ts'
import { findingJson } from '../output/findings-json.ts'
import { byPlace, findingLines } from '../output/findings.ts'
import { githubCommand } from '../output/github.ts'
import { paintFor } from '../output/paint.ts'
import { printableJson } from '../output/printable.ts'
import { openSession } from '../wiring.ts'

export interface ValidateOptions extends TargetOptions {
  /** Absent: manifests are judged by themselves. */
  readonly state?: string
  readonly output: 'text' | 'json' | 'github'
}

/** Every finding of every storey; fails on errors alone. */
export async function validate(
  io: Io,
  paths: readonly string[],
  { state, output, ...cluster }: ValidateOptions,
): Promise<ExitStatus> {
  const session = isForCluster(cluster)
    ? await openClusterSession(io, cluster, { paths })
    : await openSession(io, {
        paths,
        state: state === undefined ? undefined : { folder: state, mode: 'read' },
        allowance: { type: 'All' },
      })
  try {
    const turn = await session.loop.look()
    const found = findingsBeyond(session.known, turn.findings)
    const findings = byPlace([...found, ...nothingDeclared(paths, turn)])
    const objects = turn.declared.reduce((sum, { documents }) => sum + documents.length, 0)
    const of = (severity: Severity): number => findings.filter((one) => one.severity === severity).length
    const [errors, warnings] = [of('error'), of('warning')]
    printFindings(io, output, findings, { objects, errors, warnings, foreign: turn.foreign })
    if (turn.foreign > 0) {
      io.stderr.write(`${count(turn.foreign, 'object')} of other API groups left to others\n`)
    }
    const sums = [count(objects, 'object'), count(errors, 'error'), count(warnings, 'warning')]
    io.stderr.write(`${sums.join(', ')}\n`)
    return errors > 0 ? EXIT.bad : EXIT.done
  } finally {
    await session.close()
  }
}

interface Summary {
  readonly objects: number
  readonly errors: number
  readonly warnings: number
  readonly foreign: number
}

function printFindings(
  io: Io,
  output: ValidateOptions['output'],
  findings: readonly Diagnostic[],
  summary: Summary,
): void {
  const paint = paintFor(io.stdout, io)
  switch (output) {
    case 'json':
      writeLines(io.stdout, [printableJson({ findings: findings.map(findingJson), summary })])
      return
    case 'github':
      writeLines(io.stdout, findings.map(githubCommand))
      return
    case 'text':
      writeLines(
        io.stdout,
        findings.flatMap((finding) => findingLines(finding, paint)),
      )
  }
}

/** A path that holds nothing is more often a slip than a wish; one that has a finding has said enough. */
function nothingDeclared(paths: readonly string[], { declared, findings }: Turn): readonly Diagnostic[] {
  return paths
    .filter((given) => !holdsAny(given, declared))
    .filter((given) => !findings.some(({ position }) => position !== undefined && isOf(given, position.file)))
    .map((given) => ({
      code: 'NothingDeclared' satisfies CliCode,
      severity: 'warning',
      message: `${given} holds no object of palisade`,
      hint: 'objects have apiVersion palisade.dev/v1alpha1; folders are read for *.yaml, *.yml and *.json',
      position: { file: given, line: 1, column: 1 },
    }))
}

/** A file that two paths lead to is read once, and has the name by which that was done. */
function holdsAny(given: string, declared: readonly DeclaredFile[]): boolean {
  const files = declared.filter(declaresAny)
  if (files.some((file) => isOf(given, file.path))) return true
  const real = realPath(given)
  return files.some((file) => isOf(real, realPath(file.path)))
}

/** What is not there, as standard input, has no other name. */
function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    return file
  }
}

const declaresAny = ({ documents }: DeclaredFile): boolean => documents.length > 0

/** Whether a file was read for a path: it is the file, or in the folder. */
function isOf(given: string, file: string): boolean {
  const way = path.relative(given, file)
  return way === '' || (way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way))
}
