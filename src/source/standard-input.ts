import type { Diagnostic } from '../core/diagnostic.ts'
import { fileTooLarge } from '../manifest/parse.ts'
import type { ManifestLimits } from '../manifest/limits.ts'
import { unreadable } from './fault.ts'

/** The path that stands for standard input. */
export const STDIN = '-'

export type Input =
  { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly fault: Diagnostic }

/** All of a stream, or why not; no further than the limit. */
export async function readInput(stream: AsyncIterable<Uint8Array>, limits: ManifestLimits): Promise<Input> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of stream) {
      chunks.push(chunk)
      size += chunk.length
      if (size > limits.bytes) return { ok: false, fault: fileTooLarge(STDIN, size, limits) }
    }
  } catch (error) {
    return { ok: false, fault: unreadable(STDIN, error) }
  }
  return { ok: true, bytes: Buffer.concat(chunks) }
}
