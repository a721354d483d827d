import { FirewallError } from '../firewall.ts'
import type { Executor, Finished, Netns } from './executor.ts'
import { parseListing, type Listing } from './listing.ts'
import { TABLE } from './names.ts'

/** How nft takes a transaction. */
export type Loaded =
  | { readonly ok: true; readonly pid?: number }
  | {
      readonly ok: false
      readonly pid?: number
      /** What nft says of it. */
      readonly reason: string
      /** The command that it says it of, if it names one. */
      readonly line: string | undefined
      /** The element in it that it points at, if any. */
      readonly element?: string
    }

const LOAD = ['nft', '-f', '-'] as const

/** To list a table with 4,000 chains takes nft 40 times as long as to list one of them. */
const TABLE_COSTS_CHAINS = 200

/** The `nft` program in one namespace. */
export class NftCommand {
  readonly #executor: Executor
  readonly #netns: Netns

  constructor(executor: Executor, netns: Netns) {
    this.#executor = executor
    this.#netns = netns
  }

  /** What the table holds; undefined when there is none. */
  async list(): Promise<Listing | undefined> {
    return this.#list('table', TABLE)
  }

  /** Some of the chains of a table with so many: one by one, or with the table where that is less work. */
  async listChains(names: readonly string[], of: number): Promise<readonly Listing[]> {
    const one = (name: string): Promise<Listing | undefined> => this.#list('chain', `${TABLE} ${name}`)
    const isFew = names.length <= Math.max(1, of / TABLE_COSTS_CHAINS)
    const listings = isFew ? await Promise.all(names.map(one)) : [await this.list()]
    return listings.filter((listing) => listing !== undefined)
  }

  async #list(kind: 'table' | 'chain', name: string): Promise<Listing | undefined> {
    const words = ['-n', '-a', 'list', kind, ...name.split(' ')]
    const { status, stdout, stderr } = await this.#run(['nft', ...words])
    if (status === 0) return parseListing(stdout)
    if (stderr.includes('No such file or directory')) return undefined
    throw new FirewallError(
      `nft cannot list ${kind} ${name}${inNamespace(this.#netns)}: ${firstLine(stderr)}`,
    )
  }

  /** Gets ready for a commit that may come before long. */
  prepare(): void {
    this.#executor.prepare(this.#netns, LOAD)
  }

  release(): void {
    this.#executor.release(this.#netns)
  }

  /** Commits all commands of a text or none. */
  async load(text: string): Promise<Loaded> {
    const { status, stderr, pid } = await this.#run(LOAD, text)
    const by = pid === undefined ? {} : { pid }
    if (status === 0) return { ok: true, ...by }
    const found = /^[^:\n]*:(\d+):(\d+)-\d+: Error: (.*)$/m.exec(stderr)
    if (found === null) {
      const killed = status === null ? 'it was killed, for the time that it took or by somebody' : undefined
      return { ok: false, ...by, reason: killed ?? firstLine(stderr), line: undefined }
    }
    const line = text.split('\n')[Number(found[1]) - 1]
    const element = line === undefined ? undefined : elementAt(line, Number(found[2]) - 1)
    return { ok: false, ...by, reason: found[3] ?? '', line, ...(element !== undefined && { element }) }
  }

  async #run(command: readonly [string, ...string[]], input?: string): Promise<Finished> {
    try {
      return await this.#executor.run(this.#netns, command, input)
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause)
      throw new FirewallError(`nft cannot be run${inNamespace(this.#netns)}: ${problem}`, { cause })
    }
  }
}

export function inNamespace(netns: Netns): string {
  return netns === undefined ? '' : ` in network namespace ${netns}`
}

/** One of many elements that a command lists in braces. */
function elementAt(line: string, column: number): string | undefined {
  const open = line.indexOf('{ ')
  if (!/^(add|delete) element /.test(line) || open === -1 || column < open) return undefined
  const start = Math.max(open, line.lastIndexOf(', ', column)) + 2
  const next = line.indexOf(', ', column)
  return line.slice(start, next === -1 ? line.lastIndexOf(' }') : next)
}

function firstLine(text: string): string {
  const [first = ''] = text.trim().split('\n')
  return first === '' ? 'it gives no reason' : first.replace(/^Error: /, '')
}
