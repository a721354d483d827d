/** Opens the state folder that is its argument and keeps it until killed. */
import { openStateDirectory } from '../../../src/store/state-directory.ts'

await openStateDirectory(process.argv[2] ?? '', { mode: 'exclusive', palisade: '0.1.0' })
process.stdout.write('held\n')
setInterval(() => undefined, 60_000)
