import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/cli/exit-status.ts'
import { faultOf } from '../../src/cli/fault.ts'
import { FirewallError } from '../../src/firewall/firewall.ts'
import { StoreError } from '../../src/store/store.ts'
import { cli } from './captured-io.ts'

const VERBS = ['validate', 'plan', 'apply', 'run', 'get', 'rules', 'crds']

describe('help', () => {
  test('of palisade lists the verbs, and fits 80 columns', async () => {
    const { status, out, err } = await cli(['--help'])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    for (const verb of VERBS) expect(out).toMatch(new RegExp(`^  ${verb} `, 'm'))
    expect(longestLine(out)).toBeLessThanOrEqual(80)
    expect(out).toContain('Exit status: 0 done;')
  })

  test.each(VERBS)('of %s has an example, and fits 80 columns', async (verb) => {
    const { status, out } = await cli([verb, '--help'])
    expect(status).toBe(0)
    expect(out).toMatch(new RegExp(`Examples?:\n  \\$ palisade ${verb}`))
    expect(longestLine(out)).toBeLessThanOrEqual(80)
  })

  test('of a verb is also at help VERB', async () => {
    expect((await cli(['help', 'plan'])).out).toBe((await cli(['plan', '--help'])).out)
  })

  test('says where the state is by default', async () => {
    const { out } = await cli(['get', '--help'])
    expect(out.replace(/\s+/g, ' ')).toContain('(default: ".palisade")')
    const elsewhere = await cli(['get', '--help'], { env: { PALISADE_STATE: '/var/lib/palisade' } })
    expect(elsewhere.out.replace(/\s+/g, ' ')).toContain('(default: "/var/lib/palisade")')
  })
})

test('--version is the version of the package', async () => {
  const { status, out, err } = await cli(['--version'])
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(readFileSync('package.json', 'utf8')).toContain(`"version": "${out.trim()}"`)
})

describe('wrong usage exits with 2, says what is wrong, and prints no result', () => {
  test.each([
    [[], 'Usage: palisade'],
    [['plna', 'x'], "error: unknown command 'plna'\n(Did you mean plan?)"],
    [['plan'], "error: missing required argument 'path'"],
    [['rules'], "error: missing required argument 'instance'"],
    [['rules', 'a', 'b'], 'error: too many arguments'],
    [['plan', 'x', '--statte', 'y'], "error: unknown option '--statte'\n(Did you mean --state?)"],
    [['get', '-o', 'xml'], 'Allowed choices are table, wide, yaml, json, name.'],
    [['plan', 'x', '--allow-delete=many'], 'Write a number, a share such as 80%, or all.'],
    [['plan', 'x', '--allow-delete=101%'], 'Write a number, a share such as 80%, or all.'],
    [['plan', 'x', '-n', 'shop'], 'error: -n says where in a cluster manifests go: it takes --kubernetes'],
    [['plan', 'x', '--kubernetes', '--against', 'y'], 'cannot be used with option'],
    [['rules', 'x', '--context', 'prod', '--state', 'y'], 'cannot be used with option'],
    [['run', 'x', '--resync', '0'], 'It must be at least 1.'],
    [['run', 'x', '--resync', 'soon'], 'Write a whole number up to 1000000.'],
    [['run', 'x', '--log-level', 'loud'], 'Allowed choices are debug, info, warn, error, silent.'],
    [['apply', 'x', '--listed-addresses', '-1'], 'Write a whole number up to 1000000.'],
  ])('%j', async (words, text) => {
    const { status, out, err } = await cli(words)
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain(text)
  })
})

describe('palisade crds', () => {
  test('prints every CRD as one stream of YAML', async () => {
    const { status, out } = await cli(['crds'])
    expect(status).toBe(0)
    const files = out.split(/^---\n/m)
    expect(files[0]).toBe('')
    expect(files.slice(1).map((text) => /^ {4}kind: (\w+)$/m.exec(text)?.[1])).toEqual([
      'CloudProfile',
      'AddressGroup',
      'VPC',
      'SecurityGroup',
      'Instance',
      'ReachabilityCheck',
    ])
    expect(out).toContain(readFileSync('crds/vpcs.yaml', 'utf8'))
  })
})

describe('what goes wrong', () => {
  test.each([
    ['the state', new StoreError('the disk is full')],
    ['the firewall', new FirewallError('the kernel refused')],
    ['the system', Object.assign(new Error('write ENOSPC'), { syscall: 'write', errno: -28 })],
  ])('in %s is one sentence and status 3', (_, error) => {
    expect(faultOf(error)).toEqual({ status: 3, text: `error: ${error.message}\n` })
  })

  test('in the usage is one sentence and status 2', () => {
    expect(faultOf(new UsageError('no such kind'))).toEqual({ status: 2, text: 'error: no such kind\n' })
  })

  test('in the usage as commander sees it has been told', () => {
    expect(faultOf(new CommanderError(1, 'commander.unknownOption', 'x'))).toEqual({ status: 2, text: '' })
  })

  test('in palisade itself is told with the stack, and status 3', () => {
    const { status, text } = faultOf(new TypeError('x is undefined'))
    expect(status).toBe(3)
    expect(text).toMatch(/^error: palisade has a bug; .*\nTypeError: x is undefined\n {4}at /)
  })

  test('drives no terminal', () => {
    expect(faultOf(new StoreError('\x1b[2Jgone')).text).toBe('error: \\u001b[2Jgone\n')
  })
})

const longestLine = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))
