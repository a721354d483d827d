import type { TextLimits } from '../../api/types.gen.ts'

interface TextProblem {
  readonly text: string
  readonly hint: string
}

/**
 * Checks a display name or description against a profile's limits. Lengths count characters as
 * people do (code points), since the clouds allow Chinese names.
 */
export function checkText(value: string | undefined, limits: TextLimits | undefined): TextProblem[] {
  if (limits === undefined) return []
  if (value === undefined || value === '') {
    return limits.required === true
      ? [{ text: 'is missing, and the profile requires it', hint: 'give one' }]
      : []
  }
  const problems: TextProblem[] = []
  const length = Array.from(value).length
  const { min = 0, max = Infinity, pattern, patternText, forbiddenPrefixes = [] } = limits
  if (length < min || length > max) {
    const hint = `use from ${String(min)} to ${String(max)} characters`
    problems.push({ text: `has ${characters(length)}`, hint })
  }
  if (pattern !== undefined && compilePattern(pattern)?.test(value) !== true) {
    const hint = patternText ?? `it must match ${pattern}`
    problems.push({ text: `${JSON.stringify(value)} is not what the profile allows`, hint })
  }
  const prefix = forbiddenPrefixes.find((beginning) => value.startsWith(beginning))
  if (prefix !== undefined) {
    problems.push({ text: `begins with ${prefix}`, hint: 'begin with something else' })
  }
  return problems
}

/** Undefined for a text that is no regular expression. */
export function compilePattern(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return undefined
  }
}

const characters = (count: number): string => (count === 1 ? '1 character' : `${String(count)} characters`)
