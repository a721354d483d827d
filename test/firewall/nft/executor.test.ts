import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Executor } from '../../../src/firewall/nft/executor.ts'
import { eventually } from '../../contract/sources.ts'
import { TestNetwork, USER, whatIsMissing } from './network.ts'

const missing = whatIsMissing()

/** Says which process it is and what it was given. */
const TELLING = ['sh', '-c', 'echo $$ $(readlink /proc/self/ns/net) $(cat)'] as const

/** A command is got ready 250 ms after it was asked for. */
const READY_MS = 400

function isWaiting(pid: string, namespace: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return command.includes('read -r go') && readlinkSync(`/proc/${pid}/ns/net`) === namespace
  } catch {
    // It has ended.
    return false
  }
}

describe.skipIf(missing !== undefined)(`a command that is got ready ${missing ?? ''}`, () => {
  let network: TestNetwork
  let executor: Executor
  beforeEach(async () => {
    network = await TestNetwork.open()
    await network.add('shop')
    executor = network.executor()
  })
  afterEach(async () => {
    executor.release('shop')
    await network.close()
  })

  /** Processes that wait in the namespace. */
  const waiting = (): readonly string[] => {
    const place = namespace()
    return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isWaiting(pid, place))
  }
  const namespace = (): string => network.sh('shop', 'readlink /proc/self/ns/net').trim()

  async function prepare(): Promise<string> {
    executor.prepare('shop', TELLING)
    await eventually(() => waiting().length === 1)
    return waiting()[0] ?? ''
  }

  test('takes its input from the process that waits for it', async () => {
    const pid = await prepare()
    const finished = await executor.run('shop', TELLING, 'first\nsecond\n')
    expect(finished).toEqual({
      status: 0,
      stdout: `${pid} ${namespace()} first second\n`,
      stderr: '',
      pid: Number(pid),
    })
  })

  test('is used once', async () => {
    const pid = await prepare()
    await executor.run('shop', TELLING, '1')
    const { stdout, pid: second } = await executor.run('shop', TELLING, '2')
    expect(stdout).toBe(`${String(second)} ${namespace()} 2\n`)
    expect(String(second)).not.toBe(pid)
  })

  test('does not run for another command, nor for one without input', async () => {
    const pid = await prepare()
    expect((await executor.run('shop', ['echo', 'other'], '')).stdout).toBe('other\n')
    expect((await executor.run('shop', TELLING)).pid).not.toBe(Number(pid))
    expect(waiting()).toEqual([pid])
  })

  test('is not run in a namespace that has gone: another may have its name', async () => {
    await prepare()
    const before = namespace()
    await network.drop('shop')
    await network.add('shop')
    const { stdout } = await executor.run('shop', TELLING, 'input')
    expect(namespace()).not.toBe(before)
    expect(stdout).toContain(namespace())
  })

  test('that was killed meanwhile is started anew', async () => {
    const pid = await prepare()
    process.kill(Number(pid), 'SIGKILL')
    await eventually(() => waiting().length === 0)
    await sleep(50)
    const { status, stdout } = await executor.run('shop', TELLING, 'input')
    expect(status).toBe(0)
    expect(stdout).toMatch(/ input\n$/)
  })

  test('ends without having run when it is released', async () => {
    await prepare()
    executor.release('shop')
    await eventually(() => waiting().length === 0)
    executor.prepare('shop', TELLING)
    executor.release('shop')
    await sleep(READY_MS)
    expect(waiting()).toEqual([])
  })

  test('gives its own exit status and what it complains of', async () => {
    const command = ['sh', '-c', 'cat >&2; exit 3'] as const
    executor.prepare('shop', command)
    await eventually(() => waiting().length === 1)
    const { status, stderr } = await executor.run('shop', command, 'wrong')
    expect({ status, stderr }).toEqual({ status: 3, stderr: 'wrong' })
  })
})

describe.skipIf(missing !== undefined)(`where there is no room ${missing ?? ''}`, () => {
  const program = fileURLToPath(new URL('programs/short-of-room.ts', import.meta.url))

  /** Of a run of the program after some commands of a shell that no other process notices. */
  const outcome = (prepare: string, ...words: readonly string[]): unknown => {
    const node = [process.execPath, '--import', 'tsx', program, ...words]
    const shell = ['sh', '-c', `${prepare} && exec "$@"`, 'sh', ...node]
    const { stdout, stderr } = spawnSync('unshare', [...USER, '-m', ...shell], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    return stdout === '' ? stderr : JSON.parse(stdout)
  }

  test('for the input, it says so, and leaves nothing behind', () => {
    expect(outcome('mount -t tmpfs -o size=1m tmpfs /mnt', 'disk', '/mnt')).toEqual({
      outcomes: ['ENOSPC', 'ENOSPC', 'small'],
      leaked: 0,
      children: 0,
    })
  })

  test('for descriptors, nothing is got ready, and the command is started when it comes', () => {
    expect(outcome('ulimit -n 64', 'files')).toEqual({ outcomes: ['small'], leaked: 0, children: 0 })
  })
})
