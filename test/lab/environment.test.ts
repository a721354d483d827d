import { describe, expect, test } from 'vitest'
import { assertPrograms, userNamespaceRefusal } from '../../src/lab/environment.ts'

const nothing = (): undefined => undefined

describe('what a lab needs of the system', () => {
  test('is named with the packages that bring it', () => {
    expect(() => {
      assertPrograms('/bin', [
        ['no-such-ping', 'iputils-ping'],
        ['no-such-tool', 'tools'],
      ])
    }).toThrow(
      /^a lab needs (.*, )?no-such-ping, no-such-tool, which this machine does not have: install (.* )?iputils-ping tools$/,
    )
  })

  test.each([
    ['user.max_user_namespaces', '0', 'sysctl -w user.max_user_namespaces=15000'],
    ['kernel.unprivileged_userns_clone', '0', 'sysctl -w kernel.unprivileged_userns_clone=1'],
    [
      'kernel.apparmor_restrict_unprivileged_userns',
      '1',
      'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    ],
  ])('names the setting %s where that forbids it', (setting, value, remedy) => {
    const refusal = userNamespaceRefusal('unshare failed', (name) => (name === setting ? value : undefined))
    expect(refusal).toContain(`(${setting} is ${value})`)
    expect(refusal).toContain(remedy)
  })

  test('repeats what the system said where no setting explains it', () => {
    expect(userNamespaceRefusal('unshare: unshare failed: Operation not permitted\n', nothing)).toBe(
      'the system forbids user namespaces, which a lab is built in (unshare: unshare failed: Operation not permitted): inside of a container, its seccomp or AppArmor profile has to allow unshare(2)',
    )
  })
})
