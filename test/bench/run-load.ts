import { NftRig } from './nft-rig.ts'
import { LARGE, nftWorkload } from './nft-workload.ts'

/** Loads the largest table in a process of its own, as a process that starts does: nothing is warm. Prints JSON. */
const rig = await NftRig.open()
try {
  process.stdout.write(JSON.stringify(await rig.program(nftWorkload(LARGE))))
} finally {
  await rig.close()
}
