import { hash } from 'node:crypto'
import type { ObjectKey } from '../core/key.ts'

/** The node that the instances of a lab are attached to. */
export const LAB_NODE = 'lab'

/** The interface of an instance in its VPC's router: `pal` and eight digits, which few names share. */
export function portName(instance: ObjectKey): string {
  return `pal${digits(instance).slice(0, 8)}`
}

/** What an attachment calls the router of a VPC. VPCs of two namespaces may have one name. */
export function routerName(vpc: ObjectKey): string {
  return `vpc-${digits(vpc).slice(0, 8)}`
}

/** The MAC address of an instance that states none: locally administered, and the same each time. */
export function derivedMac(instance: ObjectKey): string {
  const octets = digits(instance).slice(8, 18).match(/../g) ?? []
  return ['02', ...octets].join(':')
}

const digits = (key: ObjectKey): string => hash('sha256', key, 'hex')
