import { AgentLoop, type AgentCluster, type AgentLoopOptions } from '../../src/agent/agent-loop.ts'
import { AgentMemory } from '../../src/agent/agent-memory.ts'
import { memoryFirewall } from '../../src/firewall/memory.ts'
import { memoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { plainProfile } from '../reference/objects.ts'

type Options = Partial<Omit<AgentLoopOptions, 'cluster' | 'memory'>> & {
  readonly cluster: Partial<AgentCluster> & Pick<AgentCluster, 'read'>
  readonly store?: Store
}

/** An agent that remembers nothing, of a cluster in which every deletion is meant, at noon, unless something else is said. */
export function openAgent({ cluster, store = memoryStore(), ...options }: Options): Promise<AgentLoop> {
  const { node = 'host-a' } = options
  return AgentLoop.open({
    node,
    cluster: { doubtsOf: () => Promise.resolve(new Map()), report: () => undefined, ...cluster },
    builtIn: [plainProfile('standard')],
    memory: new AgentMemory(store, node),
    firewall: memoryFirewall(),
    now: () => new Date('2026-03-01T12:00:00Z'),
    elapsed: () => 0,
    ...options,
  })
}
