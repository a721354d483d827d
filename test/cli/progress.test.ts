import { expect, test } from 'vitest'
import { Progress } from '../../src/cli/progress.ts'
import { capturedIo } from './captured-io.ts'

function clocked(columns?: number): {
  io: ReturnType<typeof capturedIo>
  progress: Progress
  at: (ms: number) => void
} {
  let time = 0
  const io = capturedIo({ ...(columns !== undefined && { columns }), now: () => new Date(time) })
  const at = (ms: number): void => {
    time = ms
  }
  return { io, progress: new Progress(io), at }
}

test('the first second is quiet', () => {
  const { io, progress, at } = clocked(80)
  for (const ms of [0, 500, 999]) {
    at(ms)
    progress.fileRead()
  }
  expect(io.err()).toBe('')
})

test('after a second a line says how far it is, and is taken away at the end', () => {
  const { io, progress, at } = clocked(80)
  progress.fileRead()
  at(1000)
  progress.fileRead()
  at(1200)
  progress.validated(1, 2)
  at(1300)
  progress.validated(2, 2)
  expect(io.err().split('\r\x1b[K')).toEqual([
    '',
    'reading: 2 files',
    'validating: [###############               ] 1/2 files',
    'validating: [##############################] 2/2 files',
    '',
  ])
})

test('it is drawn ten times a second at most', () => {
  const { io, progress, at } = clocked(80)
  for (let ms = 0; ms <= 2000; ms++) {
    at(ms)
    progress.fileRead()
  }
  expect(io.err().split('\r').length - 1).toBe(11)
})

test('a pipe gets no progress', () => {
  const { io, progress, at } = clocked()
  progress.fileRead()
  at(5000)
  progress.validated(1, 1)
  expect(io.err()).toBe('')
})
