import { namespaceOf } from '../../api/objects.ts'
import { isError } from '../../core/diagnostic.ts'
import { nearest } from '../../core/nearest.ts'
import type { Model } from '../../policy/model/model.ts'
import { matrixOf } from '../../policy/reachability/matrix.ts'
import { filtered, isMeant, namesOf } from '../../policy/reachability/matrix-filter.ts'
import { Reachability } from '../../policy/reachability/reachability.ts'
import type { Traffic } from '../../net/traffic.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { writeLines, type Io } from '../io.ts'
import { byPlace, findingLines } from '../output/findings.ts'
import { matrixCsv } from '../output/matrix/csv.ts'
import { matrixDot } from '../output/matrix/dot.ts'
import { matrixJson } from '../output/matrix/json.ts'
import { matrixMermaid } from '../output/matrix/mermaid.ts'
import { matrixTable } from '../output/matrix/table.ts'
import type { VpcMatrix } from '../output/matrix/vpc-matrix.ts'
import { paintFor } from '../output/paint.ts'
import { printable, printableJson } from '../output/printable.ts'
import { openSession, openState, restoredModel } from '../wiring.ts'

export interface MatrixOptions {
  readonly state: string
  readonly output: 'table' | 'json' | 'csv' | 'mermaid' | 'dot'
  readonly from?: string
  readonly to?: string
  readonly port?: Traffic
}

/** Who reaches whom on what: as manifests declare it, or without any as the state has it in force. */
export async function matrix(io: Io, paths: readonly string[], options: MatrixOptions): Promise<ExitStatus> {
  if (paths.length === 0) {
    const store = await openState(options.state)
    return tell(io, restoredModel(await store.readInventory()), options)
  }
  const session = await openSession(io, { paths, state: undefined, allowance: { type: 'All' } })
  try {
    const { findings } = await session.loop.look()
    const refused = byPlace(findings.filter(isError))
    const paint = paintFor(io.stderr, io)
    writeLines(
      io.stderr,
      refused.flatMap((finding) => findingLines(finding, paint)),
    )
    const status = tell(io, session.model, options)
    if (refused.length === 0) return status
    io.stderr.write('warning: only what is accepted is in the matrix: see palisade validate\n')
    return EXIT.bad
  } finally {
    await session.close()
  }
}

function tell(io: Io, model: Model, { output, from, to, port }: MatrixOptions): ExitStatus {
  // As the model has them, they are in the order of their history.
  const vpcs = [...model.vpcs()].sort((a, b) => (a.key < b.key ? -1 : 1))
  const matrices = vpcs.map((vpc) => ({
    namespace: namespaceOf(vpc.object),
    vpc: vpc.object.metadata.name,
    matrix: matrixOf(Reachability.of(model, vpc)),
  }))
  for (const word of [from, to]) {
    const reason = word === undefined ? undefined : unknown(word, matrices)
    if (reason === undefined) continue
    io.stderr.write(`error: ${printable(reason)}\n`)
    return EXIT.bad
  }
  const filter = {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(port !== undefined && { traffic: port }),
  }
  print(
    io,
    output,
    matrices.map((one) => ({ ...one, matrix: filtered(one.matrix, filter) })),
    Object.keys(filter).length === 0,
  )
  return EXIT.done
}

function print(
  io: Io,
  output: MatrixOptions['output'],
  matrices: readonly VpcMatrix[],
  isWhole: boolean,
): void {
  switch (output) {
    case 'json':
      writeLines(io.stdout, [printableJson(matrixJson(matrices))])
      return
    case 'csv':
      writeLines(io.stdout, matrixCsv(matrices))
      return
    case 'mermaid':
      writeLines(io.stdout, matrixMermaid(matrices))
      return
    case 'dot':
      writeLines(io.stdout, matrixDot(matrices))
      return
    case 'table':
      writeLines(io.stdout, matrixTable(matrices, paintFor(io.stdout, io), io.stdout.columns, isWhole))
  }
}

/** Why a word means no end at all; undefined if it does. */
function unknown(word: string, matrices: readonly VpcMatrix[]): string | undefined {
  const ends = matrices.flatMap(({ matrix: { ends: all } }) => all)
  if (ends.some((end) => isMeant(end, word))) return undefined
  const meant = nearest(word, new Set(ends.flatMap((end) => [...namesOf(end)])))
  const hint =
    meant === undefined
      ? 'say Internet, an address or prefix, an instance, a security group or an address group'
      : `did you mean ${meant}?`
  return `nothing that has addresses is called ${word}: ${hint}`
}
