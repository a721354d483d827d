import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { systemPath } from './environment.ts'
import { LabError } from './lab-error.ts'

/**
 * What runs a command where a process of the lab is: its user and network namespaces. A command that
 * is to end with the lab enters the PID namespace as well; one that names processes as they are
 * called outside has to stay out of it.
 */
export function entering(pid: number, end: 'WithLab' | 'ByItself'): readonly [string, ...string[]] {
  const more = end === 'WithLab' ? ['--pid'] : []
  return ['nsenter', '--preserve-credentials', '--user', '--net', ...more, '--target', String(pid), '--']
}

/** The environment of commands in the lab. */
export function labEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: systemPath(env['PATH']) }
}

/** Runs a script of src/lab/scripts.ts where a process of the lab is. Rejects with LabError. */
export async function runScript(pid: number, script: string): Promise<void> {
  if (script.trim() === '') return
  const [program, ...words] = [...entering(pid, 'ByItself'), 'sh', '-e']
  const child = spawn(program, words, {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...labEnvironment(process.env), LC_ALL: 'C' },
    detached: true,
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  child.stdin.on('error', () => undefined)
  child.stdin.end(script)
  await once(child, 'close')
  if (child.exitCode === 0) return
  const [line = ''] = errors.trim().split('\n')
  throw new LabError(`a part of the lab could not be built: ${line}`)
}

/**
 * Runs a user's command where a process of the lab is, with this process's own input and output, and
 * returns its exit status, 128 and the signal's number when a signal ended it.
 *
 * A Ctrl-C reaches the command by itself, since it is in the terminal's foreground group as well; what is
 * sent to this process only is passed on: nsenter ends, and the command gets SIGTERM for that.
 */
export async function runAttached(pid: number, command: readonly string[]): Promise<number> {
  const [program, ...words] = [
    ...entering(pid, 'WithLab'),
    'setpriv',
    '--pdeathsig',
    'TERM',
    '--',
    ...command,
  ]
  const child = spawn(program, words, { stdio: 'inherit', env: labEnvironment(process.env) })
  const passOn = (signal: NodeJS.Signals): void => {
    child.kill(signal)
  }
  const ignore = (): void => undefined
  process.on('SIGINT', ignore)
  process.on('SIGTERM', passOn)
  process.on('SIGHUP', passOn)
  try {
    await once(child, 'close')
  } finally {
    process.off('SIGINT', ignore)
    process.off('SIGTERM', passOn)
    process.off('SIGHUP', passOn)
  }
  return child.exitCode ?? 128 + (child.signalCode === null ? 0 : constants.signals[child.signalCode])
}
