import { expect, test } from 'vitest'
import { explainFaults } from '../../src/storage/fault.ts'

async function sentenceFor(error: Error): Promise<string> {
  const wrap = (sentence: string, cause: unknown): Error => new Error(sentence, { cause })
  try {
    await explainFaults('.palisade/inventory.ndjson', 'written', wrap, () => Promise.reject(error))
    return ''
  } catch (thrown) {
    return thrown instanceof Error && thrown.cause === error ? thrown.message : 'not wrapped'
  }
}

const systemError = (code: string): Error => Object.assign(new Error(`${code}: x, open 'y'`), { code })

test.each([
  ['ENOSPC', 'no space is left on the disk: free some, then start again'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EROFS', 'the file system is read-only: make it writable, or choose another folder with --state'],
  ['EACCES', 'permission is denied: run palisade as the owner of the folder'],
  ['EPERM', 'the operation is not permitted'],
  ['EIO', 'the disk reports an error'],
  ['EFBIG', 'the file would exceed the largest size that is allowed'],
  ['ENOTDIR', 'a part of its path is a file where a folder should be'],
  ['EISDIR', 'it is a folder where a file should be'],
  ['ENAMETOOLONG', 'its path is too long'],
  ['EMFILE', 'palisade has too many files open'],
])('%s becomes a sentence that says what to do', async (code, text) => {
  const sentence = await sentenceFor(systemError(code))
  expect(sentence.startsWith(`.palisade/inventory.ndjson cannot be written: ${text}`)).toBe(true)
})

test('an error that palisade has no words for keeps those of the system', async () => {
  expect(await sentenceFor(systemError('EUNATCH'))).toBe(
    ".palisade/inventory.ndjson cannot be written: EUNATCH: x, open 'y'",
  )
})

test('a bug stays a bug', async () => {
  const bug = new TypeError('undefined is not a function')
  const run = explainFaults(
    'f',
    'read',
    () => new Error('wrapped'),
    () => Promise.reject(bug),
  )
  await expect(run).rejects.toBe(bug)
})
