import { located, type Locate } from '../../controller/declared.ts'
import { isError, type Diagnostic } from '../../core/diagnostic.ts'
import type { ObjectKey } from '../../core/key.ts'
import { lint as lintModel, type LintResult } from '../../policy/lint/lint.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { writeLines, type Io } from '../io.ts'
import { count } from '../output/count.ts'
import { findingJson } from '../output/findings-json.ts'
import { byPlace, findingLines } from '../output/findings.ts'
import { githubCommand } from '../output/github.ts'
import { paintFor } from '../output/paint.ts'
import { printableJson } from '../output/printable.ts'
import { sarifLog } from '../output/sarif.ts'
import { readVersion } from '../version.ts'
import { openSession } from '../wiring.ts'

export interface LintOptions {
  readonly output: 'text' | 'json' | 'github' | 'sarif'
}

/** What is accepted and yet seldom meant. Judges manifests by themselves, and only those that are valid. */
export async function lint(io: Io, paths: readonly string[], { output }: LintOptions): Promise<ExitStatus> {
  const session = await openSession(io, { paths, state: undefined, allowance: { type: 'All' } })
  try {
    const { findings, declared } = await session.loop.look()
    const refused = byPlace(findings.filter(isError))
    const paint = paintFor(io.stderr, io)
    writeLines(
      io.stderr,
      refused.flatMap((finding) => findingLines(finding, paint)),
    )
    if (refused.length > 0) {
      io.stderr.write('warning: only what is accepted is looked at: see palisade validate\n')
    }
    const places = new Map(
      declared.flatMap(({ documents }) => documents.map(({ key, locate }) => [key, locate])),
    )
    const results = inPlace(lintModel(session.model), places)
    print(io, output, results, refused)
    const told = results.filter(({ reason }) => reason === undefined)
    const silent = results.length - told.length
    io.stderr.write(
      `${count(told.length, 'finding')}${silent === 0 ? '' : `, ${String(silent)} more silenced`}\n`,
    )
    return refused.length > 0 || told.some(({ finding }) => isError(finding)) ? EXIT.bad : EXIT.done
  } finally {
    await session.close()
  }
}

function inPlace(
  results: readonly LintResult[],
  places: ReadonlyMap<ObjectKey | undefined, Locate>,
): readonly LintResult[] {
  const placed = results.map((result) => {
    const [finding = result.finding] = located([result.finding], places.get(result.finding.object))
    return { ...result, finding }
  })
  const order = byPlace(placed.map(({ finding }) => finding))
  const byFinding = new Map(placed.map((result) => [result.finding, result]))
  return order.flatMap((finding) => byFinding.get(finding) ?? [])
}

/** `refused`: what keeps some of what is declared from being looked at. */
function print(
  io: Io,
  output: LintOptions['output'],
  results: readonly LintResult[],
  refused: readonly Diagnostic[],
): void {
  const told = results.filter(({ reason }) => reason === undefined).map(({ finding }) => finding)
  const paint = paintFor(io.stdout, io)
  switch (output) {
    case 'json': {
      const findings = results.map(({ finding, reason }) => ({
        ...findingJson(finding),
        ...(reason !== undefined && { ignored: reason }),
      }))
      writeLines(io.stdout, [printableJson({ findings })])
      return
    }
    case 'sarif':
      writeLines(io.stdout, [printableJson(sarifLog(results, readVersion(), refused.length === 0))])
      return
    case 'github':
      writeLines(io.stdout, [...refused, ...told].map(githubCommand))
      return
    case 'text':
      writeLines(
        io.stdout,
        told.flatMap((finding) => findingLines(finding, paint)),
      )
  }
}
