/**
 * Takes a state folder several times (second argument), against others that do the same, and prints
 * `held` each time. That it is alone is witnessed by a loopback port (third argument), which the
 * kernel gives to one process at a time and takes back from a dead one. The last holding ends by
 * kill -9, so that those who come after have to take a dead process's lock over.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { openStateDirectory, type StateDirectory } from '../../../src/store/state-directory.ts'

const [folder = '', times = '1', port = '0'] = process.argv.slice(2)

async function take(): Promise<StateDirectory> {
  for (;;) {
    try {
      return await openStateDirectory(folder, { mode: 'exclusive', palisade: '0.1.0' })
    } catch (error) {
      if (!String(error).includes('is in use by')) throw error
      await setTimeout(Math.random() * 5)
    }
  }
}

for (let count = Number(times); count > 0; count--) {
  const store = await take()
  const witness = createServer().listen({ port: Number(port), host: '127.0.0.1' })
  await once(witness, 'listening')
  await setTimeout(Math.random() * 3)
  process.stdout.write('held\n')
  if (count === 1) process.kill(process.pid, 'SIGKILL')
  witness.close()
  await once(witness, 'close')
  await store.close()
}
