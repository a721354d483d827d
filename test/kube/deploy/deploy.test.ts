import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { load } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRecord } from '../../../src/core/record.ts'
import { kubectl, startCluster, type Cluster } from '../server/cluster.ts'
import { describeWithCluster } from '../shared.ts'
import { DEPLOY, entryPoint, recordAt, shippedObjects } from './shipped.ts'

const CRDS = path.join(DEPLOY, '../../crds')

describe('the folder for kubectl apply -k', () => {
  test('takes every CRD from where the others are, without a copy', () => {
    const list = load(readFileSync(path.join(CRDS, 'Kustomization'), 'utf8'))
    const files = readdirSync(CRDS).filter((file) => file.endsWith('.yaml'))
    expect(isRecord(list) && list['resources']).toEqual(files.sort())
  })

  test('names every file that is in it', () => {
    const list = load(readFileSync(path.join(DEPLOY, 'kustomization.yaml'), 'utf8'))
    const files = readdirSync(DEPLOY).filter(
      (file) => file.endsWith('.yaml') && file !== 'kustomization.yaml',
    )
    const named = isRecord(list) && Array.isArray(list['resources']) ? list['resources'] : []
    expect(named.filter((file) => file !== '../../crds').sort()).toEqual(files.sort())
  })

  test('starts what the image starts', () => {
    const dockerfile = readFileSync(path.join(DEPLOY, 'Dockerfile'), 'utf8')
    const [, words = ''] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? []
    for (const file of ['controller.yaml', 'agent.yaml']) {
      expect(JSON.parse(words)).toEqual(entryPoint(file).command)
    }
  })

  test('copies into the image only what is there', () => {
    const dockerfile = readFileSync(path.join(DEPLOY, 'Dockerfile'), 'utf8')
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, words = '']) =>
      words.split(' '),
    )
    const root = readdirSync(path.join(DEPLOY, '../..'))
    expect(copied).toContain('src')
    expect(copied.filter((name) => !root.includes(name))).toEqual([])
  })

  test('gives the controller no power of root, and the agent one', () => {
    const security = (file: string): unknown => entryPoint(file).container['securityContext']
    expect(security('controller.yaml')).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    })
    const [deployment] = shippedObjects('controller.yaml')
    expect(recordAt(deployment, 'spec', 'template', 'spec', 'securityContext')).toMatchObject({
      runAsNonRoot: true,
    })
    expect(security('agent.yaml')).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
    })
  })
})

describeWithCluster('kubectl apply -k', ({ binaries }) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster(binaries)
  })
  afterAll(() => cluster.stop())

  test('puts everything into an empty cluster, and again without a change', async () => {
    const words = ['apply', '--server-side', '-k', DEPLOY]
    const first = await kubectl(cluster, words)
    expect(first.stderr).toBe('')
    expect(first.stdout.trim().split('\n').length).toBeGreaterThan(20)
    const diff = await kubectl(cluster, ['diff', '--server-side', '-k', DEPLOY])
    expect(diff).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})
