import type { CheckedType, Checker, Scope, TreeNode } from './part.ts'
import type { Tree } from './program.ts'

interface Has {
  readonly args: readonly TreeNode[]
  typeCheck(checker: Checker, macro: Has, scope: Scope): CheckedType
}

/** Has `has(a.b)` checked as `a.b` is; the library looks at the variable alone. Changes what is in the tree. */
export function checkPresence(tree: Tree): void {
  if (tree.op !== 'call' || !Array.isArray(tree.args) || tree.args[0] !== 'has' || !tree.meta?.macro) return
  const has = tree.meta.macro as Has
  const check = has.typeCheck
  has.typeCheck = (checker, macro, scope) => {
    const type = check(checker, macro, scope)
    const [field] = macro.args
    try {
      checker.check(field!, scope)
    } catch (error) {
      // cel-go points at the call
      if (isMissing(error, field)) throw checker.createError('no_such_key', error.summary, tree as TreeNode)
      throw error
    }
    return type
  }
}

/** Has `a.?b` of an object checked as `a.b` is; the library takes any name. Changes what is in the tree. */
export function checkOptionalField(tree: Tree): void {
  if (tree.op !== '.?') return
  const node = tree as Tree & TreeNode & { check: Check }
  const check = node.check.bind(node)
  node.check = (checker, ast, scope) => {
    const type = check(checker, ast, scope)
    const object = checker.check((node.args as readonly TreeNode[])[0]!, scope)
    const inside = object.kind === 'optional' ? object.valueType : object
    if (inside?.kind === 'message') checker.checkAccessOnType(node, scope, inside)
    return type
  }
}

type Check = (checker: Checker, ast: TreeNode, scope: Scope) => CheckedType

const isMissing = (error: unknown, field: unknown): error is Error & { summary: string } =>
  error instanceof Error && 'code' in error && error.code === 'no_such_key' && 'node' in error && error.node === field
