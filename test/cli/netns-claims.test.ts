import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NetnsClaims } from '../../src/cli/netns-claims.ts'

const [ONE, TWO] = ['4:4026532201', '4:4026532202']

describe('the right to program a network namespace', () => {
  let folder: string
  let first: NetnsClaims
  let second: NetnsClaims
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'palisade-claims-'))
    first = new NetnsClaims(folder, () => new Date())
    second = new NetnsClaims(folder, () => new Date())
    first.claim('shop', ONE)
  })
  afterEach(() => rm(folder, { recursive: true }))

  const claimBySecond = (): void => {
    second.claim('other', ONE)
  }

  test('is had by one palisade at a time, by whatever name', () => {
    expect(claimBySecond).toThrow('network namespace other is programmed by')
    first.claim('shop', ONE)
    expect(claimBySecond).toThrow()
  })

  test('ends when the name leads nowhere any more', () => {
    first.release('shop')
    claimBySecond()
    expect(() => {
      first.claim('shop', ONE)
    }).toThrow('network namespace shop is programmed by')
  })

  test('ends when the name leads elsewhere', () => {
    first.claim('shop', TWO)
    claimBySecond()
    expect(() => {
      second.claim('other', TWO)
    }).toThrow()
  })

  test('stays while another name has it', () => {
    first.claim('annex', ONE)
    first.release('shop')
    expect(claimBySecond).toThrow()
    first.release('annex')
    claimBySecond()
  })

  test('is not given back by a name that never had it', () => {
    first.release('annex')
    expect(claimBySecond).toThrow()
  })
})
