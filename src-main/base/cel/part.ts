/** A constructor whose values are of a type of their own, with the fields that rules may read. */
export type TypeOfValues = (new (...values: never[]) => unknown) | { readonly ctor: new (...values: never[]) => unknown; readonly fields: Readonly<Record<string, string>> }

/** One of the libraries of functions. */
export interface EnvironmentPart {
  readonly types?: Readonly<Record<string, TypeOfValues>>
  /** Names that are always there, with their type. */
  readonly constants?: Readonly<Record<string, readonly [type: string, value: unknown]>>
  /** When two values of a type are the same. */
  readonly equal?: Readonly<Record<string, (a: never, b: never) => boolean>>
  /** By signature. What they throw is what went wrong. */
  readonly functions: Readonly<Record<string, (...values: never[]) => unknown>>
  /** By signature: they are given the expression's tree. */
  readonly macros?: Readonly<Record<string, (given: MacroCall) => Macro>>
}

/** What a macro is given of the expression's tree; only the library looks into its nodes. */
export interface MacroCall {
  readonly ast: TreeNode
  readonly args: readonly TreeNode[]
  readonly receiver: TreeNode
}

export interface TreeNode {
  readonly op: string
  readonly args: unknown
}

export interface CheckedType {
  readonly kind: string
  readonly name: string
  readonly type: string
  readonly keyType?: CheckedType
  readonly valueType?: CheckedType
}

export interface Scope {
  forkWithVariable(name: string, type: CheckedType): Scope
  reuse(parent: Scope): Scope
  setIterValue(value: unknown, evaluator: Evaluator): Scope
  getValue(name: string): unknown
}

export interface Checker {
  check(node: TreeNode, scope: Scope): CheckedType
  getType(name: string): CheckedType
  /** @throws Error for a field that the type has not */
  checkAccessOnType(node: TreeNode, scope: Scope, type: CheckedType): CheckedType
  createError(code: string, message: string, node: TreeNode): Error
}

export interface Evaluator {
  run(node: TreeNode, scope: Scope): unknown
  tryEval(node: TreeNode, scope: Scope): unknown
}

export interface Macro {
  readonly async: false
  typeCheck(checker: Checker, macro: unknown, scope: Scope): CheckedType
  evaluate(evaluator: Evaluator, macro: unknown, scope: Scope): unknown
}

/** The variable that a macro's argument names. @throws Error */
export function variableIn(node: TreeNode | undefined): string {
  if (node?.op === 'id' && typeof node.args === 'string') return node.args
  throw new Error('argument must be a simple name')
}
