import type { CelNode } from './cel.ts'
import { isList, isRecord } from '../core/record.ts'

/** What an expression can tell of a field: its value, only how many entries it has, or only whether it is there. */
export type Aspect = 'value' | 'size' | 'presence'

/** One thing that an expression reads: an aspect of a field of `self` or `oldSelf`. */
export interface CelRead {
  readonly root: 'self' | 'oldSelf'
  /** Names of fields from the root; empty for the root itself. */
  readonly path: readonly string[]
  readonly aspect: Aspect
}

/** Everything that an expression reads, each once. Two values that are alike in all of it give the same result. */
export function readsOf(node: CelNode): readonly CelRead[] {
  const reads = new Map<string, CelRead>()
  collect(node, (read) => reads.set(`${read.aspect} ${[read.root, ...read.path].join('.')}`, read))
  // Who knows the value knows its size, and that it is there.
  return [...reads.values()].filter(
    (read) => read.aspect === 'value' || !reads.has(`value ${[read.root, ...read.path].join('.')}`),
  )
}

/** The operands of the disjunction that the expression is; itself alone where it is none. */
export function disjuncts(node: CelNode): readonly CelNode[] {
  return node.op === '||' ? node.args.flatMap(disjuncts) : [node]
}

/** The path of `a.b` where the expression is `!has(self.a.b)`. */
export function absentField(node: CelNode): readonly string[] | undefined {
  const read = node.op === '!_' ? measuredField(node.args) : undefined
  return read?.aspect === 'presence' && read.root === 'self' ? read.path : undefined
}

function collect(node: CelNode, add: (read: CelRead) => void): void {
  const field = fieldOf(node)
  if (field !== undefined) {
    add({ ...field, aspect: 'value' })
    return
  }
  const measured = measuredField(node)
  if (measured !== undefined) add(measured)
  else for (const operand of operands(node.args)) collect(operand, add)
}

/** `self`, `self.a` or `self.a.b`, and the same of oldSelf. */
function fieldOf(node: CelNode): Pick<CelRead, 'root' | 'path'> | undefined {
  if (node.op === 'id') {
    return node.args === 'self' || node.args === 'oldSelf' ? { root: node.args, path: [] } : undefined
  }
  if (node.op !== '.') return undefined
  const [of, name] = node.args
  const parent = fieldOf(of)
  return parent === undefined ? undefined : { root: parent.root, path: [...parent.path, name] }
}

/** `has(self.a)`, `self.a.size()` or `size(self.a)`. */
function measuredField(node: CelNode): CelRead | undefined {
  const measured = measuredOperand(node)
  if (measured === undefined) return undefined
  const field = fieldOf(measured.of)
  return field === undefined ? undefined : { ...field, aspect: measured.aspect }
}

function measuredOperand(node: CelNode): { readonly of: CelNode; readonly aspect: Aspect } | undefined {
  if (node.op === 'rcall') {
    const [method, of] = node.args
    return method === 'size' ? { of, aspect: 'size' } : undefined
  }
  if (node.op !== 'call') return undefined
  const [name, [of]] = node.args
  if (of === undefined) return undefined
  if (name === 'has') return { of, aspect: 'presence' }
  return name === 'size' ? { of, aspect: 'size' } : undefined
}

/** The nodes among the arguments of a node, at whatever depth the operator keeps them. */
function operands(args: unknown): readonly CelNode[] {
  if (isNode(args)) return [args]
  return isList(args) ? args.flatMap(operands) : []
}

const isNode = (value: unknown): value is CelNode => isRecord(value) && 'op' in value && 'args' in value
