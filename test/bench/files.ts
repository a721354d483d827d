import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Instances in the file benchmark, and the files that they are spread over. */
const INSTANCES = 10_000
const FILES = 100

/** A folder of 10,000 instances in 100 files, with a VPC and twenty groups. */
export function writeManifests(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const groups = Array.from({ length: 20 }, (_, index) => groupText(index))
  writeFileSync(path.join(folder, 'network.yaml'), [VPC, ...groups].join('---\n'))
  for (let file = 0; file < FILES; file += 1) {
    const perFile = INSTANCES / FILES
    const texts = Array.from({ length: perFile }, (_, index) => instanceText(file * perFile + index))
    writeFileSync(instanceFile(folder, file), texts.join('---\n'))
  }
}

export function instanceFile(folder: string, file: number): string {
  return path.join(folder, `instances-${String(file).padStart(3, '0')}.yaml`)
}

const VPC = `apiVersion: palisade.dev/v1alpha1
kind: VPC
metadata:
  name: bench
spec:
  cidrs: [10.0.0.0/8]
`

function groupText(index: number): string {
  const name = `role-${String(index)}`
  const peer = `role-${String((index + 1) % 20)}`
  return `apiVersion: palisade.dev/v1alpha1
kind: SecurityGroup
metadata:
  name: ${name}
spec:
  vpcRef: {name: bench}
  instanceSelector: {matchLabels: {role: ${name}}}
  ingress:
  - name: https
    protocol: TCP
    ports: [443]
    remote: {cidr: 0.0.0.0/0}
  - name: peers
    protocol: TCP
    ports: ["8000-8080"]
    remote: {securityGroupRef: {name: ${peer}}}
  egress:
  - name: all
`
}

function instanceText(index: number): string {
  return `apiVersion: palisade.dev/v1alpha1
kind: Instance
metadata:
  name: instance-${String(index)}
  labels:
    role: role-${String(index % 20)}
spec:
  vpcRef: {name: bench}
  addresses: [10.${String(index >> 16)}.${String((index >> 8) & 255)}.${String(index & 255)}]
`
}
