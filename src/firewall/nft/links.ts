import { isList, isRecord } from '../../core/record.ts'
import { FirewallError } from '../firewall.ts'
import type { Executor, Netns } from './executor.ts'
import { inNamespace } from './nft-command.ts'

/** An interface of a network namespace. */
export interface Link {
  /** Stays when the interface is renamed. */
  readonly index: number
  readonly name: string
  /** Names that programs may give for it as well (ip link property add); packets never come under them. */
  readonly altnames?: readonly string[]
  /** What it is enslaved to, such as `bridge br0`. */
  readonly master?: string
}

/** Every interface of a namespace. Rejects with FirewallError. */
export async function listLinks(executor: Executor, netns: Netns): Promise<readonly Link[]> {
  const { status, stdout, stderr } = await executor.run(netns, ['ip', '-json', '-details', 'link', 'show'])
  const list: unknown = status === 0 ? JSON.parse(stdout) : undefined
  if (!isList(list)) {
    const reason = stderr.trim().split('\n')[0] ?? ''
    throw new FirewallError(`ip cannot list the interfaces${inNamespace(netns)}: ${reason}`)
  }
  return list.flatMap((item) => {
    if (!isRecord(item)) return []
    const { ifindex, ifname, altnames, master, linkinfo } = item
    if (typeof ifindex !== 'number' || typeof ifname !== 'string') return []
    const link: Link = {
      index: ifindex,
      name: ifname,
      ...(isList(altnames) && { altnames: altnames.filter((name) => typeof name === 'string') }),
    }
    if (typeof master !== 'string') return [link]
    const kind = isRecord(linkinfo) ? linkinfo['info_slave_kind'] : undefined
    return [{ ...link, master: typeof kind === 'string' ? `${kind} ${master}` : master }]
  })
}
