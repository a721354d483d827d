import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * Runs a compiled script of this folder in a process of its own, as users run the program: a loader of TypeScript costs
 * time and memory. Returns the JSON that it prints.
 */
export function runCompiled(script: string, words: readonly string[] = []): string {
  const file = fileURLToPath(new URL(`dist/test/bench/${script}.js`, import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', file, ...words], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${[script, ...words].join(' ')} ended with ${String(status)}: ${stderr}`)
  return stdout
}
