import { quoted, quotesHint } from './quoted.ts'
import { isRecord } from '../core/record.ts'
import type { Report } from './report.ts'

/** The part of a key behind the slash, and a value that is not empty. */
const WORD = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const WORD_LENGTH = 63

/** The part of a key before the slash: an RFC 1123 subdomain. */
const DOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const DOMAIN_LENGTH = 253

/** All annotations of an object together, keys and values, in bytes of UTF-8 (256 KiB). */
const ANNOTATIONS_SIZE = 256 * 1024

const KEY_HINT = `a key is at most ${WORD_LENGTH} letters, digits, "-", "_" and ".", after a domain and a slash if it has one: example.org/role`
const VALUE_HINT = `a value is empty or at most ${WORD_LENGTH} letters, digits, "-", "_" and ".", beginning and ending with a letter or digit`

type Texts = Readonly<Record<string, string>>

/** As the API server has it; nothing where there are none. */
export function readLabels(value: unknown, report: Report): { readonly labels?: Texts } {
  const labels = readTexts(value, 'labels', report, (key, text) => {
    const path = ['metadata', 'labels', key]
    if (!isQualifiedName(key)) {
      report.add({
        code: 'BadLabel',
        path,
        text: `${quoted(key)} cannot be the key of a label`,
        hint: KEY_HINT,
      })
    }
    if (text !== '' && !isWord(text)) {
      const problem = `${quoted(text)} cannot be the value of a label`
      report.add({ code: 'BadLabel', path, text: problem, hint: VALUE_HINT })
    }
  })
  return labels === undefined ? {} : { labels }
}

/** As the API server has it: any text as a value, and keys with an upper-case domain, too. */
export function readAnnotations(value: unknown, report: Report): { readonly annotations?: Texts } {
  let size = 0
  const annotations = readTexts(value, 'annotations', report, (key, text) => {
    size += Buffer.byteLength(key) + Buffer.byteLength(text)
    if (isQualifiedName(key.toLowerCase())) return
    const problem = `${quoted(key)} cannot be the key of an annotation`
    report.add({
      code: 'BadAnnotation',
      path: ['metadata', 'annotations', key],
      text: problem,
      hint: KEY_HINT,
    })
  })
  if (size > ANNOTATIONS_SIZE) {
    const text = `take ${size} bytes together`
    const hint = `at most ${ANNOTATIONS_SIZE} are allowed`
    report.add({ code: 'BadAnnotation', path: ['metadata', 'annotations'], text, hint })
  }
  return annotations === undefined ? {} : { annotations }
}

/**
 * The entries that are text, each shown to `check`. A key without a value is refused, although an API
 * server reads it as empty: a label that was left unfinished would move its instance to other groups.
 */
function readTexts(
  value: unknown,
  field: string,
  report: Report,
  check: (key: string, text: string) => void,
): Texts | undefined {
  if (value === undefined || value === null) return undefined
  if (!isRecord(value)) {
    const text = `must be a map, not ${quoted(value)}`
    report.add({ code: 'WrongType', path: ['metadata', field], text, hint: `write ${field}: {key: value}` })
    return undefined
  }
  const texts: (readonly [key: string, text: string])[] = []
  for (const [key, text] of Object.entries(value)) {
    if (report.isSettled) break
    if (typeof text === 'string') {
      check(key, text)
      texts.push([key, text])
    } else reportValue(key, text, field, report)
  }
  // Not by assignment: a key may be called __proto__.
  return Object.fromEntries(texts)
}

function reportValue(key: string, value: unknown, field: string, report: Report): void {
  const path = ['metadata', field, key]
  const hint = value === null ? 'write "" for an empty value' : quotesHint(value)
  report.add({ code: 'WrongType', path, text: `must be text, not ${quoted(value)}`, hint })
}

function isQualifiedName(key: string): boolean {
  const parts = key.split('/')
  if (parts.length === 1) return isWord(key)
  const [domain = '', word = ''] = parts
  return parts.length === 2 && domain.length <= DOMAIN_LENGTH && DOMAIN.test(domain) && isWord(word)
}

const isWord = (text: string): boolean => text.length <= WORD_LENGTH && WORD.test(text)
