/**
 * Writes a state of many objects (second argument) again and again, every write with one number
 * higher in every object, or in the first ones alone (fourth argument). Prints `ready`, then `written N` after
 * each: as often as the third argument says, or until killed. It goes on from the number that it finds.
 */
import { recordedFirewall } from '../../../src/firewall/recorded.ts'
import { openStateDirectory } from '../../../src/store/state-directory.ts'
import { instanceNamed, inventoryOf } from '../../contract/stored-objects.ts'
import { rulesetOf } from '../../contract/rulesets.ts'

const [folder = '', count = '1', times = 'Infinity', changing = count] = process.argv.slice(2)
const options = { mode: 'exclusive', palisade: '0.1.0' } as const
const store = await openStateDirectory(folder, options)
const firewall = recordedFirewall(folder, {
  ...options,
  warn: (sentence) => process.stdout.write(`${sentence}\n`),
})
const entries = new Map((await store.readInventory()).entries)
const [known] = entries.values()
process.stdout.write('ready\n')
const first = (known?.generation ?? 0) + 1

for (let number = first; number < first + Number(times); number++) {
  const mac = `02:00:00:${number
    .toString(16)
    .padStart(6, '0')
    .replaceAll(/..(?=.)/g, '$&:')}`
  const objects = Array.from({ length: Number(count) }, (_, index) =>
    instanceNamed(`web-${index}`, 'shop', mac),
  )
  const isFirst = entries.size === 0
  for (const [key, entry] of inventoryOf(isFirst ? objects : objects.slice(0, Number(changing)), number)
    .entries) {
    entries.set(key, entry)
  }
  await store.writeInventory({ entries, nextOrder: number })
  const { instances, remotes } = rulesetOf(Number(count), mac)
  await firewall.apply({ put: [...instances.values()], remove: [], putRemotes: remotes, removeRemotes: [] })
  await store.writeStatus(objects.slice(0, 20), [])
  process.stdout.write(`written ${number}\n`)
}
await store.close()
