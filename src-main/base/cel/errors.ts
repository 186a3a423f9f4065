import { errorMessage } from '../log.ts'
import type { Source } from './source.ts'

/** The expression is not one, or its types do not fit. The message is as cel-go's: what, where, and the line. */
export class BadExpression extends Error {
  override readonly name = 'BadExpression'
}

/** What is looked at of the library's errors and of its tree. */
interface Located {
  readonly code?: string
  readonly summary?: string
  readonly node?: Node
  readonly range?: { readonly start: number }
}

interface Node {
  readonly op?: string
  readonly args?: unknown
  readonly start?: number
  readonly end?: number
  readonly input?: string
  readonly checkedType?: { readonly name: string }
}

/** Said of the whole expression, at no place. */
export const badWhole = (sentence: string): BadExpression => new BadExpression(`ERROR: <input>:-1:0: ${sentence}`)

/** `known`: whether there is any function of a name. */
export function badExpression(error: unknown, expression: string, source: Source, known: (name: string) => boolean): BadExpression {
  const located = error as Located
  if (located.code === 'limit_exceeded' && located.summary?.includes('maxDepth')) return badWhole('expression recursion limit exceeded: 250')
  return pointing(source.original(placeOf(located)), sentenceOf(located, error, known), expression)
}

/** Something that the library takes, and cel-go does not. */
export const badAt = (node: Node, sentence: string, expression: string, source: Source): BadExpression =>
  pointing(source.original(placeOf({ node, range: { start: node.start ?? 0 } })), sentence, expression)

function pointing(at: number, sentence: string, expression: string): BadExpression {
  const place = Math.max(0, Math.min(at, expression.length))
  const before = expression.slice(0, place).split('\n')
  const column = before.at(-1)!.length
  const line = expression.split('\n')[before.length - 1] ?? ''
  return new BadExpression(`ERROR: <input>:${before.length}:${column + 1}: ${sentence}\n | ${line}\n | ${'.'.repeat(column)}^`)
}

/** Where cel-go points: at an operator, at the dot of a field, at the bracket of a call. */
function placeOf({ code, node, range }: Located): number {
  const start = range?.start ?? 0
  const text = node?.input ?? ''
  const [first, second] = Array.isArray(node?.args) ? (node.args as unknown[]) : []
  if (node?.op === 'rcall') {
    const name = String(first)
    const after = Math.max((second as Node | undefined)?.end ?? 0, node.start ?? 0)
    const found = text.indexOf(name, after)
    return found < 0 ? start : text.indexOf('(', found + name.length)
  }
  if (node?.op === 'call') return text.indexOf('(', node.start ?? 0)
  if (code === undefined && node?.op === '.') return text.lastIndexOf('.', node.end)
  if (code === 'no_such_key' && node?.op === '.') return text.lastIndexOf('.', start)
  if (code === 'no_such_overload' && node?.op && first && second) {
    const found = text.indexOf(node.op, (first as Node).end ?? 0)
    return found < 0 ? start : found
  }
  return start
}

function sentenceOf({ code, summary, node }: Located, error: unknown, known: (name: string) => boolean): string {
  const text = summary ?? firstLine(error)
  const args: readonly unknown[] = Array.isArray(node?.args) ? node.args : []
  switch (code) {
    case 'unknown_variable':
      return `undeclared reference to '${text.replace('Unknown variable: ', '')}' (in container '')`
    case 'no_such_key':
      return `undefined field '${text.replace('No such key: ', '')}'`
    case 'no_such_overload':
      return args.length === 2
        ? `found no matching overload for '_${node?.op}_' applied to '(${typeName(args[0])}, ${typeName(args[1])})'`
        : `found no matching overload for '${node?.op ?? ''}' applied to '(${typeName(node?.args)})'`
    case 'no_matching_overload':
      return known(String(args[0])) ? noFunction(node, args) : `undeclared reference to '${String(args[0])}' (in container '')`
    case 'invalid_logical_operand':
    case 'invalid_condition_type':
      return `expected type 'bool' but found '${celName(/got '(.*)'$/.exec(text)?.[1] ?? 'dyn')}'`
    case 'cannot_index_type':
      return `type '${celName(/'(.*)'$/.exec(text)?.[1] ?? 'dyn')}' does not support field selection`
    default:
      return error instanceof Error && error.name === 'ParseError' ? `Syntax error: ${text}` : text
  }
}

function noFunction(node: Node | undefined, args: readonly unknown[]): string {
  const types = (list: unknown): string => (Array.isArray(list) ? list.map(typeName).join(', ') : '')
  if (node?.op === 'rcall') return `found no matching overload for '${String(args[0])}' applied to '${typeName(args[1])}.(${types(args[2])})'`
  return `found no matching overload for '${String(args[0])}' applied to '(${types(args[1])})'`
}

const typeName = (node: unknown): string => celName((node as Node | undefined)?.checkedType?.name ?? 'dyn')

/** A type as cel-go writes it: `list(string)`, `map(string, int)`. */
export const celName = (name: string): string =>
  name.replaceAll(/dyn<([^<>]*)>/g, 'dyn').replaceAll('optional<', 'optional_type<').replaceAll('<', '(').replaceAll('>', ')').replaceAll(/\b[A-Z]\b/g, 'dyn')

export const firstLine = (error: unknown): string => (errorMessage(error).split('\n')[0] ?? '').trim()

const runtimeWords: ReadonlyArray<readonly [RegExp, string]> = [
  [/^No such key: index out of bounds, index (-?\d+).*/, 'index out of bounds: $1'],
  [/^No such key: /, 'no such key: '],
  [/^found no matching overload for '.*/, 'no such overload'],
  [/^no such overload: .*/, 'no such overload'],
  [/^Ternary condition must be bool.*|^Logical operator requires bool operands.*/, 'no such overload'],
  [/^modulo by zero/, 'modulus by zero'],
  [/^integer overflow.*/, 'integer overflow'],
  [/^Optional value is not present/, 'optional.none() dereference'],
]

/** What went wrong in a run, in cel-go's words. */
export function runtimeSentence(error: unknown): string {
  const text = firstLine(error)
  for (const [pattern, words] of runtimeWords) if (pattern.test(text)) return text.replace(pattern, words)
  return text
}
