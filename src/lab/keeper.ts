import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { LabError } from './lab-error.ts'
import { systemPath, userNamespaceRefusal } from './environment.ts'

/**
 * The process that everything of a lab lives under. It is the first process of a PID namespace, so the
 * kernel ends everything in there with it; and it is killed itself when the process that started it
 * ends, however that ends (PR_SET_PDEATHSIG, and the end of its input). Namespaces have no names that
 * could be left behind: a sleeping process holds each.
 *
 * `/proc` is still the one outside, so what a process reads about itself there is its PID as others
 * outside of the lab know it. The first command fails where the kernel gives a user namespace
 * without rights in it.
 */
const KEEPER = `
ip link set lo up || exit 1
echo ready
while read -r word; do
  unshare --net sh -c 'read -r pid rest < /proc/self/stat; echo "$pid"; exec sleep infinity' < /dev/null &
done
`

const UNSHARE = ['--user', '--map-root-user', '--net', '--pid', '--fork', '--kill-child']

/** One user namespace, and network namespaces in it. */
export class Keeper {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  /** Namespaces are made one after the other, so each answer is to the oldest request. */
  #turn: Promise<unknown> = Promise.resolve()
  #isClosing = false

  private constructor(child: ChildProcess, lines: AsyncIterator<string>) {
    this.#child = child
    this.#lines = lines
  }

  /** `lost` is called when it ends by itself. Rejects with LabError where the system does not allow it. */
  static async open(lost: () => void): Promise<Keeper> {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...UNSHARE, 'sh', '-c', KEEPER], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, PATH: systemPath(process.env['PATH']) },
      // In a session of its own: a Ctrl-C is for the one who started the lab.
      detached: true,
    })
    const errors: string[] = []
    child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text))
    // Writing to one that has ended is no news: `lost` tells.
    child.stdin.on('error', () => undefined)
    const failed = new Promise<string>((resolve) => {
      child.once('error', (error) => {
        resolve(error.message)
      })
      child.once('exit', () => {
        resolve(errors.join('').trim())
      })
    })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const first = await Promise.race([lines.next(), failed])
    if (typeof first === 'string' || first.done === true) {
      throw new LabError(userNamespaceRefusal(await failed))
    }
    const keeper = new Keeper(child, lines)
    child.once('exit', () => {
      if (!keeper.#isClosing) lost()
    })
    return keeper
  }

  /** A new network namespace: the process that holds it. */
  create(): Promise<number> {
    const made = this.#turn.then(async () => {
      this.#child.stdin?.write('new\n')
      const line = await this.#lines.next()
      const pid = line.done === true ? NaN : Number(line.value)
      if (!Number.isSafeInteger(pid)) throw new LabError('the lab ended while a network namespace was made')
      return pid
    })
    this.#turn = made.catch(() => undefined)
    return made
  }

  /** Ends everything in the lab, and waits until it is gone. */
  async close(): Promise<void> {
    this.#isClosing = true
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
