import type { Operand } from './cost-table.ts'
import { eitherSize, exactly, type Size, type SizedType, unknownSize } from './cost-sizes.ts'
import type { Tree } from './program.ts'

/** From a variable down to a value: names, and for what is in a list or a map where it is in there. Empty for what is not reached so. */
export type Path = readonly string[]

/** The sizes of what is in a list or a map that an expression makes. */
export interface Entries {
  readonly isList: boolean
  readonly keys: Size
  readonly values: Size
}

/** A variable of a macro. */
export interface Local {
  readonly path: Path
  readonly size?: Size | undefined
  readonly entries?: Entries | undefined
}

const scalars = new Set(['bool', 'double', 'google.protobuf.Duration', 'int', 'google.protobuf.Timestamp', 'uint'])
export const isScalar = (type: string | undefined): boolean => scalars.has(type ?? '')

/** A size that all of them have; nothing for none. */
const around = (sizes: readonly Size[]): Size => (sizes.length === 0 ? exactly(0) : sizes.reduce(eitherSize))

export const eitherEntries = (a: Entries | undefined, b: Entries | undefined): Entries | undefined =>
  a && b && { isList: a.isList, keys: eitherSize(a.keys, b.keys), values: eitherSize(a.values, b.values) }

/** What is known of the sizes of an expression's parts, as far as it has been read. */
export class CostScope {
  readonly #declared: SizedType
  readonly #locals = new Map<string, Local[]>()
  readonly #paths = new Map<Tree, Path>()
  readonly #sizes = new Map<Tree, Size>()
  readonly #entries = new Map<Tree, Entries>()

  constructor(declared: SizedType) {
    this.#declared = declared
  }

  /** Where a value comes from. */
  reach(node: Tree, path: Path): void {
    this.#paths.set(node, path)
  }

  measure(node: Tree, size: Size | undefined): void {
    if (size) this.#sizes.set(node, size)
  }

  hold(node: Tree, entries: Entries | undefined): void {
    if (entries) this.#entries.set(node, entries)
  }

  /** A literal holds what stands in it. */
  holdAll(node: Tree, isList: boolean, keys: readonly Tree[], values: readonly Tree[]): void {
    const sizes = (nodes: readonly Tree[]): Size => around(nodes.map((each) => this.size(each)))
    this.#entries.set(node, { isList, keys: isList ? exactly(1) : sizes(keys), values: sizes(values) })
  }

  /** `node` is as large as another. */
  copy(node: Tree, other: Tree): void {
    this.measure(node, this.#known(other))
    this.hold(node, this.entries(other))
  }

  with<T>(variables: ReadonlyArray<readonly [string, Local]>, run: () => T): T {
    for (const [name, local] of variables) this.#locals.set(name, [...(this.#locals.get(name) ?? []), local])
    const made = run()
    for (const [name] of variables) this.#locals.get(name)!.pop()
    return made
  }

  local(node: Tree): Local | undefined {
    return node.op === 'id' ? this.#locals.get(String(node.args))?.at(-1) : undefined
  }

  asLocal(node: Tree): Local {
    return { path: this.path(node), size: this.#known(node), entries: this.entries(node) }
  }

  path(node: Tree): Path {
    return this.local(node)?.path ?? this.#paths.get(node) ?? []
  }

  entries(node: Tree): Entries | undefined {
    return this.#entries.get(node) ?? this.local(node)?.entries
  }

  size(node: Tree): Size {
    return this.#known(node) ?? unknownSize
  }

  /** How large a macro's variable is. */
  sizeOf({ path, size }: Local, type: string | undefined): Size {
    return this.declaredSize(path) ?? (isScalar(type) ? exactly(1) : size) ?? unknownSize
  }

  operand(node: Tree): Operand {
    const { kind, name = 'dyn', valueType } = node.checkedType ?? {}
    const items = kind === 'list' ? { type: valueType?.name ?? 'dyn', size: this.#itemSize(node) ?? unknownSize } : undefined
    return { size: this.size(node), type: name, literal: node.op === 'value' ? node.args : undefined, items }
  }

  #itemSize(node: Tree): Size | undefined {
    const path = this.path(node)
    return path.length > 0 ? this.declaredSize([...path, '@items']) : undefined
  }

  #known(node: Tree): Size | undefined {
    const local = this.local(node)
    const { kind, name, valueType } = node.checkedType ?? {}
    return (local ? undefined : this.#sizes.get(node)) ?? literalSize(node) ?? this.declaredSize(this.path(node)) ??
      (isScalar(kind === 'optional' ? valueType?.name : name) ? exactly(1) : local?.size)
  }

  /** As Kubernetes follows it: the first step is the variable, whichever it is, or what is in a list that the expression makes. */
  declaredSize([variable, ...steps]: Path): Size | undefined {
    if (variable === undefined) return undefined
    let at: SizedType | undefined = this.#declared
    for (const step of steps) {
      at = step === '@items' || step === '@values' ? at.items : step === '@keys' ? at.keys : at.fields?.get(step)
      if (!at) return undefined
    }
    return { min: 0, max: at.most }
  }
}

function literalSize({ op, args }: Tree): Size | undefined {
  if (op === 'list' || op === 'map') return exactly((args as readonly unknown[]).length)
  if (op === '-_') return (args as Tree).op === 'value' ? exactly(1) : undefined
  if (op !== 'value') return undefined
  return exactly(typeof args === 'string' ? [...args].length : args instanceof Uint8Array ? args.length : 1)
}
