import { loadCrds, readShippedCrd } from '../../schema/crd.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Io } from '../io.ts'

/** The CRDs as they are shipped, as one stream of YAML. */
export function crds(io: Io): ExitStatus {
  for (const { file } of loadCrds()) io.stdout.write(`---\n${readShippedCrd(file)}`)
  return EXIT.done
}
