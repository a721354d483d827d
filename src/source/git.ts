import { spawn } from 'node:child_process'

export interface GitResult {
  readonly status: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs git. Rejects with the system's error when it cannot be started. */
export type Git = (folder: string, words: readonly string[], input?: string) => Promise<GitResult>

/** Git is missing, or refuses, in a sentence: nothing that another word on the command line would mend. */
export class GitError extends Error {
  override readonly name = 'GitError'
}

/** The git of this system, as its user has configured it, but that it asks nobody for a password. */
export const systemGit: Git = (folder, words, input = '') =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' }
    const child = spawn('git', ['-C', folder, ...words], { env })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    // Git that ends without reading its input tells why by its status.
    child.stdin.on('error', () => undefined)
    child.on('close', (status) => {
      resolve({ status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() })
    })
    child.stdin.end(input)
  })
