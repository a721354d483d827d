import { isList, isRecord } from '../../core/record.ts'

/** One step of a path into a value. */
type Step =
  | { readonly type: 'Field'; readonly name: string }
  | { readonly type: 'Index'; readonly index: number }
  | { readonly type: 'Filter'; readonly field: string; readonly equals: string }

/** `.name`, `[0]` or `[?(@.field=="text")]`. */
const STEP = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\[\?\(@\.([A-Za-z_]\w*)\s*==\s*["']([^"']*)["']\)\]/y

/** What a JSONPath of a printer column leads to; undefined where that is nothing. */
export type Look = (value: unknown) => unknown

/**
 * Compiles the JSONPath of a printer column. Knows what the columns of crds/ use, which is what an API
 * server allows there: fields, indices, and the first item with a field of a certain text. Throws for more.
 */
export function compileJsonPath(path: string): Look {
  const steps = readSteps(path)
  return (value) => steps.reduce(take, value)
}

function readSteps(path: string): readonly Step[] {
  const steps: Step[] = []
  STEP.lastIndex = 0
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path)
    if (match === null) throw new Error(`the JSONPath ${path} is not one that palisade knows`)
    const [, name, index, field, equals] = match
    if (name !== undefined) steps.push({ type: 'Field', name })
    else if (index !== undefined) steps.push({ type: 'Index', index: Number(index) })
    else if (field !== undefined && equals !== undefined) steps.push({ type: 'Filter', field, equals })
  }
  return steps
}

function take(value: unknown, step: Step): unknown {
  switch (step.type) {
    case 'Field':
      return isRecord(value) && Object.hasOwn(value, step.name) ? value[step.name] : undefined
    case 'Index':
      return isList(value) ? value[step.index] : undefined
    case 'Filter':
      return isList(value)
        ? value.find((item) => isRecord(item) && item[step.field] === step.equals)
        : undefined
  }
}
