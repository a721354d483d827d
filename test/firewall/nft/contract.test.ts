import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'vitest'
import { knownTablesIn } from '../../../src/firewall/nft/known-tables.ts'
import { nftFirewall } from '../../../src/firewall/nft/nft.ts'
import { recordedFirewall } from '../../../src/firewall/recorded.ts'
import { describeFirewall } from '../../contract/firewalls.ts'
import { delegate } from './delegate.ts'
import { TestNetwork, whatIsMissing } from './network.ts'

const missing = whatIsMissing()
const warn = (sentence: string): never => {
  throw new Error(sentence)
}
const now = (): Date => new Date('2026-01-02T03:04:05.678Z')

if (missing !== undefined) {
  describe('nftFirewall', () => {
    test.skip(missing, () => undefined)
  })
} else {
  describeFirewall('nftFirewall', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'palisade-nft-'))
    const network = await TestNetwork.open()
    await network.add('shop')
    let fails = false
    const real = network.executor()
    const executor = delegate(real, {
      run: (netns, command, input) => {
        if (!fails || input === undefined) return real.run(netns, command, input)
        return Promise.resolve({ status: 1, stdout: '', stderr: 'Error: Out of memory' })
      },
    })
    return {
      open: () => {
        const options = { mode: 'exclusive', palisade: '0.1.0', now, warn } as const
        const record = recordedFirewall(folder, options)
        const firewall = nftFirewall({ record, tables: knownTablesIn(folder, options), executor, now, warn })
        return {
          name: firewall.name,
          read: () => firewall.read(),
          counters: () => firewall.counters(),
          repair: () => firewall.repair(),
          watch: (bell) => firewall.watch(bell),
          apply: (change) =>
            firewall.apply(change).finally(() => {
              fails = false
            }),
        }
      },
      counts: true,
      failNext: () => {
        fails = true
      },
      remove: async () => {
        await network.close()
        await rm(folder, { recursive: true })
      },
    }
  })
}
