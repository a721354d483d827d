import { hostname } from 'node:os'
import path from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import { parseAllowance, type DeletionAllowance } from '../controller/deletion-brake.ts'
import { LISTED_ADDRESSES } from '../controller/status/instance-status.ts'
import { parseMoment } from '../core/moment.ts'
import { systemExecutor } from '../firewall/nft/executor.ts'
import { parsePorts } from '../net/ports.ts'
import { hasPorts, parseProtocol } from '../net/protocol.ts'
import { trafficOf, type Traffic } from '../net/traffic.ts'
import { LOG_LEVELS } from './live/log.ts'
import type { Io } from './io.ts'
import type { FirewallChoice } from './place.ts'

const STATE_VARIABLE = 'PALISADE_STATE'
const DEFAULT_STATE = '.palisade'

/** Where the state is: by option, else by the environment, else in the folder at hand. */
export function stateOption({ env }: Pick<Io, 'env'>): Option {
  const fallback = env[STATE_VARIABLE] ?? ''
  return new Option('--state <dir>', `the state folder (env: ${STATE_VARIABLE})`).default(
    fallback === '' ? DEFAULT_STATE : fallback,
  )
}

/** A lab starts from nothing each time, so its folder is never the one of `run`. */
export function labStateOption({ env }: Pick<Io, 'env'>): Option {
  const fallback = env[STATE_VARIABLE] ?? ''
  return new Option('--state <dir>', "the lab's own state folder, one for each lab").default(
    path.join(fallback === '' ? DEFAULT_STATE : fallback, 'lab'),
  )
}

export function outputOption(formats: readonly string[]): Option {
  const [first] = formats
  return new Option('-o, --output <format>', 'how to print').choices(formats).default(first)
}

export function namespaceOption(): Option {
  return new Option('-n, --namespace <name>', 'the namespace to look in')
}

export function expectOption(): Option {
  return new Option('--expect <answer>', 'exit with 1 unless this is the answer').choices([
    'allowed',
    'denied',
  ])
}

export function portOption(): Option {
  return new Option('--port <port>', 'only this: 443, 80-90, TCP/443').argParser(readPort)
}

/** Packets to a port, of the protocol named before it or of every protocol that has ports. */
function readPort(text: string): Traffic {
  const [, name, ports = ''] = /^(?:([^/]*)\/)?(.*)$/.exec(text) ?? []
  const protocol = name === undefined ? undefined : parseProtocol(name)
  if (name !== undefined && (typeof protocol !== 'number' || !hasPorts(protocol))) {
    throw new InvalidArgumentError(`${name} has no ports: say TCP, UDP or SCTP`)
  }
  const result = parsePorts([ports])
  if (!result.ok) throw new InvalidArgumentError('It is a port such as 443, 80-90 or TCP/443.')
  const { ranges } = result
  return trafficOf({ protocol: typeof protocol === 'number' ? protocol : 'All', ports: ranges })
}

export function allowDeleteOption(): Option {
  return new Option(
    '--allow-delete [amount]',
    'let a change delete so many objects: a number, a share such as 80%, or all (the same as no amount)',
  )
    .argParser(readAllowance)
    .default({ type: 'Default' } satisfies DeletionAllowance, 'half of the objects')
}

export function listedAddressesOption(): Option {
  return new Option('--listed-addresses <count>', 'list remote groups of up to so many addresses in status')
    .argParser(readCount)
    .default(LISTED_ADDRESSES)
}

export function resyncOption(): Option {
  return new Option(
    '--resync <seconds>',
    'look again at least this often, whatever the system tells',
  ).argParser((text) => {
    const seconds = readCount(text)
    if (seconds === 0) throw new InvalidArgumentError('It must be at least 1.')
    return seconds
  })
}

export function atOption(): Option {
  return new Option('--at <time>', 'as it will be then, such as 2026-12-01T18:00:00Z').argParser((text) => {
    const moment = parseMoment(text)
    if (moment === undefined) {
      throw new InvalidArgumentError('Write a date, a time and a zone: 2026-12-01T18:00:00Z.')
    }
    return moment
  })
}

export function trustClockOption(): Option {
  return new Option('--trust-clock', 'believe the clock although it has shown a later time before')
}

export function logLevelOption(): Option {
  return new Option('--log-level <level>', 'what to log').choices(LOG_LEVELS).default('info')
}

/** What enforces the rules, as the verbs that program take it. */
export interface EnforcementOptions {
  readonly firewall: FirewallChoice['type']
  readonly node: string
}

export function firewallOption(): Option {
  return new Option('--firewall <type>', 'record the rules in the state folder, or program nftables')
    .choices(['recorded', 'nft'] satisfies FirewallChoice['type'][])
    .default('recorded' satisfies FirewallChoice['type'])
}

export function nodeOption(
  description = 'with nft: enforce the instances that are attached to this node',
): Option {
  return new Option('--node <name>', description).default(hostname(), 'the host name')
}

export function firewallChoice({ firewall, node }: EnforcementOptions): FirewallChoice {
  return firewall === 'nft' ? { type: 'nft', executor: systemExecutor(), node } : { type: 'recorded' }
}

/**
 * `--allow-delete` alone means all, and is told so here, since otherwise the path after it would be read as
 * the amount. A word after it that is an amount is one.
 */
export function withExplicitAllowance(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--')
  const isBare = (index: number): boolean => words[index] === '--allow-delete' && (end === -1 || index < end)
  const isAmount = (word: string | undefined): word is string =>
    word !== undefined && parseAllowance(word) !== undefined
  return words.flatMap((word, index) => {
    if (isBare(index - 1) && isAmount(word)) return []
    if (!isBare(index)) return [word]
    const next = words[index + 1]
    return [`--allow-delete=${isAmount(next) ? next : 'all'}`]
  })
}

function readAllowance(text: string): DeletionAllowance {
  const allowance = parseAllowance(text)
  if (allowance === undefined) throw new InvalidArgumentError('Write a number, a share such as 80%, or all.')
  return allowance
}

/** Up to a million: enough for any list, few enough to add up. */
function readCount(text: string): number {
  const number = /^\d{1,7}$/.test(text) ? Number(text) : NaN
  if (!(number <= 1_000_000)) throw new InvalidArgumentError('Write a whole number up to 1000000.')
  return number
}
