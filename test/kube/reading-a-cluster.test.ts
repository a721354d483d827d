import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { cli } from '../cli/captured-io.ts'
import { group, instance, shop, until } from './node-of-a-cluster.ts'
import { addressGroup, apply, createNamespace } from './place.ts'
import { ADMIN_TOKEN, kubectl, writeKubeconfig } from './server/cluster.ts'
import { startController } from './controller-in-process.ts'
import { installCrds } from './server/crds.ts'
import { describeWithCluster } from './shared.ts'

describeWithCluster('verbs with --kubernetes', (cluster) => {
  let namespace: string
  let words: readonly string[]

  beforeAll(async () => {
    await installCrds(cluster)
    namespace = await createNamespace(cluster)
    await apply(cluster, namespace, ...Object.values(shop(namespace)))
    words = ['--kubernetes', '--kubeconfig', cluster.kubeconfig]
    const controller = startController(cluster.kubeconfig, namespace)
    await until(async () => {
      const { stdout } = await kubectl(cluster, ['-n', namespace, 'get', 'instance', 'back', '-o', 'yaml'])
      expect(stdout).toContain('effectiveRules')
    })
    expect(await controller.stop()).toBe(0)
  })

  const fileOf = (name: string, object: object): string => {
    const file = path.join(cluster.folder, `${namespace}-${name}.json`)
    writeFileSync(file, JSON.stringify(object))
    return file
  }
  const appOn = (port: number): object =>
    group(namespace, 'app', { name: 'web', ports: [port], remote: { securityGroupRef: { name: 'web' } } })

  test('get shows the objects with their statuses', async () => {
    const { status, out, err } = await cli(['get', 'instances', '-n', namespace, ...words])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out).toMatch(/^back +/m)
    expect(out).toMatch(/^front +/m)
  })

  test('rules shows what is in force, addresses resolved', async () => {
    const { status, out } = await cli(['rules', `${namespace}/back`, ...words])
    expect(status).toBe(0)
    expect(out).toContain('8080')
    expect(out).toContain('10.0.1.1')
  })

  test('plan shows what an apply would change, and deletes nothing that is left out', async () => {
    const same = await cli(['plan', fileOf('same', appOn(8080)), '--exit-code', ...words])
    expect(same).toMatchObject({ status: 0 })
    const other = await cli(['plan', fileOf('other', appOn(9090)), '--exit-code', ...words])
    expect(other.status).toBe(4)
    expect(other.out).toContain(`SecurityGroup ${namespace}/app`)
    expect(other.out).toContain('0 objects to create, 1 to change, 0 to delete')
  })

  test('what is wrong or waits there without the manifests is not told of them', async () => {
    const lost = group(namespace, 'lost', { name: 'office', ports: [22], remote: { cidr: '192.0.2.0/24' } })
    const homeless = { ...lost, spec: { ...lost.spec, vpcRef: { name: 'nowhere' } } }
    // No controller has seen either yet.
    await apply(cluster, namespace, homeless, addressGroup('unseen', '192.0.2.0/24'))
    const file = fileOf('same', appOn(8080))
    expect(await cli(['validate', file, ...words])).toMatchObject({ status: 0, out: '' })
    expect(await cli(['plan', file, '--exit-code', ...words])).toMatchObject({ status: 0 })
    await kubectl(cluster, ['-n', namespace, 'delete', 'securitygroup/lost', 'addressgroup/unseen'])
  })

  test('validate judges manifests by what the cluster has', async () => {
    const taken = instance(namespace, 'second', ['app'])
    const { status, out } = await cli(['validate', fileOf('second', taken), ...words])
    expect(status).toBe(1)
    expect(out).toContain('10.0.2.1')
  })

  test('manifests that name no namespace go where -n says, as with kubectl', async () => {
    const file = fileOf('office', addressGroup('office', '192.0.2.0/24'))
    const there = await cli(['plan', file, '-n', namespace, ...words])
    expect(there.out).toContain(`+ create AddressGroup ${namespace}/office`)
    expect(there.out).toContain('1 object to create, 0 to change, 0 to delete')
    const elsewhere = await cli(['plan', file, ...words])
    expect(elsewhere.out).toContain('+ create AddressGroup default/office')
  })

  test('what waits there for another object is shown with what brings it', async () => {
    const early = group(namespace, 'early', { name: 'office', ports: [22], remote: { cidr: '192.0.2.0/24' } })
    const elsewhere = { ...early, spec: { ...early.spec, vpcRef: { name: 'later' } } }
    await apply(cluster, namespace, elsewhere)
    const vpc = { ...shop(namespace).vpc, metadata: { name: 'later', namespace } }
    const { out } = await cli(['plan', fileOf('later', vpc), ...words])
    expect(out).toContain(`+ create VPC ${namespace}/later`)
    expect(out).toContain(`+ create SecurityGroup ${namespace}/early`)
    await kubectl(cluster, ['-n', namespace, 'delete', 'securitygroup', 'early'])
  })

  test('an object of another API group is not taken for one of the same name', async () => {
    const foreign = { ...appOn(9090), apiVersion: 'cilium.io/v2' }
    const { status, out } = await cli(['plan', fileOf('foreign', foreign), '--exit-code', ...words])
    expect({ status, out }).toMatchObject({ status: 0 })
  })

  test('who names a context means its cluster', async () => {
    const [, ...cluster] = words
    const { status, out } = await cli(['get', 'instance/back', '-n', namespace, ...cluster])
    expect({ status, out }).toMatchObject({ status: 0, out: expect.stringMatching(/^back /m) })
    const nowhere = await cli(['get', '--context', 'nowhere', ...cluster])
    expect(nowhere).toMatchObject({ status: 3, err: expect.stringContaining('nowhere') })
  })

  test('a cluster that cannot be reached is said, and ends with 3', async () => {
    const nowhere = writeKubeconfig(cluster.folder, 'nowhere', 'https://127.0.0.1:9', ADMIN_TOKEN)
    const { status, err } = await cli(['get', '--kubernetes', '--kubeconfig', nowhere])
    expect(status).toBe(3)
    expect(err).toMatch(/^error: cannot watch .+: the API server refuses connections \(ECONNREFUSED\)\n$/)
  })
})
