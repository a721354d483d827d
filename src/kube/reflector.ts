import type { ObjectKey } from '../core/key.ts'
import type { Timers } from '../source/timers.ts'
import type { ApiRequest } from './api-request.ts'
import { BackOff } from './back-off.ts'
import type { Connection } from './connection.ts'
import { KubeError } from './kube-error.ts'
import { hasGoneBack, listObjects } from './list.ts'
import { ObjectCache } from './object-cache.ts'
import type { Resource } from './resource.ts'
import { keyOfServerObject, type ServerObject } from './server-object.ts'
import { sleep } from './sleep.ts'
import { readWatchEvent, type Bookmark, type WatchEvent } from './watch-event.ts'

export interface ReflectorOptions {
  readonly connection: Connection
  readonly resource: Resource
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined
  /** As `spec.attachment.nodeName=host-a`; an object that ceases to match counts as gone. */
  readonly fieldSelector?: string
  readonly timers: Timers
  /** From 0 to 1. */
  readonly random: () => number
  /** Milliseconds without a byte after which the server counts as gone. */
  readonly inactivityMs?: number
}

export interface ReflectorHealth {
  /** Since when the cache may be behind (milliseconds since 1970); undefined while it is not. */
  readonly disconnectedSince: number | undefined
  /** Why, as a sentence; undefined before the first failure. */
  readonly failure: string | undefined
}

/** Bookmarks come every 60 s, so this long a silence is no quiet resource. */
const INACTIVITY_MS = 75_000

/**
 * A watch ends by itself after five to ten minutes, as those of client-go do: rights are checked when it
 * opens, and clients spread over the servers again.
 */
const WATCH_S = 300

/**
 * Holds what the server has of one resource, by list and watch (Kubernetes, "API concepts"). It never
 * gives up: whatever goes wrong, the objects stay as they were last seen, and it tries again.
 */
export class Reflector {
  readonly #options: ReflectorOptions
  readonly #cache = new ObjectCache()
  readonly #bells = new Set<() => void>()
  readonly #stop = new AbortController()
  readonly #backOff: BackOff
  #version: string | undefined
  /** Whether a watch has brought anything since everything was read. */
  #hasFollowed = false
  /** How often everything was asked for, and which of these times what is known answers; 0: nothing is known. */
  #asked = 1
  #answered = 0
  /** Ends what is watched at the moment. */
  #attempt = new AbortController()
  /** Servers without WatchList (off by default before 1.34) refuse to send what there is as events. */
  #hasWatchList = true
  #health: ReflectorHealth = { disconnectedSince: undefined, failure: undefined }
  #running: Promise<void> | undefined

  constructor(options: ReflectorOptions) {
    this.#options = options
    this.#backOff = new BackOff(options.random)
  }

  /** As last seen. An object that did not change is the same as before. */
  get objects(): ReadonlyMap<ObjectKey, ServerObject> {
    return this.#cache.objects
  }

  /** Which of them changed. */
  get journal(): ObjectCache['journal'] {
    return this.#cache.journal
  }

  /** Whether everything has been seen once. */
  get isSynced(): boolean {
    return this.#answered > 0
  }

  get health(): ReflectorHealth {
    return this.#health
  }

  /** Rings whenever the objects may have changed, or the health; returns how to stop that. */
  onChange(bell: () => void): () => void {
    this.#bells.add(bell)
    return () => this.#bells.delete(bell)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Asks for everything anew, whatever has been seen; what is returned says whether it has come. */
  readAgain(): () => boolean {
    const asked = ++this.#asked
    this.#attempt.abort()
    return () => this.#answered >= asked
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#attempt.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const failure = await this.#watchOnce()
      if (failure !== undefined) await this.#recover(failure)
    }
  }

  async #recover(error: KubeError): Promise<void> {
    if (this.#stop.signal.aborted) return
    const isResume = this.#version !== undefined
    if (error.code === 410) {
      this.#version = undefined
      // A server that refuses even the version that it has just given must not be asked in a tight loop.
      if (isResume && this.#hasFollowed) return
    }
    if (error.code === 422 && !isResume) this.#hasWatchList = false
    this.#setHealth({
      disconnectedSince: this.#health.disconnectedSince ?? this.#options.timers.now(),
      failure: error.message,
    })
    await this.#wait(this.#backOff.next(error.retryAfter))
  }

  /** Watches until the watch ends, for what reason soever; gives the failure that ended it, if any. */
  async #watchOnce(): Promise<KubeError | undefined> {
    const asked = this.#asked
    if (this.#answered < asked) this.#version = undefined
    const { signal } = (this.#attempt = new AbortController())
    try {
      const hadNews = await this.#watch(asked, signal)
      // A server that ends every watch at once must not be asked in a tight loop.
      if (!hadNews) await this.#wait(this.#backOff.next())
      return undefined
    } catch (error) {
      if (signal.aborted) return undefined
      if (error instanceof KubeError) return error
      throw error
    }
  }

  /** True when it made progress. */
  async #watch(asked: number, signal: AbortSignal): Promise<boolean> {
    if (this.#version === undefined && !this.#hasWatchList) await this.#list(asked)
    const request = this.#watchRequest()
    const events = await this.#options.connection.watch(request, {
      signal,
      inactivityMs: this.#options.inactivityMs ?? INACTIVITY_MS,
    })
    if (await this.#isOutdated()) {
      this.#version = undefined
      this.#attempt.abort()
      return true
    }
    if (this.#version !== undefined) this.#setConnected()
    let initial = this.#version === undefined ? new Map<ObjectKey, ServerObject>() : undefined
    let hadNews = false
    for await (const line of events) {
      const event = readWatchEvent(request, line)
      if (initial !== undefined) {
        const end = collect(initial, event)
        if (end === undefined) continue
        this.#adopt(initial.values(), end.resourceVersion, asked)
        initial = undefined
      } else {
        this.#follow(event)
        this.#backOff.reset()
      }
      hadNews = true
    }
    return hadNews
  }

  /** Whether the server that has come back is one that never had what was read; while it does not say, it counts as the same. */
  async #isOutdated(): Promise<boolean> {
    const { resource, namespace, connection } = this.#options
    if (this.#version === undefined || this.#health.disconnectedSince === undefined) return false
    try {
      // Without the selector: looking for one that matches could take the server through all of them.
      return await hasGoneBack(connection, { resource, namespace }, this.#version)
    } catch (error) {
      if (error instanceof KubeError) return false
      throw error
    }
  }

  async #list(asked: number): Promise<void> {
    const { resource, namespace, fieldSelector, connection } = this.#options
    const query = fieldSelector === undefined ? {} : { fieldSelector }
    const { objects, resourceVersion } = await listObjects(connection, { resource, namespace, query })
    this.#adopt(objects, resourceVersion, asked)
  }

  #watchRequest(): ApiRequest {
    const { resource, namespace, fieldSelector, random } = this.#options
    const query = {
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(Math.round(WATCH_S * (1 + random()))),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(this.#version === undefined
        ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: this.#version }),
    }
    return { verb: 'watch', resource, namespace, query }
  }

  #adopt(objects: Iterable<ServerObject>, resourceVersion: string, asked: number): void {
    this.#cache.replace(objects)
    this.#version = resourceVersion
    this.#hasFollowed = false
    this.#answered = asked
    this.#health = { ...this.#health, disconnectedSince: undefined }
    this.#ring()
  }

  #follow(event: WatchEvent): void {
    this.#hasFollowed = true
    if (event.type === 'Bookmark') {
      this.#version = event.resourceVersion
      return
    }
    this.#version = event.object.metadata.resourceVersion
    if (event.type === 'Put') this.#cache.put(event.object)
    else this.#cache.remove(event.object)
    this.#ring()
  }

  #setConnected(): void {
    if (this.#health.disconnectedSince === undefined) return
    this.#setHealth({ ...this.#health, disconnectedSince: undefined })
  }

  #setHealth(health: ReflectorHealth): void {
    this.#health = health
    this.#ring()
  }

  #ring(): void {
    for (const bell of this.#bells) bell()
  }

  #wait(milliseconds: number): Promise<void> {
    return sleep(milliseconds, this.#options.timers, this.#stop.signal)
  }
}

/** Takes one of the events that say what there is; gives the bookmark once they are complete. */
function collect(initial: Map<ObjectKey, ServerObject>, event: WatchEvent): Bookmark | undefined {
  if (event.type === 'Bookmark') return event.endsInitial ? event : undefined
  const key = keyOfServerObject(event.object)
  if (event.type === 'Put') initial.set(key, event.object)
  else initial.delete(key)
  return undefined
}
