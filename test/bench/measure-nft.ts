import { setTimeout as sleep } from 'node:timers/promises'
import type { Ruleset } from '../../src/policy/ruleset.ts'
import { whatIsMissing } from '../firewall/nft/network.ts'
import { runCompiled } from './compiled.ts'
import { measureSaved, REST_MS } from './measure-saved.ts'
import { NftRig, type Compared } from './nft-rig.ts'
import { LARGE, nftWorkload, type NftShape } from './nft-workload.ts'

/** Ratios of palisade's time to that of bare `nft -f` for the same text, in the same kernel and run. */
export interface LargeFigures {
  readonly load: number
  /** Where the counters were read since the last change, as `run` does time and again. */
  readonly rule: number
  /** A second after another change of the same chain. */
  readonly ruleAgain: number
  /** Right after it. */
  readonly ruleAtOnce: number
  readonly member: number
  readonly instance: number
}

export interface NftFigures extends LargeFigures {
  /** From the save of a file with one changed rule to the kernel's commit, and bare nft for such a rule, both after a rest. */
  readonly saved: {
    readonly milliseconds: number
    readonly bareMilliseconds: number
    readonly ratio: number
  }
  /** One member more in the shape of Calico's benchmark: milliseconds to the commit, and the ratio. */
  readonly calico: { readonly milliseconds: number; readonly ratio: number }
}

/** Calico measures its nftables back end with 2,000 sets of 100 members and 2,000 chains of 10 rules. */
const CALICO: NftShape = { instances: 2000, groups: 2000, rules: 10, everyRemote: 10, members: 100 }

const REPEATS = 5
/** The figure is of a few milliseconds, as is what else the machine does. */
const CALICO_REPEATS = 15
/** Each takes some eight seconds. */
const LOADS = 5
/** The kernel goes on taking down the tables of a namespace that is gone. */
const TEARDOWN_MS = 2000
/** Of the rule that is changed again and again. */
const LAST_PORT = 11_000

/** The largest workload of the nft firewall; a sentence where this system cannot run it. */
export async function measureNft(): Promise<NftFigures | string> {
  const missing = whatIsMissing()
  if (missing !== undefined) return missing
  const loads: number[] = []
  while (loads.length < LOADS) {
    const compared: Compared = JSON.parse(runCompiled('run-load'))
    loads.push(ratioOf(compared))
    await sleep(TEARDOWN_MS)
  }
  const large = await withRig(async (rig) => ({
    ...(await measureLarge(rig)),
    saved: await measureSavedBeside(rig),
  }))
  return { ...large, load: median(loads), calico: await withRig(measureCalico) }
}

async function withRig<T>(measure: (rig: NftRig) => Promise<T>): Promise<T> {
  const rig = await NftRig.open()
  try {
    return await measure(rig)
  } finally {
    await rig.close()
  }
}

async function measureLarge(rig: NftRig): Promise<Omit<LargeFigures, 'load'>> {
  await rig.program(nftWorkload(LARGE))
  await rig.witness()
  // As in a daemon, which listens for what others change once it has taken its first turn.
  const stop = rig.firewall.watch(() => undefined)
  const repeated = async (
    edit: (step: number) => Ruleset,
    before?: () => Promise<unknown>,
  ): Promise<number> => median((await programEach(rig, edit, before)).map(ratioOf))
  const rules = await programEach(
    rig,
    (step) => nftWorkload(LARGE, { port: 9000 + step }),
    () => rig.firewall.counters(),
  )
  const rule = median(rules.map(ratioOf))
  const ruleAgain = await repeated(
    (step) => nftWorkload(LARGE, { port: 10_000 + step }),
    () => sleep(1_000),
  )
  const last = { port: LAST_PORT }
  const ruleAtOnce = await repeated((step) => nftWorkload(LARGE, { port: LAST_PORT - REPEATS + step }))
  const member = await repeated((step) => nftWorkload(LARGE, { ...last, members: step }))
  const instance = await repeated((step) => nftWorkload(LARGE, { ...last, members: REPEATS, more: step }))
  stop()
  return { rule, ruleAgain, ruleAtOnce, member, instance }
}

/**
 * In turns with bare nft, of which nothing has run for a second either: what was not used for so long is in no cache,
 * and costs both. That of bare nft has the start of its process in it, of a table beside which another one lies.
 */
async function measureSavedBeside(rig: NftRig): Promise<NftFigures['saved']> {
  const bare: number[] = []
  const saved = await measureSaved(LARGE, async () => {
    const desired = nftWorkload(LARGE, { port: LAST_PORT + 1 + bare.length, members: REPEATS, more: REPEATS })
    bare.push((await rig.program(desired, REST_MS)).bare)
  })
  const [milliseconds, bareMilliseconds] = [median(saved), median(bare)]
  return { milliseconds, bareMilliseconds, ratio: milliseconds / bareMilliseconds }
}

/** Each after a rest, as a change that somebody makes. */
async function measureCalico(rig: NftRig): Promise<NftFigures['calico']> {
  await rig.program(nftWorkload(CALICO))
  await rig.witness()
  const stop = rig.firewall.watch(() => undefined)
  const times: Compared[] = []
  while (times.length < CALICO_REPEATS) {
    await sleep(REST_MS)
    times.push(await rig.program(nftWorkload(CALICO, { members: times.length + 1 }), REST_MS))
  }
  stop()
  return { milliseconds: median(times.map(({ own }) => own)), ratio: median(times.map(ratioOf)) }
}

async function programEach(
  rig: NftRig,
  edit: (step: number) => Ruleset,
  before?: () => Promise<unknown>,
): Promise<readonly Compared[]> {
  const times: Compared[] = []
  for (let step = 1; step <= REPEATS; step++) {
    await before?.()
    times.push(await rig.program(edit(step)))
  }
  return times
}

const ratioOf = ({ own, bare }: Compared): number => own / bare

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Infinity
