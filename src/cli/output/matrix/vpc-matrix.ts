import type { Matrix } from '../../../policy/reachability/matrix.ts'

/** A matrix with the VPC that it is of. */
export interface VpcMatrix {
  readonly namespace: string
  readonly vpc: string
  readonly matrix: Matrix
}
