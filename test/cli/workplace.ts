import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of manifests and a state folder of one test; both are removed after it. */
export interface Workplace {
  readonly manifests: string
  readonly state: string
  write(name: string, text: string): Promise<string>
  remove(name: string): Promise<void>
  read(name: string): Promise<string>
}

export async function workplace(files: Readonly<Record<string, string>> = {}): Promise<Workplace> {
  const root = await mkdtemp(path.join(tmpdir(), 'palisade-cli-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const manifests = path.join(root, 'manifests')
  await mkdir(manifests)
  const place: Workplace = {
    manifests,
    state: path.join(root, 'state'),
    write: async (name, text) => {
      const file = path.join(manifests, name)
      await writeFile(file, text)
      return file
    },
    remove: (name) => rm(path.join(manifests, name)),
    read: (name) => readFile(path.join(manifests, name), 'utf8'),
  }
  for (const [name, text] of Object.entries(files)) await place.write(name, text)
  return place
}

/** A VPC with a web server that is open to the world and an application that only it may call. */
export const SHOP: Readonly<Record<string, string>> = {
  'vpc.yaml': `apiVersion: palisade.dev/v1alpha1
kind: VPC
metadata: { name: shop }
spec: { cidrs: [10.0.0.0/16] }
`,
  'web.yaml': `apiVersion: palisade.dev/v1alpha1
kind: SecurityGroup
metadata: { name: web }
spec:
  vpcRef: { name: shop }
  ingress:
    - { name: https, protocol: TCP, ports: [443] }
`,
  'app.yaml': `apiVersion: palisade.dev/v1alpha1
kind: SecurityGroup
metadata: { name: app }
spec:
  vpcRef: { name: shop }
  ingress:
    - { name: web, protocol: TCP, ports: [8080], remote: { securityGroupRef: { name: web } } }
`,
  'instances.yaml': `apiVersion: palisade.dev/v1alpha1
kind: Instance
metadata: { name: web-1 }
spec: { vpcRef: { name: shop }, addresses: [10.0.1.1], securityGroupRefs: [{ name: web }] }
---
apiVersion: palisade.dev/v1alpha1
kind: Instance
metadata: { name: app-1 }
spec: { vpcRef: { name: shop }, addresses: [10.0.2.1], securityGroupRefs: [{ name: app }] }
`,
}
