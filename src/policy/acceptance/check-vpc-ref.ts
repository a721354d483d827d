import { namespaceOf } from '../../api/objects.ts'
import type { Instance, SecurityGroup, VPC } from '../../api/types.gen.ts'
import { finding, NO_FINDINGS, type Finding } from './finding.ts'

/**
 * A group or instance needs its VPC ("Before creating security group, you need to create virtual
 * private cloud", JD Cloud) in the same region ("any instance of the same virtual private cloud in
 * the same region").
 */
export function checkVpcRef(
  object: SecurityGroup | Instance,
  vpc: VPC | undefined,
  declared: boolean,
): readonly Finding[] {
  const { name } = object.spec.vpcRef
  if (vpc === undefined) {
    const path = ['spec', 'vpcRef', 'name']
    if (declared) {
      const hint = `correct VPC ${name} first`
      return [finding('VPCNotAccepted', object, path, `VPC ${name} was never accepted`, { hint })]
    }
    const problem = `there is no VPC ${name} in namespace ${namespaceOf(object)}`
    return [finding('VPCNotFound', object, path, problem, { hint: 'declare it, or correct the name' })]
  }
  const { region } = object.spec
  if (region === undefined || region === vpc.spec.region) return NO_FINDINGS
  const where = vpc.spec.region === undefined ? 'in no region' : `in region ${vpc.spec.region}`
  return [
    finding(
      'RegionMismatch',
      object,
      ['spec', 'region'],
      `${region} is not the region of VPC ${name}, which is ${where}`,
      {
        hint:
          vpc.spec.region === undefined ? 'leave region out' : `write ${vpc.spec.region} or leave region out`,
      },
    ),
  ]
}
