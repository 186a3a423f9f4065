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

const isMissing = (error: unknown, field: unknown): error is Error & { summary: string } =>
  error instanceof Error && 'code' in error && error.code === 'no_such_key' && 'node' in error && error.node === field
