import { isList, isRecord } from '../../core/record.ts'
import { formatAddress, parseAddress } from '../../net/address.ts'
import { containsAddress, parsePrefix, type Prefix } from '../../net/prefix.ts'
import type { Executor, Netns } from './executor.ts'

/**
 * Tells addresses under which a namespace itself receives packets: those of its interfaces, of any VRF, and whole
 * prefixes such as the loopback's. Rejects where `ip` cannot be run or fails.
 */
export async function localAddresses(
  executor: Executor,
  netns: Netns,
): Promise<(address: string) => boolean> {
  const single = new Set<string>()
  const wide: Prefix[] = []
  for (const family of ['-4', '-6']) {
    const command = ['ip', family, '-json', 'route', 'show', 'table', 'all', 'type', 'local'] as const
    const { status, stdout, stderr } = await executor.run(netns, command)
    if (status !== 0) throw new Error(`ip cannot list local addresses: ${stderr.trim().split('\n')[0] ?? ''}`)
    const list: unknown = stdout.trim() === '' ? [] : JSON.parse(stdout)
    for (const route of isList(list) ? list : []) {
      const to = isRecord(route) ? route['dst'] : undefined
      if (typeof to !== 'string') continue
      const address = parseAddress(to)
      if (address !== undefined) single.add(formatAddress(address))
      else {
        const read = parsePrefix(to)
        if (read.ok) wide.push(read.prefix)
      }
    }
  }
  return (text) => {
    if (single.has(text)) return true
    const address = parseAddress(text)
    return address !== undefined && wide.some((prefix) => containsAddress(prefix, address))
  }
}
