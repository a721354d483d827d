import { parseKey } from '../../../core/key.ts'
import { formatPrefix } from '../../../net/prefix.ts'
import type { MatrixEnd } from '../../../policy/reachability/matrix-end.ts'
import { prefixesOf } from '../../../policy/reachability/party-text.ts'
import { trafficText } from '../../../policy/reachability/traffic-text.ts'
import type { VpcMatrix } from './vpc-matrix.ts'

/** For scripts: every end in full, and cells that name their ends by their place in that list. */
export function matrixJson(matrices: readonly VpcMatrix[]): object {
  return {
    vpcs: matrices.map(({ namespace, vpc, matrix: { ends, cells } }) => {
      const places = new Map(ends.map((end, place) => [end, place]))
      return {
        namespace,
        vpc,
        ends: ends.map(endJson),
        cells: cells.map(({ from, to, traffic }) => ({
          from: places.get(from),
          to: places.get(to),
          traffic: Object.fromEntries([...traffic].map(([family, set]) => [family, trafficText(set)])),
        })),
      }
    }),
  }
}

function endJson({ name, kind, instances, groups, addressGroups, addresses }: MatrixEnd): object {
  return {
    name,
    kind,
    instances: instances.map((key) => parseKey(key).name),
    securityGroups: groups,
    addressGroups,
    addresses: [...addresses].flatMap(([family, set]) => prefixesOf(set, family).map(formatPrefix)),
  }
}
