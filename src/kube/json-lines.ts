import { StringDecoder } from 'node:string_decoder'

/** The values of a stream that has one JSON value on each line. Bytes after the last line end are no value. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncIterable<unknown> {
  const decoder = new StringDecoder('utf8')
  let rest: string[] = []
  for await (const chunk of chunks) {
    const text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      rest.push(text.slice(start, end))
      const line = rest.join('')
      rest = []
      start = end + 1
      if (line.trim() !== '') yield JSON.parse(line)
    }
    // Kept in pieces: a long line over many chunks is joined once.
    if (start < text.length) rest.push(text.slice(start))
  }
}
