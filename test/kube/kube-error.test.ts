import { expect, test } from 'vitest'
import { refusalError, type KubeError } from '../../src/kube/kube-error.ts'
import { resourceOf } from '../../src/kube/resource.ts'

const WEB = { verb: 'patch', resource: resourceOf('SecurityGroup'), namespace: 'shops', name: 'web' } as const

function refused(code: number, message: string): KubeError {
  const text = JSON.stringify({ kind: 'Status', code, message })
  return refusalError(WEB, { code, retryAfterHeader: undefined, text })
}

const FORBIDDEN = 'securitygroups.palisade.dev "web" is forbidden:'

test('who may not is told what to grant; where one object or namespace is named, others may be writable', () => {
  const error = refused(403, `${FORBIDDEN} User "robot" cannot patch resource "securitygroups"`)
  expect(error.message).toContain('grant the verb patch on securitygroups')
  expect(error.isAboutAll).toBe(false)
  const unnamed =
    'securitygroups.palisade.dev is forbidden: User "robot" cannot patch resource "securitygroups"'
  expect(refused(403, `${unnamed} in the namespace "shops"`).isAboutAll).toBe(false)
  expect(refused(403, unnamed).isAboutAll).toBe(true)
})

test('a webhook of others that does not answer hinders only what it is asked about', () => {
  const said = 'Internal error occurred: failed calling webhook "policy.example.com": connection refused'
  expect(refused(500, said).isAboutAll).toBe(false)
})

test.each([
  [403, `${FORBIDDEN} unable to create new content in namespace shops because it is being terminated`],
  [403, `${FORBIDDEN} exceeded quota: few, requested: count/securitygroups.palisade.dev=1`],
  [403, 'admission webhook "policy.example.com" denied the request: no'],
  [413, 'Request entity too large: limit is 3145728'],
  [500, 'etcdserver: request is too large'],
  [500, 'rpc error: trying to send message larger than max (2142533 vs. 2097152)'],
  [422, 'status.enforced.object: Too long: may not be more than 1048576 bytes'],
] as const)('what is refused for its own sake says so, and hinders nothing else: %i %s', (code, said) => {
  const error = refused(code, said)
  expect(error.message).toBe(`cannot patch SecurityGroup shops/web: the API server answered ${code}: ${said}`)
  expect(error.isAboutAll).toBe(false)
  expect(error.isTooLarge).toBe(code !== 403)
})

test.each([401, 429, 500, 503])('a server that is out of order hinders everything: %i', (code) => {
  expect(refused(code, 'no').isAboutAll).toBe(true)
})
