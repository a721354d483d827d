import type { Firewall } from './firewall.ts'

/** A firewall of others: it holds nothing here, and takes every change, since others enforce. */
export function firewallElsewhere(): Firewall {
  return {
    name: 'elsewhere',
    read: () => Promise.resolve({ instances: new Map(), remotes: new Map() }),
    apply: () => Promise.resolve(),
    repair: () => Promise.resolve([]),
    watch: () => () => undefined,
    counters: () => Promise.resolve([]),
  }
}
