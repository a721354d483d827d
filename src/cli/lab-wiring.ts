import { fileURLToPath } from 'node:url'
import type { Firewall } from '../firewall/firewall.ts'
import { memoryFirewall } from '../firewall/memory.ts'
import { systemExecutor } from '../firewall/nft/executor.ts'
import { knownTablesInMemory } from '../firewall/nft/known-tables.ts'
import { nftFirewall } from '../firewall/nft/nft.ts'
import type { Lab } from '../lab/lab.ts'
import { LAB_NODE } from '../lab/names.ts'
import type { Topology } from '../lab/topology.ts'
import type { Io } from './io.ts'

/** The firewall of a lab: its routers' kernels. */
export function labFirewall({ now }: Pick<Io, 'now'>, lab: Lab, topology: () => Topology): Firewall {
  const executor = systemExecutor({
    enter: (router) => (router === undefined ? undefined : lab.entering(router)),
    file: (router) => (router === undefined ? undefined : lab.namespaceFile(router)),
  })
  const [record, tables] = [memoryFirewall(), knownTablesInMemory()]
  return lab.firewall(nftFirewall({ record, tables, executor, node: LAB_NODE, now }), topology)
}

/** The program that a lab sends packets with, compiled like this file. */
export const PROBER = fileURLToPath(new URL('../lab/probe/main.js', import.meta.url))
