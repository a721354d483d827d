import { accessSync, constants, readFileSync } from 'node:fs'
import path from 'node:path'
import { LabError } from './lab-error.ts'

/** Programs that a lab runs, and the package that brings each (Debian's name). */
const PROGRAMS: readonly (readonly [program: string, packageName: string])[] = [
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['setpriv', 'util-linux'],
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
]

/** Where administrators' programs are, which users often do not have on their path. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']

export function systemPath(userPath: string | undefined): string {
  return [userPath === undefined || userPath === '' ? '/usr/bin:/bin' : userPath, ...SYSTEM_FOLDERS].join(':')
}

/** Throws LabError unless this is Linux with every program that a lab needs, those of `more` included. */
export function assertPrograms(
  userPath: string | undefined,
  more: readonly (readonly [program: string, packageName: string])[] = [],
): void {
  if (process.platform !== 'linux') throw new LabError('a lab needs the network namespaces of Linux')
  const folders = systemPath(userPath).split(':')
  const missing = [...PROGRAMS, ...more].filter(
    ([program]) => !folders.some((one) => isProgram(one, program)),
  )
  if (missing.length === 0) return
  const names = missing.map(([program]) => program).join(', ')
  const packages = [...new Set(missing.map(([, packageName]) => packageName))].join(' ')
  throw new LabError(`a lab needs ${names}, which this machine does not have: install ${packages}`)
}

function isProgram(folder: string, name: string): boolean {
  try {
    accessSync(path.join(folder, name), constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Settings by which a system forbids user namespaces to users, the value that does, and how to lift it. */
const FORBIDDING: readonly (readonly [setting: string, value: string, remedy: string])[] = [
  ['user.max_user_namespaces', '0', 'sysctl -w user.max_user_namespaces=15000'],
  ['kernel.unprivileged_userns_clone', '0', 'sysctl -w kernel.unprivileged_userns_clone=1'],
  [
    'kernel.apparmor_restrict_unprivileged_userns',
    '1',
    'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  ],
]

/** Why there is no user namespace, as one sentence; `told` is what the program said that was refused. */
export function userNamespaceRefusal(
  told: string,
  read: (setting: string) => string | undefined = readSetting,
): string {
  for (const [setting, value, remedy] of FORBIDDING) {
    if (read(setting) === value) {
      return `the system forbids user namespaces, which a lab is built in (${setting} is ${value}): an administrator can allow them with ${remedy}`
    }
  }
  const [line = 'no reason was given'] = told.split('\n')
  return `the system forbids user namespaces, which a lab is built in (${line}): inside of a container, its seccomp or AppArmor profile has to allow unshare(2)`
}

function readSetting(setting: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${setting.replaceAll('.', '/')}`, 'utf8').trim()
  } catch {
    return undefined
  }
}
