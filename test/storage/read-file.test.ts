import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readFileIfPresent } from '../../src/storage/read-file.ts'

describe('a file of palisade', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'palisade-read-'))
    file = path.join(folder, 'file')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  test('that is not there is none', () => {
    expect(readFileIfPresent(file)).toBeUndefined()
  })

  test('is read whole', () => {
    writeFileSync(file, 'a\n')
    expect(readFileIfPresent(file)?.toString()).toBe('a\n')
  })

  test('has nothing in it while a FIFO is in its place, which nobody waits for', () => {
    execFileSync('mkfifo', [file])
    expect(readFileIfPresent(file)?.toString()).toBe('')
  })
})
