import type { Locate } from '../../controller/declared.ts'
import { isError } from '../../core/diagnostic.ts'
import { displayKey, parseKey, type ObjectKey } from '../../core/key.ts'
import type { Model } from '../../policy/model/model.ts'
import { parseAskedTraffic, type AskedTraffic } from '../../policy/reachability/asked-traffic.ts'
import { explain as explainIn, summary } from '../../policy/reachability/explanation.ts'
import { Reachability } from '../../policy/reachability/reachability.ts'
import { EXIT, UsageError, type ExitStatus } from '../exit-status.ts'
import { writeLines, type Io } from '../io.ts'
import { explanationJson } from '../output/explanation-json.ts'
import { explanationLines, type ExplanationResult, type Place } from '../output/explanation-text.ts'
import { paintFor } from '../output/paint.ts'
import { printable, printableJson } from '../output/printable.ts'
import { readEnd, vpcsOf, type NamedEnd } from '../question-end.ts'
import { placeOfSource, placesInFiles, type PlaceOf } from '../rule-places.ts'
import { openSession, openState, restoredModel } from '../wiring.ts'

export interface ExplainOptions {
  readonly state: string
  /** Manifests to ask about in place of what is in force. */
  readonly manifests?: readonly string[]
  readonly namespace?: string
  readonly output: 'text' | 'json'
  readonly expect?: 'allowed' | 'denied'
}

/** What is asked about, and where its objects are written. */
interface World {
  readonly model: Model
  /** Instances by key, those that were never accepted too. */
  readonly keys: readonly ObjectKey[]
  readonly placeOf: PlaceOf
  /** Whether all that is declared could be looked at. */
  readonly isWhole: boolean
}

/** May FROM reach TO, and which rules decide it? */
export async function explain(
  io: Io,
  [from, to, traffic]: readonly [string, string, string],
  options: ExplainOptions,
): Promise<ExitStatus> {
  const asked = parseAskedTraffic(traffic)
  if (!asked.ok) throw new UsageError(asked.reason)
  const world =
    options.manifests === undefined ? await inForce(options.state) : await declared(io, options.manifests)
  const ends = [from, to].map((word) => readEnd(word, options.namespace, world.model, world.keys))
  const [source, target] = ends
  if (source === undefined || target === undefined) throw new Error('a question has two ends')
  for (const end of [source, target]) if (!end.ok) return refuse(io, end.reason)
  if (!source.ok || !target.ok) return EXIT.bad
  const found = answer(world.model, source.end, target.end, asked.value, options.namespace)
  if (!found.ok) return refuse(io, found.reason)
  const result = { from, to, traffic, ...found.result }
  const place: Place = (rule, direction) =>
    placeOfSource(rule, { namespace: found.namespace, direction }, world.model, world.placeOf)
  const paint = paintFor(io.stdout, io)
  if (options.output === 'json') writeLines(io.stdout, [printableJson(explanationJson(result, place))])
  else writeLines(io.stdout, explanationLines(result, place, paint))
  const isExpected = options.expect === undefined || options.expect === result.answer.toLowerCase()
  return isExpected && world.isWhole ? EXIT.done : EXIT.bad
}

type Found =
  | {
      readonly ok: true
      readonly namespace: string
      readonly result: Pick<ExplanationResult, 'answer' | 'reason' | 'cases'>
    }
  | { readonly ok: false; readonly reason: string }

function answer(
  model: Model,
  from: NamedEnd,
  to: NamedEnd,
  { traffic, asked, family }: AskedTraffic,
  namespace: string | undefined,
): Found {
  const denied = (reason: string): Found => ({
    ok: true,
    namespace: '',
    result: { answer: 'Denied', reason, cases: [] },
  })
  for (const { instance } of [from, to]) {
    if (instance !== undefined && model.instance(instance) === undefined) {
      return denied(`${displayKey(instance)} was never accepted, so it denies everything`)
    }
  }
  const sources = vpcsOf(from, namespace, model)
  const targets = vpcsOf(to, namespace, model)
  // An instance decides the VPC; to it, an address of another VPC is only an address.
  const named = [from.instance === undefined ? [] : sources, to.instance === undefined ? [] : targets].flat()
  if (named.length === 2 && named[0] !== named[1]) {
    return denied('they are in different VPCs, and there is no path between VPCs')
  }
  const candidates = named.length > 0 ? new Set(named) : new Set([...sources, ...targets])
  const [vpc, ...others] = candidates
  if (vpc === undefined) {
    return {
      ok: false,
      reason: `neither ${from.word} nor ${to.word} is an instance or has the address of one: palisade decides nothing here`,
    }
  }
  if (others.length > 0) {
    const names = [...candidates].map(({ key }) => displayKey(key)).join(' and ')
    return { ok: false, reason: `these addresses are in ${names}: name an instance, or say --namespace` }
  }
  const ofFamily = (end: NamedEnd): NamedEnd['ends'] =>
    end.ends.filter((one) => family === undefined || one.family === family)
  const question = { from: ofFamily(from), to: ofFamily(to), traffic, asked }
  const cases = explainIn(vpc, Reachability.of(model, vpc), question)
  const place = parseKey(vpc.key).namespace
  if (cases.length === 0) {
    const reason = 'they have no addresses of one family for it'
    return { ok: true, namespace: place, result: { answer: 'Denied', reason, cases } }
  }
  return { ok: true, namespace: place, result: { answer: summary(cases), cases } }
}

async function inForce(state: string): Promise<World> {
  const store = await openState(state)
  const inventory = await store.readInventory().finally(() => store.close())
  const { entries } = inventory
  return {
    model: restoredModel(inventory),
    keys: [...entries.keys()],
    placeOf: placesInFiles((key) => entries.get(key)?.origin),
    isWhole: true,
  }
}

async function declared(io: Io, manifests: readonly string[]): Promise<World> {
  const session = await openSession(io, { paths: manifests, state: undefined, allowance: { type: 'All' } })
  try {
    const { declared: files, findings } = await session.loop.look()
    const isWhole = !findings.some(isError)
    if (!isWhole) {
      io.stderr.write('warning: only what is accepted is looked at: see palisade validate\n')
    }
    const documents = files.flatMap((file) => file.documents)
    const places = new Map<ObjectKey, Locate>(
      documents.flatMap(({ key, locate }) => (key === undefined ? [] : [[key, locate] as const])),
    )
    return { model: session.model, keys: [...places.keys()], placeOf: (key) => places.get(key), isWhole }
  } finally {
    await session.close()
  }
}

function refuse(io: Io, reason: string): ExitStatus {
  io.stderr.write(`error: ${printable(reason)}\n`)
  return EXIT.bad
}
