import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cli } from '../cli/captured-io.ts'

const FOLDER = 'manifests/invalid'

const cases = readdirSync(FOLDER).map((name) => {
  const file = `${FOLDER}/${name}`
  return { file, code: /^# want: (\w+)\n/.exec(readFileSync(file, 'utf8'))?.[1] ?? 'no "# want: CODE"' }
})

describe('each manifest of manifests/invalid is refused for what its first line says', () => {
  test('there are some', () => {
    expect(cases.length).toBeGreaterThan(40)
  })

  test.each(cases)('$file: $code', async ({ file, code }) => {
    const { status, out } = await cli(['validate', file])
    expect(out.match(/(?<=: error )\w+(?=: )/g)).toContain(code)
    expect(status).toBe(1)
  })
})
