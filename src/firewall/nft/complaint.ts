import { FirewallError } from '../firewall.ts'
import { blame, blameParts } from './blame.ts'
import type { Netns } from './executor.ts'
import type { Layout } from './layout.ts'
import { inNamespace, type Loaded } from './nft-command.ts'

/** Why nft refuses a transaction that is about these parts, with the objects that it complains of. */
export function complaint(
  { reason, line, element }: Extract<Loaded, { ok: false }>,
  layout: Layout,
  netns: Netns,
  parts: readonly string[],
): FirewallError {
  const about = line === undefined ? blameParts(layout, parts) : blame(layout, line, element)
  const subject = about === undefined ? '' : ` for ${about}`
  const words = element ?? line
  const command = words === undefined ? '' : ` (${words.length > 200 ? `${words.slice(0, 200)}...` : words})`
  return new FirewallError(`nft refuses the rules${subject}${inNamespace(netns)}: ${reason}${command}`)
}
