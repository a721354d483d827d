import { describe, expect, test } from 'vitest'
import { statusKey, statusPath } from '../../src/store/status-path.ts'

const label = 'a'.repeat(63)
const longName = `${'a'.repeat(190)}.${'b'.repeat(62)}`

describe('the path of a status file', () => {
  const paths: readonly (readonly [key: string, file: string])[] = [
    ['Instance/shop/web-1', 'shop/instance/web-1.yaml'],
    ['SecurityGroup/default/web.eu-1', 'default/securitygroup/web.eu-1.yaml'],
    ['VPC/0/0', '0/vpc/0.yaml'],
    ['AddressGroup/shop/a.yaml', 'shop/addressgroup/a.yaml.yaml'],
    ['CloudProfile//alibaba', '_cluster/cloudprofile/alibaba.yaml'],
    [`VPC/${label}/${'a'.repeat(250)}`, `${label}/vpc/${'a'.repeat(250)}.yaml`],
    [`VPC/shop/${longName}`, `shop/vpc/${longName.slice(0, 200)}~/${longName.slice(200)}.yaml`],
  ]
  test.each(paths)('%s is in %s', (key, file) => {
    const path = statusPath(key)
    expect([...(path?.folders ?? []), path?.file].join('/')).toBe(file)
    expect(statusKey(file.split('/'))).toBe(key)
  })

  test('no name on it is longer than the 255 bytes that a file name may have', () => {
    const { folders = [], file = '' } = statusPath(`VPC/shop/${longName}`) ?? {}
    expect(longName).toHaveLength(253)
    expect(Math.max(...[...folders, file].map((name) => name.length))).toBeLessThanOrEqual(255)
  })

  test.each([
    '',
    'Instance',
    'Instance/shop',
    'Instance/shop/',
    'Instance//web-1',
    'Instance/shop/..',
    'Instance/shop/.',
    'Instance/../web-1',
    'Instance/shop/../../../etc/passwd',
    'Instance/shop/a/b',
    'Instance/shop/a\\b',
    'Instance/shop/a\0b',
    'Instance/shop/.web',
    'Instance/shop/web.',
    'Instance/shop/a..b',
    'Instance/shop/-web',
    'Instance/shop/Web',
    'Instance/shop/web\n',
    'Instance/shop/wéb',
    'Instance/sh.op/web',
    'Instance/_cluster/web',
    `Instance/${label}a/web`,
    `Instance/shop/a${longName}`,
    'instance/shop/web',
    'Pod/shop/web',
    '../shop/web',
    'CloudProfile/shop/alibaba',
  ])('%j leads nowhere', (key) => {
    expect(statusPath(key)).toBeUndefined()
  })
})

describe('a file that palisade would not name so', () => {
  test.each([
    '.new',
    'shop/instance',
    'shop/instance/web.yml',
    'shop/instance/Web.yaml',
    'shop/Instance/web.yaml',
    'shop/pod/web.yaml',
    'shop/instance/web/1.yaml',
    'shop/instance/aa~/b.yaml',
    `shop/instance/${longName.slice(0, 199)}~/${longName.slice(199)}.yaml`,
    '_cluster/instance/web.yaml',
    'shop/cloudprofile/alibaba.yaml',
    'notes.yaml',
  ])('%s is nobody’s status', (file) => {
    expect(statusKey(file.split('/'))).toBeUndefined()
  })
})
