import { displayKey } from '../../core/key.ts'
import type { ConnectionText } from '../../policy/reachability/connection-text.ts'
import type { VpcConnections } from '../../policy/reachability/snapshot.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'

/** The connections that a plan opens and closes, one line each, under the VPC that they are in. */
export function connectionLines(all: readonly VpcConnections[], paint: Paint): readonly string[] {
  return all.flatMap(({ vpc, opens, closes }) => [
    paint.bold(printable(`connections in ${displayKey(vpc)}`)),
    ...opens.map((one) => paint.green(`  opens:  ${connectionText(one)}`)),
    ...closes.map((one) => paint.red(`  closes: ${connectionText(one)}`)),
  ])
}

const connectionText = ({ from, to, traffic }: ConnectionText): string =>
  printable(`${from} -> ${to} ${traffic}`)
