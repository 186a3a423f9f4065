import type { Comprehension, Expr } from './ast.ts'
import type { Operand } from './cost-table.ts'
import { eitherSize, endless, exactly, type Size, type SizedType, unknownSize } from './cost-sizes.ts'
import { dyn, isOptional, type Kind, type Type } from './types.ts'
import { lengthOf } from './values.ts'

/** From a variable down to a value: names, and for what is in a list or a map where it is in there. Empty for what is not reached so. */
type Path = readonly string[]

/** The sizes of what is in a list or a map that an expression makes. */
export interface Entries {
  readonly isList: boolean
  readonly keys: Size
  readonly values: Size
}

/** A variable of a macro. */
interface Local {
  readonly path: Path
  readonly size: Size | undefined
  readonly entries: Entries | undefined
}

const scalars: ReadonlySet<Kind> = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint'])
const isScalar = (type: Type): boolean => scalars.has(type.kind) || (isOptional(type) && isScalar(type.params[0]!))

export const eitherEntries = (a: Entries | undefined, b: Entries | undefined): Entries | undefined =>
  a && b && { isList: a.isList, keys: eitherSize(a.keys, b.keys), values: eitherSize(a.values, b.values) }

/** A size that all of them have; nothing for none. */
const around = (sizes: readonly Size[]): Size => (sizes.length === 0 ? exactly(0) : sizes.reduce(eitherSize, { min: endless, max: 0 }))

/** What is known of the sizes of an expression's parts, as far as it has been read. */
export class CostScope {
  readonly #declared: SizedType | undefined
  readonly #locals = new Map<string, Local[]>()
  readonly #paths = new Map<Expr, Path>()
  readonly #sizes = new Map<Expr, Size>()
  readonly #entries = new Map<Expr, Entries>()

  constructor(declared: SizedType | undefined) {
    this.#declared = declared
  }

  /** Where a value comes from. */
  reach(expr: Expr, path: Path): void {
    this.#paths.set(expr, path)
  }

  /** A step further than another. */
  reachFrom(expr: Expr, from: Expr, step: string): void {
    this.#paths.set(expr, [...this.path(from), step])
  }

  measure(expr: Expr, size: Size | undefined): void {
    if (size) this.#sizes.set(expr, size)
  }

  hold(expr: Expr, entries: Entries | undefined): void {
    if (entries) this.#entries.set(expr, entries)
  }

  /** A literal holds what stands in it. */
  holdAll(expr: Expr, isList: boolean, keys: readonly Expr[], values: readonly Expr[]): void {
    const sizes = (exprs: readonly Expr[]): Size => around(exprs.map((each) => this.size(each)))
    this.#entries.set(expr, { isList, keys: isList ? exactly(1) : sizes(keys), values: sizes(values) })
  }

  /** `expr` is as large as another. */
  copy(expr: Expr, other: Expr): void {
    this.measure(expr, this.known(other))
    this.hold(expr, this.entries(other))
  }

  /** Variables are known until what is returned is called. */
  enter(variables: ReadonlyArray<readonly [string, Local]>): () => void {
    for (const [name, local] of variables) this.#locals.set(name, [...(this.#locals.get(name) ?? []), local])
    return () => {
      for (const [name] of variables) this.#locals.get(name)!.pop()
    }
  }

  #local(expr: Expr): Local | undefined {
    return expr.kind === 'ident' ? this.#locals.get(expr.name)?.at(-1) : undefined
  }

  asLocal(expr: Expr): Local {
    return { path: this.path(expr), size: this.known(expr), entries: this.entries(expr) }
  }

  /** The variables of a loop. */
  loopVariables({ range, variable, second }: Comprehension): ReadonlyArray<readonly [string, Local]> {
    const entries = this.entries(range)
    const path = this.path(range)
    const isList = entries?.isList ?? range.type?.kind === 'list'
    const keys: Local = { path: [...path, second !== undefined && isList ? '@indices' : '@keys'], size: entries?.keys, entries: undefined }
    const values: Local = { path: [...path, isList ? '@items' : '@values'], size: entries?.values, entries: undefined }
    return second === undefined ? [[variable, isList ? values : keys]] : [[variable, keys], [second, values]]
  }

  path(expr: Expr): Path {
    return this.#local(expr)?.path ?? this.#paths.get(expr) ?? []
  }

  entries(expr: Expr): Entries | undefined {
    return this.#entries.get(expr) ?? this.#local(expr)?.entries
  }

  size(expr: Expr): Size {
    return this.known(expr) ?? unknownSize
  }

  known(expr: Expr): Size | undefined {
    const known = this.#sizes.get(expr) ?? literalSize(expr)
    if (known) return known
    const declared = this.#declaredSize(this.path(expr))
    this.measure(expr, declared)
    return declared ?? (isScalar(expr.type ?? dyn) ? exactly(1) : this.#local(expr)?.size)
  }

  operand(expr: Expr): Operand {
    const type = expr.type ?? dyn
    const path = this.path(expr)
    const item = type.kind === 'list' ? { type: type.params[0]!, size: (path.length > 0 ? this.#declaredSize([...path, '@items']) : undefined) ?? unknownSize } : undefined
    return { size: this.size(expr), type, literal: expr.kind === 'literal' ? expr.value : undefined, items: item }
  }

  /** As Kubernetes follows it: the first step is the variable, whichever it is, or what is in a list that the expression makes. */
  #declaredSize([variable, ...steps]: Path): Size | undefined {
    if (variable === undefined || !this.#declared) return undefined
    let at: SizedType | undefined = this.#declared
    for (const step of steps) {
      at = step === '@items' || step === '@values' ? at.items : step === '@keys' ? at.keys : at.fields?.get(step)
      if (!at) return undefined
    }
    return { min: 0, max: at.most }
  }
}

function literalSize(expr: Expr): Size | undefined {
  if (expr.kind === 'list') return exactly(expr.items.length)
  if (expr.kind === 'map') return exactly(expr.entries.length)
  if (expr.kind !== 'literal') return undefined
  return exactly(typeof expr.value === 'string' ? lengthOf(expr.value) : expr.value instanceof Uint8Array ? expr.value.length : 1)
}
