import { expect, test } from 'vitest'
import { cli } from './captured-io.ts'
import { SHOP, workplace } from './workplace.ts'

const OWN = `apiVersion: palisade.dev/v1alpha1
kind: CloudProfile
metadata: { name: standard }
spec:
  groupTypes:
    - name: Basic
      implicit: { ingress: Drop, egress: Allow }
      remotes: [CIDR, SecurityGroup]
  rules: { actions: [Allow] }
  instanceWithoutGroups: DenyAll
`

test('the four profiles are there without being declared, and count as nobody’s objects', async () => {
  const place = await workplace(SHOP)
  expect((await cli(['validate', place.manifests])).err).toBe('5 objects, 0 errors, 0 warnings\n')
  await cli(['apply', place.manifests, '--state', place.state])
  const { out } = await cli(['get', 'cloudprofiles', '-o', 'name', '--state', place.state])
  expect(out.match(/(?<=\/)\w+/g)).toEqual(['alibaba', 'jdcloud', 'nhn', 'standard'])
})

test('a profile of the user takes the place of a built-in one with its name, and gives it back', async () => {
  const place = await workplace({ ...SHOP, 'profile.yaml': OWN })
  await cli(['apply', place.manifests, '--state', place.state])
  const egress = async (): Promise<string> => {
    const { out } = await cli(['rules', 'web-1', '--state', place.state])
    return out.slice(out.indexOf('Egress'))
  }
  expect(await egress()).toContain('Allow')
  await place.remove('profile.yaml')
  expect(await cli(['apply', place.manifests, '--state', place.state])).toMatchObject({ status: 0, err: '' })
  expect(await egress()).not.toContain('Allow')
})
