import { systemExecutor, type Finished } from '../../../../src/firewall/nft/executor.ts'
import { knownTablesIn } from '../../../../src/firewall/nft/known-tables.ts'
import { nftFirewall } from '../../../../src/firewall/nft/nft.ts'
import { recordedFirewall, type RecordedOptions } from '../../../../src/firewall/recorded.ts'
import { diffRulesets } from '../../../../src/policy/ruleset-change.ts'
import { nodeFileSystem, type FileSystem } from '../../../../src/storage/file-system.ts'
import { delegate } from '../delegate.ts'

/**
 * Programs what is on record in the folder `desired`, and is killed as by `kill -9` at one step of it:
 * before a file takes its name or after, and before a transaction, while nft has it, or after.
 */
const [state = '', desired = '', killAt = '', ...enter] = process.argv.slice(2)

let steps = 0
let commits = 0
/** A step is known by its number, or by its name if it has one. */
function step(name?: string): void {
  steps += 1
  if ([name, String(steps)].includes(killAt)) process.kill(process.pid, 'SIGKILL')
}

async function around<T>(action: () => Promise<T>): Promise<T> {
  step()
  const result = await action()
  step()
  return result
}

const fileSystem: FileSystem = {
  ...nodeFileSystem,
  rename: (from, to) => around(() => nodeFileSystem.rename(from, to)),
}

const real = systemExecutor({ enter: () => enter, file: () => undefined })
const executor = delegate(real, {
  has: () => true,
  identity: () => undefined,
  run: (netns, command, input): Promise<Finished> => {
    if (input === undefined) return real.run(netns, command)
    return around(async () => {
      const running = real.run(netns, command, input)
      await new Promise((resolve) => setTimeout(resolve, 3))
      step(`commit ${String(++commits)}`)
      return running
    })
  },
})

const options: RecordedOptions = {
  mode: 'exclusive',
  palisade: '0.1.0',
  warn: (sentence) => {
    throw new Error(sentence)
  },
  fileSystem,
}
const wanted = await recordedFirewall(desired, options).read()
const firewall = nftFirewall({
  record: recordedFirewall(state, options),
  tables: knownTablesIn(state, options),
  executor,
  now: () => new Date(),
})
const change = diffRulesets(await firewall.read(), wanted)
await firewall.apply(change)
await firewall.repair()
