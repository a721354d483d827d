#!/usr/bin/env node
import type { Writable } from 'node:stream'
import { faultOf } from './cli/fault.ts'
import type { Io, Output } from './cli/io.ts'
import { runCli } from './cli/program.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED = 130

/** The process as the verbs see it. */
function processIo(): Io {
  const listeners = new Set<() => void>()
  let isStopping = false
  const stop = (): void => {
    isStopping = true
    for (const listener of listeners) listener()
  }
  const takeSignal = (signal: NodeJS.Signals): void => {
    // The second Ctrl-C is from somebody who does not want to wait.
    if (isStopping && signal === 'SIGINT') process.exit(INTERRUPTED)
    stop()
  }
  return {
    stdout: outputOf(process.stdout, stop),
    stderr: outputOf(process.stderr, () => undefined),
    // Not opened before it is read: a verb that does not read it must not wait for it.
    stdin: { [Symbol.asyncIterator]: () => process.stdin[Symbol.asyncIterator]() },
    env: process.env,
    now: () => new Date(),
    onStop: (listener) => {
      if (listeners.size === 0) for (const signal of SIGNALS) process.on(signal, takeSignal)
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        // A signal that comes while the process ends anyway must not change how it ends.
        if (listeners.size === 0 && !isStopping) for (const signal of SIGNALS) process.off(signal, takeSignal)
      }
    },
  }
}

/** What process.stdout is: a terminal or not. */
interface StandardStream extends Writable {
  readonly isTTY?: boolean
  readonly columns?: number
}

function outputOf(stream: StandardStream, closed: () => void): Output {
  let isOpen = true
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has enough, as `head` does; nobody misses the rest.
    if (error.code !== 'EPIPE') throw error
    isOpen = false
    closed()
  })
  return {
    write: (text) => {
      if (isOpen) stream.write(text)
    },
    isTerminal: stream.isTTY === true,
    get columns() {
      // A terminal that does not know its width says 0.
      return stream.columns === 0 ? undefined : stream.columns
    },
  }
}

const io = processIo()

process.on('uncaughtException', (error) => {
  const { status, text } = faultOf(error)
  io.stderr.write(text)
  process.exit(status)
})

process.exitCode = await runCli(process.argv.slice(2), io)
