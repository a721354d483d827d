/** What a plain scalar stands for. */
export type ScalarValue = string | number | boolean | null

/** A scalar that readers of YAML do not read alike. */
export interface Ambiguity {
  readonly core: ScalarValue
  /** How another reader has it, and which. */
  readonly other: ScalarValue
  readonly reader: 'kubectl' | 'YAML 1.1'
}

const CORE_NULL = new Set(['', '~', 'null', 'Null', 'NULL'])
const CORE_TRUE = new Set(['true', 'True', 'TRUE'])
const CORE_FALSE = new Set(['false', 'False', 'FALSE'])
const OLD_TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'])
const OLD_FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'])
const OLD_FLOAT = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9_]*[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$/
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/

/**
 * Every scalar that any reader takes for something else than text is among these; most are not. Neither
 * are addresses, which have two dots, or begin like base 60 with a zero and have no dot.
 */
const SUSPECT = new RegExp(
  [
    '^(?:$|~|<<$|\\?',
    '(?:y|Y|n|N|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF|[tT]rue|TRUE|[fF]alse|FALSE|[nN]ull|NULL)$',
    '(?![^.]*\\.[^.]*\\.|0[0-9]*:[^.]*$)[-+.0-9])',
  ].join('|'),
)

/** A number that every reader has alike: no sign of octal, base 60, digit groups or a bare exponent. */
const NUMBER = /^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/

/** True where every reader takes the scalar for text at first sight. */
export const isPlainlyText = (text: string): boolean => !SUSPECT.test(text)

/** The value by the core schema of YAML 1.2 (section 10.3.2 of YAML 1.2.2). */
export function readPlain(text: string): ScalarValue {
  if (!SUSPECT.test(text)) return text
  return NUMBER.test(text) ? numeric(Number(text)) : coreValue(text)
}

/** How another reader has the scalar, if it has it otherwise. */
export function ambiguityOf(text: string): Ambiguity | undefined {
  if (!SUSPECT.test(text) || NUMBER.test(text)) return undefined
  const core = coreValue(text)
  const kubectl = kubectlValue(text)
  if (!Object.is(core, kubectl)) return { core, other: kubectl, reader: 'kubectl' }
  const yaml11 = yaml11Value(text)
  if (!Object.is(core, yaml11)) return { core, other: yaml11, reader: 'YAML 1.1' }
  return undefined
}

/** The sign of zero is nothing that JSON could keep. */
const numeric = (value: number): number => (value === 0 ? 0 : value)

function word(text: string): ScalarValue | undefined {
  if (CORE_NULL.has(text)) return null
  if (CORE_TRUE.has(text)) return true
  if (CORE_FALSE.has(text)) return false
  if (INFINITE.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return NOT_A_NUMBER.test(text) ? NaN : undefined
}

function oldWord(text: string): ScalarValue | undefined {
  if (OLD_TRUE.has(text)) return true
  return OLD_FALSE.has(text) ? false : word(text)
}

function coreValue(text: string): ScalarValue {
  const known = word(text)
  if (known !== undefined) return known
  if (/^0o[0-7]+$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text)) return Number(text)
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return numeric(Number(text))
  return text
}

/**
 * YAML 1.1, types repository (yaml.org/type/{bool,int,float}.html): octal with a leading zero,
 * underscores between digits, base 60; an exponent needs a dot and a sign.
 */
function yaml11Value(text: string): ScalarValue {
  const known = oldWord(text)
  if (known !== undefined) return known
  const digits = text.replaceAll('_', '')
  if (/^[-+]?0b[01_]+$/.test(text) || /^[-+]?0x[0-9a-fA-F_]+$/.test(text)) return signed(digits)
  if (/^[-+]?0[0-7_]+$/.test(text)) return signed(digits.replace(/^([-+]?)0/, '$10o0'))
  if (/^[-+]?(?:0|[1-9][0-9_]*)$/.test(text)) return numeric(Number(digits))
  if (OLD_FLOAT.test(text)) return signed(digits)
  if (/^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/.test(text)) return base60(digits)
  if (/^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/.test(text)) return base60(digits)
  return text
}

/**
 * What kubectl makes of it, by sigs.k8s.io/yaml 1.4: the words of YAML 1.1, integers as
 * strconv.ParseInt of Go has them with base 0, underscores anywhere (between digits only after a
 * leading dot), no base 60.
 */
function kubectlValue(text: string): ScalarValue {
  const known = oldWord(text)
  if (known !== undefined) return known
  const digits = text.replace(text.startsWith('.') ? /(?<=[0-9])_(?=[0-9])/g : /_/g, '')
  const value = /^[-+.0-9]/.test(text) ? kubectlNumber(digits) : NaN
  return Number.isFinite(value) ? value : text
}

function kubectlNumber(digits: string): number {
  if (/^[-+]?0[oO]?[0-7]+$/.test(digits)) return signed(digits.replace(/0[oO]?(?=[0-7])/, '0o'))
  if (/^0b[-+][01]+$/.test(digits)) return signed(`${digits.charAt(2)}0b${digits.slice(3)}`)
  const isNumber =
    /^[-+]?0[xXbB][0-9a-fA-F]+$/.test(digits) ||
    /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(digits)
  return isNumber ? signed(digits) : NaN
}

/** Number() takes no sign before 0x, 0o and 0b. */
function signed(text: string): number {
  const value = Number(text.replace(/^[-+]/, ''))
  return numeric(text.startsWith('-') ? -value : value)
}

function base60(text: string): number {
  const total = text
    .replace(/^[-+]/, '')
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0)
  return numeric(text.startsWith('-') ? -total : total)
}
