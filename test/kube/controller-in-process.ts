import { runCli } from '../../src/cli/program.ts'
import { isRecord, type UnknownRecord } from '../../src/core/record.ts'
import { capturedIo } from '../cli/captured-io.ts'

/** `palisade controller` in this process. */
export interface RunningController {
  /** What it logged, one record for each line. */
  log(): readonly UnknownRecord[]
  /** Ends it as SIGTERM does; gives its exit status. */
  stop(): Promise<number>
}

export interface ControllerOptions {
  readonly now?: () => Date
  /** Besides those that every test needs. */
  readonly words?: readonly string[]
}

/** Starts one for these namespaces, with its Lease in the first of them; without any, for all of the cluster. */
export function startController(kubeconfig: string, ...namespaces: readonly string[]): RunningController {
  return startControllerWith({}, kubeconfig, ...namespaces)
}

export function startControllerWith(
  options: ControllerOptions,
  kubeconfig: string,
  ...namespaces: readonly string[]
): RunningController {
  const io = capturedIo({ now: options.now ?? (() => new Date()) })
  const [home] = namespaces
  const place = home === undefined ? [] : ['--namespaces', ...namespaces, '--lease-namespace', home]
  const words = ['controller', '--kubeconfig', kubeconfig, ...place, '--health-address', '127.0.0.1:0']
  const ended = runCli([...words, ...(options.words ?? [])], io)
  return {
    log: () => io.err().split('\n').flatMap(recordOf),
    stop: () => {
      io.stop()
      return ended
    },
  }
}

function recordOf(line: string): readonly UnknownRecord[] {
  if (line === '') return []
  const value: unknown = JSON.parse(line)
  return isRecord(value) ? [value] : []
}
