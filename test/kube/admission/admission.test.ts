import { beforeEach, describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import { Admission } from '../../../src/kube/admission/admission.ts'
import type { AdmissionRequest, Decision } from '../../../src/kube/admission/review.ts'
import { group, instance, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../../policy/installation.ts'
import { worldOf } from './world.ts'

const shop = valid(vpc('shop', { limits: { securityGroups: 2 } }))
const web = valid(group('web', 'shop'))
const app = valid(group('app', 'shop'))
const one = valid(instance('one', 'shop', ['web'], { addresses: ['10.0.0.1'] }))

const asked = (object: PalisadeObject, request: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  uid: 'u',
  operation: 'CREATE',
  userName: 'somebody',
  dryRun: false,
  object: { ...object },
  oldObject: undefined,
  ...request,
})
const deletion = (object: PalisadeObject, userName = 'somebody'): AdmissionRequest =>
  asked(object, { operation: 'DELETE', userName, object: undefined, oldObject: { ...object } })

describe('admission', () => {
  let installation: Installation
  let admission: Admission
  let now: number
  let isReady: boolean
  /** Runs each time that somebody waits. */
  let meanwhile: () => void

  beforeEach(() => {
    installation = new Installation(shop, web, one)
    now = 0
    isReady = true
    meanwhile = () => undefined
    const world = worldOf(installation)
    admission = new Admission(() => (isReady ? world : undefined), {
      now: () => now,
      wait: (milliseconds) => {
        now += milliseconds
        meanwhile()
        return Promise.resolve()
      },
    })
  })
  const review = (request: AdmissionRequest): Promise<Decision | undefined> => admission.review(request)
  const refusal = async (request: AdmissionRequest): Promise<string | undefined> =>
    (await review(request))?.refusal

  test('refuses what acceptance would refuse, in the same words', async () => {
    const twin = valid(instance('two', 'shop', ['web'], { addresses: ['10.0.0.1'] }))
    expect(await refusal(asked(twin))).toBe(
      'Instance default/two: spec.addresses[0]: 10.0.0.1 belongs to Instance default/one: ' +
        'choose another address, or take it away from Instance default/one.',
    )
    installation.declare(twin)
    expect(installation.codes(twin)).toEqual(['AddressTaken'])
  })

  test('warns of what only waits for another object, since that may come next', async () => {
    const early = valid(instance('early', 'shop', ['later'], { addresses: ['10.0.0.9'] }))
    const decision = await review(asked(early))
    expect(decision?.refusal).toBeUndefined()
    expect(decision?.warnings).toEqual([
      'Instance default/early: spec.securityGroupRefs[0].name: there is no SecurityGroup later in namespace ' +
        'default: declare it, or correct the name.',
    ])
  })

  test('refuses what is not valid by itself', async () => {
    const object = { ...web, spec: { ...web.spec, innerAccess: 'Maybe' } }
    expect(await refusal(asked(web, { object }))).toContain('innerAccess')
  })

  test('refuses that what is used goes, and says who uses it', async () => {
    expect(await refusal(deletion(web))).toBe(
      'SecurityGroup default/web cannot be deleted, since Instance default/one still needs it: ' +
        'take it out of them first, or delete them.',
    )
    expect(await refusal(deletion(one))).toBeUndefined()
  })

  test('lets what only other groups name be deleted, since they may name each other', async () => {
    const names = (name: string, remote: string): PalisadeObject =>
      valid(
        group(name, 'shop', { ingress: [{ name: 'in', remote: { securityGroupRef: { name: remote } } }] }),
      )
    const pair = [names('a', 'b'), names('b', 'a')]
    installation.declare(valid(vpc('shop')), ...pair)
    const decision = await review(deletion(valid(group('a', 'shop'))))
    expect(decision?.refusal).toBeUndefined()
    expect(decision?.warnings).toEqual([
      'SecurityGroup default/a stays in force for now, since SecurityGroup default/b still needs it: ' +
        'it goes when they do not need it any more.',
    ])
  })

  test('leaves the end of a namespace to the finalizers', async () => {
    const sweeper = 'system:serviceaccount:kube-system:namespace-controller'
    expect(await refusal(deletion(web, sweeper))).toBeUndefined()
  })

  test('lets finalizers be taken from what is being deleted', async () => {
    const ending = { ...web, metadata: { ...web.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
    const request = asked(web, { operation: 'UPDATE', oldObject: ending, object: ending })
    expect(await refusal(request)).toBeUndefined()
  })

  test('has nothing against what is declared already, refused or not', async () => {
    const twin = valid(instance('two', 'shop', ['web'], { addresses: ['10.0.0.1'] }))
    installation.declare(twin)
    expect(await refusal(asked(twin, { operation: 'UPDATE' }))).toBeUndefined()
  })

  test('waits no longer than until what it admitted has come back, whatever notes kubectl keeps in it', async () => {
    const notes = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' }
    const noted = { ...app, metadata: { ...app.metadata, annotations: notes } }
    expect(await refusal(asked(app, { object: noted }))).toBeUndefined()
    installation.declare(app)
    expect(await refusal(asked(one, { operation: 'UPDATE' }))).toBeUndefined()
    await refusal(asked(valid(instance('two', 'shop', ['app'], { addresses: ['10.0.0.2'] }))))
    expect(now).toBe(0)
  })

  test('admits one of two that come at once to the last free place', async () => {
    const late = valid(group('late', 'shop'))
    meanwhile = () => {
      installation.declare(app)
    }
    const answers = await Promise.all([refusal(asked(app)), refusal(asked(late))])
    expect(answers).toEqual([undefined, expect.stringContaining('there are 2 security groups already')])
  })

  test('does not wait for ever for what the API server refused after all', async () => {
    expect(await refusal(asked(app))).toBeUndefined()
    expect(await refusal(asked(valid(group('late', 'shop'))))).toBeUndefined()
    expect(now).toBe(200)
  })

  test('does not wait for a dry run, which never comes', async () => {
    expect(await refusal(asked(app, { dryRun: true }))).toBeUndefined()
    expect(await refusal(asked(valid(group('late', 'shop'))))).toBeUndefined()
    expect(now).toBe(0)
  })

  test('says nothing before all objects are read', async () => {
    isReady = false
    expect(await review(asked(app))).toBeUndefined()
  })
})
