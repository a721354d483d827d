import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, cp, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { runningLab } from '../../src/lab/lab-file.ts'
import { install, start, type Child, type Installation } from '../cli/installation.ts'
import { workplace, type Workplace } from '../cli/workplace.ts'
import { whatIsMissing } from '../firewall/nft/network.ts'

const QUICKSTART = path.resolve(import.meta.dirname, '../../manifests/quickstart')

const missing = whatIsMissing()

describe.skipIf(missing !== undefined)(`palisade lab ${missing ?? ''}`, () => {
  let palisade: Installation
  beforeAll(async () => {
    palisade = await install()
  })
  afterAll(() => palisade.remove())

  const lab = (place: Workplace, ...words: readonly string[]): Child => {
    const [verb = '', ...rest] = words
    return start(palisade, ['lab', verb, '--state', place.state, ...rest])
  }

  /** A lab of the quickstart's folder, up; taken down after the test. */
  async function up(): Promise<{ readonly place: Workplace; readonly child: Child }> {
    const place = await workplace()
    await cp(QUICKSTART, place.manifests, { recursive: true })
    const child = lab(place, 'up', place.manifests)
    onTestFinished(async () => {
      child.signal('SIGINT')
      await child.ended()
    })
    await isUp(child)
    return { place, child }
  }

  const isUp = (child: Child): Promise<void> =>
    vi.waitFor(
      () => {
        expect(child.err()).toContain('"msg":"lab is up"')
      },
      { timeout: 30_000, interval: 20 },
    )

  /** Every process that holds a namespace of a lab. */
  const holders = (place: Workplace): readonly number[] => {
    const text = readFileSync(path.join(place.state, 'lab.json'), 'utf8')
    return [...text.matchAll(/"(?:pid|router|internet)": (\d+)/g)].map(([, pid]) => Number(pid)).slice(1)
  }

  const isGone = (pid: number): boolean =>
    !existsSync(`/proc/${pid}/stat`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(' Z ')

  test('lets through what the rules allow and nothing else', { timeout: 60_000 }, async () => {
    const { place } = await up()
    const { status, out } = await lab(place, 'test').ended()
    expect(out).toMatch(/\nweb-1 +app-1 +TCP +8080 +22 80 443 8079 8081 47011\n/)
    expect(out).toMatch(/\n[4-9]\d\d probes in [\d.]+ s, 0 disagreements\n$/)
    expect(status).toBe(0)
  })

  test('finds packets that come through otherwise than the rules say', { timeout: 60_000 }, async () => {
    const { place } = await up()
    const { networks } = labFile(place)
    const entering = ['--preserve-credentials', '-U', '-n', '-t', String(networks[0]?.router), 'nft']
    const rules =
      'table inet other { chain c { type filter hook forward priority 300; tcp dport 443 drop; }; }'
    expect(spawnSync('nsenter', [...entering, '-f', '/dev/stdin'], { input: rules }).status).toBe(0)
    const { status, out } = await lab(place, 'test').ended()
    expect(out).toMatch(
      /disagreement: .* TCP 443: expected Answered, found Silent\n +web-1 Ingress: Allow TCP/,
    )
    expect(out).not.toMatch(/disagreement: .* TCP (?!443)/)
    expect(status).toBe(1)
  })

  test('cuts the connection whose rule goes, and no other', { timeout: 60_000 }, async () => {
    const { place } = await up()
    const ping = (to: string): Child =>
      lab(place, 'exec', 'internet', '--', 'ping', '-n', '-i', '0.1', '-O', to)
    const [ipv4, ipv6] = [ping('10.0.1.11'), ping('fd00:10:0:1::11')]
    const answers = (child: Child): number => child.out().split(' bytes from ').length - 1
    await vi.waitFor(
      () => {
        expect(Math.min(answers(ipv4), answers(ipv6))).toBeGreaterThan(3)
      },
      { timeout: 20_000 },
    )
    const file = path.join(place.manifests, 'web.yaml')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace(/ {4}- name: ping\n(?: {6}.*\n)+/, ''))
    await vi.waitFor(
      () => {
        expect(ipv4.out()).toMatch(/no answer yet for icmp_seq=\d+\n.*no answer yet/)
      },
      { timeout: 20_000 },
    )
    const [dead, alive] = [answers(ipv4), answers(ipv6)]
    await vi.waitFor(
      () => {
        expect(answers(ipv6)).toBeGreaterThan(alive + 3)
      },
      { timeout: 20_000 },
    )
    expect(answers(ipv4)).toBe(dead)
    expect(ipv6.out()).not.toContain('no answer yet')
    for (const child of [ipv4, ipv6]) {
      child.signal('SIGTERM')
      await child.ended()
    }
  })

  test(
    'puts right at once what somebody else changes in a router, and says it',
    { timeout: 60_000 },
    async () => {
      const { place, child } = await up()
      const [network] = labFile(place).networks
      const nft = (...words: readonly string[]): string => {
        const entering = ['--preserve-credentials', '-U', '-n', '-t', String(network?.router), 'nft']
        return spawnSync('nsenter', [...entering, ...words], { encoding: 'utf8' }).stdout
      }
      const closed = nft('list', 'chain', 'inet', 'palisade', 'forward')
      expect(closed).toContain('goto to_port')
      nft('insert', 'rule', 'inet', 'palisade', 'forward', 'accept')
      await vi.waitFor(
        () => {
          expect(child.out() + child.err()).toMatch(/table inet palisade in network namespace \S+/)
        },
        { timeout: 5000, interval: 20 },
      )
      expect(nft('list', 'chain', 'inet', 'palisade', 'forward')).toBe(closed)
    },
  )

  test('runs a command as it would run elsewhere', { timeout: 60_000 }, async () => {
    const { place } = await up()
    const { status, out } = await lab(place, 'exec', 'web-2', 'ip', '-br', 'addr', 'show', 'eth0').ended()
    expect(out).toMatch(/^eth0@\S+ +UP +10\.0\.1\.12\/32 fd00:10:0:1::12\/128 /)
    expect(status).toBe(0)
    expect((await lab(place, 'exec', 'web-2', '--', 'sh', '-c', 'exit 7').ended()).status).toBe(7)
    expect((await lab(place, 'exec', 'web-2', '--', 'sh', '-c', 'kill -9 $$').ended()).status).toBe(137)
    const unknown = await lab(place, 'exec', 'web-3', '--', 'true').ended()
    expect({ status: unknown.status, err: unknown.err }).toEqual({
      status: 1,
      err: 'error: there is no instance web-3: did you mean web-1?\n',
    })
  })

  test('follows instances and networks that come and go', { timeout: 60_000 }, async () => {
    const { place, child } = await up()
    await place.write('second.yaml', SECOND)
    await vi.waitFor(
      () => {
        expect(child.out()).toContain('Instance default/lone created')
      },
      { timeout: 20_000 },
    )
    // It has the address of an instance of the first network, and no way to it.
    const lone = await lab(place, 'exec', 'lone', 'ip', '-br', 'addr').ended()
    expect(lone.out).toContain('10.0.1.11/32')
    const ambiguous = await lab(place, 'exec', 'internet', 'true').ended()
    expect(ambiguous.err).toBe('error: each VPC has its own Internet: say internet:shop or internet:second\n')
    expect((await lab(place, 'exec', 'internet:second', 'true').ended()).status).toBe(0)
    const both = await lab(place, 'status').ended()
    expect(both.out).toMatch(/\nbare +second +- +pal[0-9a-f]{8} +sha256:[0-9a-f]{12} +True\n/)
    expect(both.out).toContain('2 VPCs, 6 instances')
    expect((await lab(place, 'test').ended()).out).toContain(' 0 disagreements')
    await place.remove('second.yaml')
    await vi.waitFor(
      () => {
        expect(child.out()).toContain('VPC default/second deleted')
      },
      { timeout: 20_000 },
    )
    await vi.waitFor(
      async () => {
        expect((await lab(place, 'status').ended()).out).toContain('1 VPC, 4 instances')
      },
      { timeout: 20_000 },
    )
    // Its router is another one now, and nobody changed anything.
    await place.write('second.yaml', SECOND)
    await vi.waitFor(
      () => {
        expect(child.out().match(/Instance default\/lone created/g)).toHaveLength(2)
      },
      { timeout: 20_000 },
    )
    expect((await lab(place, 'test').ended()).out).toContain(' 0 disagreements')
    expect(child.out() + child.err()).not.toContain('table inet palisade')
  })

  test.each(['SIGKILL', 'SIGINT', 'down'] as const)(
    'leaves nothing behind after %s',
    { timeout: 60_000 },
    async (end) => {
      const { place, child } = await up()
      const command = lab(place, 'exec', 'web-1', '--', 'sleep', '1000')
      const pids = holders(place)
      expect(pids.length).toBeGreaterThan(4)
      expect(pids.some(isGone)).toBe(false)
      if (end === 'down') expect((await lab(place, 'down').ended()).status).toBe(0)
      else child.signal(end)
      const { status } = await child.ended()
      expect(status).toBe(end === 'SIGKILL' ? undefined : 0)
      await vi.waitFor(() => {
        expect(pids.filter((pid) => !isGone(pid))).toEqual([])
      })
      // What was started in it has ended as well.
      await command.ended()
      expect((await lab(place, 'status').ended()).status).toBe(3)
      if (end !== 'SIGKILL') expect(existsSync(path.join(place.state, 'lab.json'))).toBe(false)
    },
  )

  test('is one for each state folder', { timeout: 60_000 }, async () => {
    const { place } = await up()
    const second = await lab(place, 'up', place.manifests).ended()
    expect(second.status).toBe(3)
    expect(second.err).toMatch(/^error: the state folder .* is in use by .*lab up/)
    const other = await up()
    expect((await lab(other.place, 'down').ended()).status).toBe(0)
  })

  test('needs no root', { timeout: 60_000 }, async () => {
    const place = await workplace()
    await cp(QUICKSTART, place.manifests, { recursive: true })
    for (const folder of [
      path.dirname(place.manifests),
      path.dirname(path.dirname(path.dirname(palisade.main))),
    ]) {
      await chmod(folder, 0o777)
    }
    const nobody = (...words: readonly string[]): Child => {
      const prefix =
        process.getuid?.() === 0 ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] : []
      return start(palisade, ['lab', ...words, '--state', place.state], { prefix })
    }
    const child = nobody('up', place.manifests)
    onTestFinished(async () => {
      child.signal('SIGINT')
      await child.ended()
    })
    await isUp(child)
    const { out, status } = await nobody('test').ended()
    expect(out).toContain(' 0 disagreements')
    expect(status).toBe(0)
  })

  test('says which setting forbids user namespaces', async () => {
    const place = await workplace()
    const forbid = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    const prefix = ['unshare', '--user', '--map-root-user', 'sh', '-c', forbid, 'sh']
    const { status, err } = await start(palisade, ['lab', 'up', place.manifests], { prefix }).ended()
    expect(err).toBe(
      'error: the system forbids user namespaces, which a lab is built in (user.max_user_namespaces is 0): ' +
        'an administrator can allow them with sysctl -w user.max_user_namespaces=15000\n',
    )
    expect(status).toBe(3)
  })

  test('says that none is up', async () => {
    const place = await workplace()
    const { status, err } = await lab(place, 'test').ended()
    expect(err).toBe(
      `error: no lab is up in ${place.state}: start one with palisade lab up PATH, or name its folder with --state\n`,
    )
    expect(status).toBe(3)
    const down = await lab(place, 'down').ended()
    expect({ status: down.status, out: down.out }).toEqual({
      status: 0,
      out: `No lab is up in ${place.state}.\n`,
    })
  })
})

function labFile(place: Workplace): { readonly networks: readonly { readonly router: number }[] } {
  const lab = runningLab(place.state)
  if (lab === undefined) throw new Error('no lab is up')
  return lab
}

const SECOND = `apiVersion: palisade.dev/v1alpha1
kind: VPC
metadata: { name: second }
spec: { cidrs: [10.0.0.0/16] }
---
apiVersion: palisade.dev/v1alpha1
kind: Instance
metadata: { name: lone }
spec: { vpcRef: { name: second }, addresses: [10.0.1.11] }
---
apiVersion: palisade.dev/v1alpha1
kind: Instance
metadata: { name: bare }
spec: { vpcRef: { name: second } }
`
