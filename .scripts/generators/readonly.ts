import ts from 'typescript'

/**
 * Makes every property, index signature and array type of the source text `readonly`, at any
 * depth. Text is inserted at the positions of the syntax tree, so comments stay as they are.
 */
export function withReadonly(source: string): string {
  const file = ts.createSourceFile('types.ts', source, ts.ScriptTarget.Latest, true)
  const insertions: { readonly at: number; readonly text: string }[] = []
  const insert = (at: number, text: string): void => {
    insertions.push({ at, text })
  }

  const visit = (node: ts.Node): void => {
    const isMember = ts.isPropertySignature(node) || ts.isIndexSignatureDeclaration(node)
    if (isMember && node.modifiers === undefined) insert(node.getStart(), 'readonly ')
    if (ts.isArrayTypeNode(node) && !isReadonlyOperator(node.parent)) {
      // `readonly string[][]` would leave the inner array writable, and the operator binds
      // looser than `[]`: as an element it needs parentheses.
      const nested = ts.isArrayTypeNode(node.parent)
      insert(node.getStart(), nested ? '(readonly ' : 'readonly ')
      if (nested) insert(node.getEnd(), ')')
    }
    ts.forEachChild(node, visit)
  }
  visit(file)

  // Equal positions belong to an outer node first: the sort is stable and parents are visited first.
  const ordered = insertions.toSorted((a, b) => a.at - b.at)
  let text = ''
  let copied = 0
  for (const { at, text: inserted } of ordered) {
    text += source.slice(copied, at) + inserted
    copied = at
  }
  return text + source.slice(copied)
}

const isReadonlyOperator = (node: ts.Node): boolean =>
  ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword
