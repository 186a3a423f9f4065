import { isObject } from '../schema-values.ts'

/** What a path is made of, as client-go's util/jsonpath has it. */
export type Node =
  | { readonly op: 'name'; readonly name: string }
  | { readonly op: 'slice'; readonly from: number | undefined; readonly to: number | undefined; readonly isOne: boolean; readonly by: number | undefined }
  | { readonly op: 'every' | 'deep' | 'unknown' }
  | { readonly op: 'union'; readonly of: ReadonlyArray<readonly Node[]> }
  /** A value of the path itself: once, or in the place of each that was found. */
  | { readonly op: 'value' | 'each'; readonly value: unknown }
  | { readonly op: 'filter'; readonly left: readonly Node[]; readonly operator?: string; readonly right?: readonly Node[] }

/** A whole number that stands in a path, or is a byte of a text: for a column it is not of the type of those in JSON. */
export class WholeLiteral {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** What is there has no such thing as the path wishes; `reached` is what it was asked of. */
export class NotFindable extends Error {
  override readonly name = 'NotFindable'
  readonly reached: readonly unknown[]

  constructor(reached: readonly unknown[]) {
    super('not findable')
    this.reached = reached
  }
}

/** @throws NotFindable */
export const evaluated = (nodes: readonly Node[], input: readonly unknown[]): unknown[] =>
  nodes.reduce<unknown[]>((found, node) => take(node, found), [...input])

function take(node: Node, input: unknown[]): unknown[] {
  switch (node.op) {
    case 'name':
      return input.flatMap((value) => (isMap(value) && Object.hasOwn(value, node.name) ? [value[node.name]] : []))
    case 'slice':
      return sliced(node, input)
    case 'every':
      return input.flatMap(childrenOf)
    case 'deep':
      return deepIn(input)
    case 'union':
      return node.of.flatMap((nodes) => evaluated(nodes, input))
    case 'value':
      return [node.value]
    case 'each':
      return input.map(() => node.value)
    case 'filter':
      return input.flatMap((value) => {
        if (!Array.isArray(value)) throw new NotFindable(input)
        return value.filter((item: unknown) => passes(node, item))
      })
    case 'unknown':
      throw new NotFindable(input)
  }
}

function sliced({ from = 0, to, isOne, by = 1 }: Extract<Node, { op: 'slice' }>, input: unknown[]): unknown[] {
  const found: unknown[] = []
  for (const value of input) {
    if (value === null || value === undefined) continue
    if (!Array.isArray(value)) throw new NotFindable(input)
    const first = from < 0 ? from + value.length : from
    const end = to === undefined ? value.length : to < 0 || (to === 0 && isOne) ? to + value.length : to
    if (first === end) return found
    if (first < 0 || first >= value.length || end < 0 || end > value.length || first > end || by <= 0) throw new NotFindable(input)
    for (let i = first; i < end; i += by) found.push(value[i])
  }
  return found
}

const isMap = (value: unknown): value is Record<string, unknown> => isObject(value) && !(value instanceof WholeLiteral)

function childrenOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return [...Buffer.from(value)].map((byte) => new WholeLiteral(byte))
  return isMap(value) ? Object.values(value) : []
}

const deepIn = (input: readonly unknown[]): unknown[] =>
  input.flatMap((value) => {
    const children = childrenOf(value)
    return children.length > 0 ? [value, ...deepIn(children)] : []
  })

/** @throws NotFindable */
function passes({ left, operator, right }: Extract<Node, { op: 'filter' }>, item: unknown): boolean {
  if (operator === undefined || !right) return foundOrReached(left, item).length > 0
  const a = one(evaluated(left, [item]), item)
  if (!a) return false
  const b = one(evaluated(right, [item]), item)
  return b !== undefined && compared(operator, a.value, b.value)
}

/** Whether something is there is asked of whatever the path came to. */
function foundOrReached(nodes: readonly Node[], item: unknown): readonly unknown[] {
  try {
    return evaluated(nodes, [item])
  } catch (error) {
    if (error instanceof NotFindable) return error.reached
    throw error
  }
}

function one(found: readonly unknown[], item: unknown): { readonly value: unknown } | undefined {
  if (found.length > 1) throw new NotFindable([item])
  return found.length === 0 ? undefined : { value: found[0] }
}

/** Go compares values of one kind alone. @throws NotFindable */
function compared(operator: string, left: unknown, right: unknown): boolean {
  const [a, b] = [comparable(left), comparable(right)]
  const isOrdered = operator !== '==' && operator !== '!='
  if (!a || !b || a.kind !== b.kind || (isOrdered && a.kind === 'boolean')) throw new NotFindable([left])
  switch (operator) {
    case '==':
      return a.value === b.value
    case '!=':
      return a.value !== b.value
    case '<':
      return a.value < b.value
    case '<=':
      return a.value <= b.value
    case '>':
      return a.value > b.value
    case '>=':
      return a.value >= b.value
    default:
      throw new NotFindable([left])
  }
}

interface Comparable {
  readonly kind: 'whole' | 'float' | 'string' | 'boolean'
  readonly value: string | number | bigint | boolean
}

function comparable(value: unknown): Comparable | undefined {
  if (value instanceof WholeLiteral) return { kind: 'whole', value: value.value }
  switch (typeof value) {
    case 'string':
      return { kind: 'string', value }
    case 'boolean':
      return { kind: 'boolean', value }
    case 'bigint':
      return { kind: 'whole', value }
    case 'number':
      return { kind: Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? 'whole' : 'float', value }
    default:
      return undefined
  }
}
