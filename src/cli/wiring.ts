import path from 'node:path'
import type { PalisadeObject } from '../api/objects.ts'
import { Engine } from '../controller/engine.ts'
import type { DeletionAllowance } from '../controller/deletion-brake.ts'
import { HitSampler } from '../controller/hit-sampler.ts'
import { Loop } from '../controller/loop.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { formatMoment, type Moment } from '../core/moment.ts'
import { PromiseGuard, type Duty } from '../controller/promise-guard.ts'
import type { Model } from '../policy/model/model.ts'
import { ManifestReader } from '../controller/manifest-reader.ts'
import { LISTED_ADDRESSES } from '../controller/status/instance-status.ts'
import type { Firewall } from '../firewall/firewall.ts'
import { parseManifest } from '../manifest/parse.ts'
import { loadCrds } from '../schema/crd.ts'
import { createValidator } from '../schema/validator.ts'
import { fileSource } from '../source/files.ts'
import type { Parse, Source } from '../source/source.ts'
import { emptyInventory } from '../store/inventory-file.ts'
import { openStateDirectory } from '../store/state-directory.ts'
import type { Inventory, Store } from '../store/store.ts'
import { builtInFiles } from './built-in.ts'
import type { Io } from './io.ts'
import { openPlace, type Place, type PlaceOptions } from './place.ts'
import { Progress } from './progress.ts'
import { readVersion } from './version.ts'

export interface SessionOptions extends PlaceOptions {
  readonly allowance: DeletionAllowance
  /** Remote groups are listed in status with their addresses up to this many. */
  readonly listedAddresses?: number
  readonly resyncMs?: number | undefined
  /** The moment for which to look; absent: now. */
  readonly at?: Moment | undefined
  /** Whether the clock is believed although it has shown a later time. */
  readonly trustClock?: boolean | undefined
  /** Whether broken promises keep a change out. */
  readonly promises?: Duty
  /** What to read in place of the files at the paths. */
  readonly source?: (parse: Parse) => Source
  /** What was found without the manifests, and is not of their making. */
  readonly known?: readonly Diagnostic[]
  /** What enforces the rules instead of the firewall that is chosen. */
  readonly enclosure?: Enclosure
}

/**
 * Something that enforces and comes and goes with the session: it holds nothing at first, so what is
 * remembered of an earlier session does not count.
 */
export interface Enclosure {
  /** `model` is to be called when the firewall is told of a change. */
  readonly firewall: (model: () => Engine['model']) => Firewall
  /** Gives what counts in place of a declared object. */
  readonly adapt: (object: PalisadeObject) => PalisadeObject
}

/** Everything that looks at manifests, put together. */
export interface Session {
  readonly source: Source
  readonly store: Store
  readonly loop: Loop
  /** Rings when the firewall may have to be looked at; returns how to stop that. */
  readonly watchFirewall: (bell: () => void) => () => void
  /** Absent where the store keeps no samples. */
  readonly hits: HitSampler | undefined
  /** What is in force after the last look. */
  readonly model: Model
  /** What was found without the manifests, and is not of their making. */
  readonly known: readonly Diagnostic[]
  /** Gives the state folder back. */
  close(): Promise<void>
}

/** The one place where the parts meet: source, validator, engine, state and firewall. Rejects with UsageError. */
export async function openSession(io: Io, options: SessionOptions): Promise<Session> {
  return openSessionIn(await openPlace(io, options), io, options)
}

/** The same where the state is open already; it is closed with the session, and when that cannot be opened. */
export async function openSessionIn(place: Place, io: Io, options: SessionOptions): Promise<Session> {
  const { store } = place
  const { enclosure } = options
  const progress = new Progress(io)
  const { at } = options
  try {
    const builtIn = builtInFiles()
    const firewall = enclosure?.firewall(() => engine.model) ?? place.firewall
    const remembered = datedInventory(await store.readInventory(), io)
    const settings = {
      now: at === undefined ? io.now : () => new Date(at),
      trustClock: options.trustClock === true,
      allowance: options.allowance,
      listedAddresses: options.listedAddresses ?? LISTED_ADDRESSES,
      builtIn: new Set(builtIn.map(({ path }) => path)),
      ...(firewall.node !== undefined && { node: firewall.node }),
    }
    const engine: PromiseGuard = new PromiseGuard(
      (memory) => new Engine({ ...settings, ...memory }),
      enclosure === undefined ? remembered : emptyInventory(),
      await firewall.read(),
      options.promises,
    )
    const parse: Parse = (file, bytes) => {
      progress.fileRead()
      return parseManifest(file, bytes)
    }
    const source =
      options.source?.(parse) ??
      fileSource(options.paths, {
        stdin: io.stdin,
        ...(options.resyncMs !== undefined && { resyncMs: options.resyncMs }),
        parse,
      })
    const loop = new Loop({
      source,
      builtIn,
      reader: new ManifestReader(
        createValidator(loadCrds()),
        (key) => engine.previous(key),
        absolutePath,
        enclosure?.adapt,
      ),
      engine,
      store,
      firewall,
      progress: (done, total) => {
        progress.validated(done, total)
      },
    })
    const close = (): Promise<void> => {
      progress.clear()
      return store.close()
    }
    return {
      source,
      store,
      loop,
      get model() {
        return engine.model
      },
      known: options.known ?? [],
      hits: store.hits && new HitSampler({ firewall, note: store.hits, now: io.now }),
      watchFirewall: (bell) => firewall.watch(bell),
      close,
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Where nothing says when it came into force, as in a cluster, it is in force now. */
function datedInventory(inventory: Inventory, io: Io): Inventory {
  if (inventory.moment !== undefined || inventory.entries.size === 0) return inventory
  return { ...inventory, moment: formatMoment(io.now().getTime()) }
}

/** The state folder for looking into what is in force. */
export function openState(folder: string): Promise<Store> {
  return openStateDirectory(folder, { mode: 'read', palisade: readVersion() })
}

/** The model of what an inventory holds in force, through the code that put it in force. */
export function restoredModel(inventory: Inventory): Model {
  const engine = new Engine({
    inventory,
    programmed: { instances: new Map(), remotes: new Map() },
    // What is in force is as of the last moment that was acted on, not of now.
    now: () => new Date(0),
    allowance: { type: 'Default' },
    listedAddresses: LISTED_ADDRESSES,
    builtIn: new Set(),
  })
  return engine.model
}

/** One spelling for each file; standard input has no path. */
function absolutePath(file: string): string {
  return file === '-' ? file : path.resolve(file)
}
