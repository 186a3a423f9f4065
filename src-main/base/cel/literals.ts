import { BadRegex, Regex } from '../regex.ts'
import { badFormat } from './format-check.ts'
import { badOverload } from './overload-check.ts'
import { replacements } from './replacements.ts'
import type { Tree } from './program.ts'
import { rewritten } from './source.ts'

/** What Kubernetes refuses of an expression that would go wrong, or mix types, wherever it ran. */
export interface Mistake {
  readonly node: Tree
  readonly sentence: string
}

const concrete = new Set(['bool', 'bytes', 'double', 'google.protobuf.Duration', 'int', 'string', 'google.protobuf.Timestamp', 'uint'])

/** Functions that the library has and Kubernetes has not. */
const foreign = new Set(['at', 'base64', 'hex', 'json', 'string'])

/** HomogeneousAggregateLiterals and the AST validators of k8s.io/apiserver/pkg/cel/environment. `nodes` are checked. */
export function mistakesIn(nodes: readonly Tree[]): Mistake[] {
  const free = new Set(nodes.flatMap(freeLiterals))
  const negative = new Set(nodes.filter(({ op }) => op === '-_').map(({ args }) => args as Tree))
  // cel-go looks at literals when it reads, at types when it has read, and at formats when all types are right
  const literals = nodes.flatMap((node) => (badInteger(node, negative.has(node)) ? [{ node, sentence: 'invalid int literal' }] : []))
  if (literals.length > 0) return literals
  const types = nodes.flatMap((node) => badOverload(node) ?? [])
  return types.length > 0 ? types : nodes.flatMap((node) => ofNode(node, free) ?? [])
}

const outOfRange = 2n ** 63n

/** The least of all is written as what is one more than the most, with a sign. */
const badInteger = ({ op, args }: Tree, isNegative: boolean): boolean => op === 'value' && typeof args === 'bigint' && (isNegative ? args > outOfRange : args >= outOfRange)

/** Calls whose last argument is a literal with values of any type: the fields of an object, what a text is filled with. */
const fillers: ReadonlySet<string> = new Set([rewritten.object, rewritten.part, rewritten.jsonPatch, 'format'])

function freeLiterals({ op, args }: Tree): Tree[] {
  if ((op !== 'call' && op !== 'rcall') || !fillers.has(String((args as unknown[])[0]))) return []
  const last = ((args as unknown[]).at(-1) as Tree[]).at(-1)
  return last ? literalsIn(last, op === 'rcall') : []
}

const literalsIn = (node: Tree, nested: boolean): Tree[] =>
  node.op !== 'list' && node.op !== 'map' ? [] : [node, ...(nested ? (node.args as readonly Tree[]).flat().flatMap((part) => literalsIn(part, nested)) : [])]

function ofNode(node: Tree, free: ReadonlySet<Tree>): Mistake | undefined {
  const args = node.args as readonly unknown[]
  switch (node.op) {
    case 'id':
      return node.args === 'cel' ? { node, sentence: "undeclared reference to 'cel' (in container '')" } : undefined
    case 'list':
      return free.has(node) ? undefined : mixed(args as readonly Tree[])
    case 'map': {
      const entries = free.has(node) ? [] : (args as ReadonlyArray<readonly [Tree, Tree]>)
      return mixed(entries.map(([key]) => key)) ?? mixed(entries.map(([, value]) => value))
    }
    case 'call':
      return badText(String(args[0]), (args[1] as readonly Tree[])[0])
    case 'rcall':
      if (args[0] === 'format') return badFormat(node)
      return foreign.has(String(args[0])) ? { node, sentence: `undeclared reference to '${String(args[0])}' (in container '')` } : badText(String(args[0]), (args[2] as readonly Tree[])[0])
    default:
      return undefined
  }
}

function mixed(items: readonly Tree[]): Mistake | undefined {
  const first = items.find(({ checkedType }) => concrete.has(checkedType?.name ?? ''))?.checkedType?.name
  const node = items.find(({ checkedType }) => concrete.has(checkedType?.name ?? '') && checkedType?.name !== first)
  return node && { node, sentence: `expected type '${first}' but found '${node.checkedType?.name}'` }
}

const isDuration = (text: string): boolean => /^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(text)
const isTimestamp = (text: string): boolean => /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))

function isRegex(text: string): boolean {
  try {
    return new Regex(text) instanceof Regex
  } catch (error) {
    if (error instanceof BadRegex) return false
    throw error
  }
}

/** Functions that want a text of a certain form, under the names that the library has for them. */
const readers = new Map<string, { readonly name: string; reads(text: string): boolean }>([
  ['duration', { name: 'duration', reads: isDuration }],
  ['timestamp', { name: 'timestamp', reads: isTimestamp }],
  [replacements.get('matches')!, { name: 'matches', reads: isRegex }],
])

function badText(name: string, node: Tree | undefined): Mistake | undefined {
  const reader = readers.get(name)
  return reader && node?.op === 'value' && typeof node.args === 'string' && !reader.reads(node.args) ? { node, sentence: `invalid ${reader.name} argument` } : undefined
}
