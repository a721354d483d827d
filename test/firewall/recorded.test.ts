import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Firewall } from '../../src/firewall/firewall.ts'
import { recordedFirewall } from '../../src/firewall/recorded.ts'
import { diffRulesets } from '../../src/policy/ruleset-change.ts'
import { nodeFileSystem, type FileSystem } from '../../src/storage/file-system.ts'
import { describeFirewall } from '../contract/firewalls.ts'
import { instanceRuleset, NO_CHANGE, rulesetOf } from '../contract/rulesets.ts'
import { failingFileSystem } from '../storage/failing-file-system.ts'

const now = (): Date => new Date('2026-01-02T03:04:05.678Z')

describeFirewall('recordedFirewall', async () => {
  const place = await mkdtemp(path.join(tmpdir(), 'palisade-firewall-'))
  let fails = false
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    rename: async (from, to) => {
      if (!fails) return nodeFileSystem.rename(from, to)
      fails = false
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    },
  }
  const warn = (sentence: string): never => {
    throw new Error(sentence)
  }
  return {
    open: () => recordedFirewall(place, { mode: 'exclusive', palisade: '0.1.0', now, warn, fileSystem }),
    counts: false,
    failNext: () => {
      fails = true
    },
    remove: () => rm(place, { recursive: true }),
  }
})

let folder: string
let record: string
let warnings: string[]
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'palisade-recorded-'))
  record = path.join(folder, 'recorded.ndjson')
  warnings = []
})
afterEach(() => rm(folder, { recursive: true }))

const empty = { instances: new Map(), remotes: new Map() }

function open(mode: 'exclusive' | 'read' = 'exclusive', fileSystem: FileSystem = nodeFileSystem): Firewall {
  return recordedFirewall(folder, {
    mode,
    palisade: '0.1.0',
    now,
    fileSystem,
    warn: (sentence) => warnings.push(sentence),
  })
}

async function written(count = 20): Promise<string> {
  await open().apply(diffRulesets(empty, rulesetOf(count)))
  return readFile(record, 'utf8')
}

describe('the record', () => {
  test('holds each rule set and each list of prefixes once', async () => {
    const remotes = new Map([
      ['SecurityGroup/shop/a', ['10.0.0.1/32']],
      ['SecurityGroup/shop/b', ['10.0.0.1/32']],
    ])
    await open().apply({ ...diffRulesets(empty, rulesetOf(20)), putRemotes: remotes })
    const lines = (await readFile(record, 'utf8')).trimEnd().split('\n').slice(1)
    const counts = ['RuleSet', 'List', 'Remote', 'Instance'].map(
      (type) => lines.filter((line) => line.startsWith(`{"type":"${type}"`)).length,
    )
    expect(counts).toEqual([10, 1, 2, 20])
  })

  test('forgets a rule set that no instance has any more', async () => {
    const firewall = open()
    await firewall.apply({ ...NO_CHANGE, put: [instanceRuleset('a')] })
    await firewall.apply({ ...NO_CHANGE, remove: ['Instance/shop/a'] })
    expect(await readFile(record, 'utf8')).toContain('"lines":0')
  })

  test('has the same bytes whether its instances were read or given', async () => {
    const text = await written()
    await open().apply(NO_CHANGE)
    expect(await readFile(record, 'utf8')).toBe(text)
  })

  test('is read from the disk, not remembered', async () => {
    const firewall = open()
    await firewall.apply(diffRulesets(empty, rulesetOf(20)))
    await rm(record)
    expect(await firewall.read()).toEqual(empty)
  })

  test('that somebody else replaced is what the next change changes', async () => {
    const firewall = open()
    await firewall.apply({ ...NO_CHANGE, put: [instanceRuleset('a')] })
    await open().apply({ ...NO_CHANGE, put: [instanceRuleset('b')] })
    await firewall.apply({ ...NO_CHANGE, put: [instanceRuleset('c')] })
    const names = ['Instance/shop/a', 'Instance/shop/b', 'Instance/shop/c']
    expect([...(await open().read()).instances.keys()]).toEqual(names)
  })

  test('needs no folder to be read, and makes none', async () => {
    await rm(folder, { recursive: true })
    expect(await open('read').read()).toEqual(empty)
    await expect(open().apply(NO_CHANGE)).rejects.toThrow(
      `${record} cannot be written: a part of its path does not exist: create it`,
    )
    folder = await mkdtemp(path.join(tmpdir(), 'palisade-recorded-'))
  })
})

describe('a damaged record', () => {
  const damages: readonly (readonly [how: string, reason: string, damage: (text: string) => string])[] = [
    ['cut in half', 'it ends after', (text) => text.slice(0, text.length / 2)],
    ['emptied', 'it is empty', () => ''],
    ['edited', 'its content does not match its checksum', (text) => text.replace('"Drop"', '"Allow"')],
  ]
  test.each(damages)(
    'that was %s counts as empty, with a warning, and is set aside',
    async (_how, reason, damage) => {
      const text = damage(await written())
      await writeFile(record, text)

      expect(await open().read()).toEqual(empty)

      const aside = 'recorded.ndjson.damaged-2026-01-02T03-04-05.678Z'
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toContain(`${record} is damaged (${reason}`)
      expect(warnings[0]).toContain(`was set aside as ${aside}: the rules count as not programmed`)
      expect(await readFile(path.join(folder, aside), 'utf8')).toBe(text)
    },
  )

  test('is repaired by the next change that makes everything desired again', async () => {
    await writeFile(record, (await written()).slice(0, -9))
    const firewall = open()
    await firewall.apply(diffRulesets(await firewall.read(), rulesetOf(20)))
    expect(await open().read()).toEqual(rulesetOf(20))
    expect(warnings).toHaveLength(1)
  })

  test('is left where it is by a reader', async () => {
    await writeFile(record, (await written()).slice(0, -9))
    expect(await open('read').read()).toEqual(empty)
    expect(warnings).toEqual([
      expect.stringContaining('is damaged (it ends after 31 of 32 entries): the rules count'),
    ])
    expect(await readdir(folder)).toEqual(['recorded.ndjson'])
  })
})

describe('what the record cannot be', () => {
  test('of a newer palisade: refused and left as it is', async () => {
    const newer = (await written()).replace('"version":1', '"version":2').replace('0.1.0', '0.9.0')
    await writeFile(record, newer)
    const sentence = `${record} was written by palisade 0.9.0 in version 2 of its format`
    await expect(open().read()).rejects.toThrow(sentence)
    await expect(open().apply(NO_CHANGE)).rejects.toThrow(sentence)
    expect(await readFile(record, 'utf8')).toBe(newer)
  })

  test('written by a reader', async () => {
    await expect(open('read').apply(NO_CHANGE)).rejects.toThrow('open for reading only')
    expect(await readdir(folder)).toEqual([])
  })
})

test.each([1, 2, 3, 4, 5])(
  'a disk that is full at call %i leaves the old rules and no other file',
  async (failAt) => {
    await written(3)
    const firewall = open('exclusive', failingFileSystem(failAt))
    const change = diffRulesets(rulesetOf(3), rulesetOf(5))
    await expect(firewall.apply(change)).rejects.toThrow(
      `${record} cannot be written: no space is left on the disk`,
    )
    expect(await open().read()).toEqual(rulesetOf(3))
    expect(await readdir(folder)).toEqual(['recorded.ndjson'])
  },
)

test('a failure after the new rules took their place is not applied twice', async () => {
  await written(3)
  const [open7, sync8] = [7, 8]
  for (const failAt of [open7, sync8]) {
    const firewall = open('exclusive', failingFileSystem(failAt))
    const change = { ...NO_CHANGE, put: [instanceRuleset(`new-${failAt}`)] }
    await expect(firewall.apply(change)).rejects.toThrow('no space is left')
    await firewall.apply(change)
    expect([...(await open().read()).instances.keys()].at(-1)).toBe(`Instance/shop/new-${failAt}`)
  }
})
