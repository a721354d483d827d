import type { Probe, ProbeOutcome, ProbeRequest } from './probe.ts'
import { Prober } from './prober.ts'

/** A probe, from which namespace it is sent, and whether rules allow it. */
export interface ExpectedProbe {
  readonly probe: Probe
  /** The process that holds the namespace of the sender. */
  readonly sender: number
  readonly allowed: boolean
}

/**
 * How long an answer is waited for. It takes less than a millisecond, so nothing comes later on a
 * machine that is not overloaded; where an answer is due and none came, it is tried again with time
 * enough for a machine that is.
 */
const FIRST_WAIT_MS = 700
const SECOND_WAIT_MS = 5000

/** Probers at one time; each is a Node process of some 45 MB. */
const MOST_PROBERS = 4

/** Sends every probe, and returns what came of each, in order. Rejects with LabError when the lab goes away. */
export async function tryProbes(
  probes: readonly ExpectedProbe[],
  program: string,
): Promise<readonly ProbeOutcome[]> {
  const outcomes: ProbeOutcome[] = []
  const senders = [...new Set(probes.map(({ sender }) => sender))]
  const worker = async (): Promise<void> => {
    for (let sender = senders.pop(); sender !== undefined; sender = senders.pop()) {
      const own = [...probes.keys()].filter((index) => probes[index]?.sender === sender)
      await tryFrom(new Prober(sender, program), own, probes, outcomes)
    }
  }
  await Promise.all(Array.from({ length: MOST_PROBERS }, worker))
  return outcomes
}

async function tryFrom(
  prober: Prober,
  own: readonly number[],
  probes: readonly ExpectedProbe[],
  outcomes: ProbeOutcome[],
): Promise<void> {
  const send = async (indices: readonly number[], waitMs: number): Promise<void> => {
    const requests = indices.flatMap((index) => requestOf(probes[index]?.probe))
    const found = await prober.send({ requests, waitMs })
    for (const [at, index] of indices.entries()) outcomes[index] = found[at] ?? 'Silent'
  }
  try {
    await send(own, FIRST_WAIT_MS)
    const missing = own.filter((index) => probes[index]?.allowed === true && outcomes[index] !== 'Answered')
    if (missing.length > 0) await send(missing, SECOND_WAIT_MS)
  } finally {
    prober.close()
  }
}

function requestOf(probe: Probe | undefined): readonly ProbeRequest[] {
  if (probe === undefined) return []
  const { protocol, from, to, port = 0, sourcePort = 0 } = probe
  return [{ protocol, from: from.address, to: to.address, port, sourcePort }]
}
