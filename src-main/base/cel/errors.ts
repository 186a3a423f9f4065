import { errorMessage } from '../log.ts'
import { replacements } from './replacements.ts'
import type { CheckedType } from './part.ts'
import type { Source } from './source.ts'

/** The expression is not one, or its types do not fit. The message is as cel-go's: what, where, and the line. */
export class BadExpression extends Error {
  override readonly name = 'BadExpression'
  /** Whether it is wrong for cel-go too; the library knows less than cel-go of types that it has no name for. */
  readonly isSure: boolean

  constructor(message: string, isSure = false) {
    super(message)
    this.isSure = isSure
  }
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
  readonly checkedType?: CheckedType
}

/** Said of the whole expression, at no place. */
export const badWhole = (sentence: string): BadExpression => new BadExpression(`ERROR: <input>:-1:0: ${sentence}`)

/** `known`: whether there is any function of a name. */
export function badExpression(error: unknown, expression: string, source: Source, known: (name: string) => boolean): BadExpression {
  const located = error as Located
  if (located.code === 'limit_exceeded' && located.summary?.includes('maxDepth')) return badWhole('expression recursion limit exceeded: 250')
  return pointing(source.original(placeOf(located)), sentenceOf(located, error, known), expression, isSure(located))
}

/** Something that the library takes, and cel-go does not. */
export function badAt(mistakes: ReadonlyArray<{ readonly node: Node; readonly sentence: string }>, expression: string, source: Source): BadExpression {
  const placed = mistakes.map(({ node, sentence }) => ({ at: source.original(placeOf({ node, range: { start: node.start ?? 0 } })), sentence }))
  const messages = placed.sort((a, b) => a.at - b.at).map(({ at, sentence }) => pointing(at, sentence, expression, true).message)
  return new BadExpression([...new Set(messages)].join('\n'), true)
}

function pointing(at: number, sentence: string, expression: string, isSure: boolean): BadExpression {
  const place = Math.max(0, Math.min(at, expression.length))
  const before = expression.slice(0, place).split('\n')
  const column = before.at(-1)!.length
  const line = expression.split('\n')[before.length - 1] ?? ''
  return new BadExpression(`ERROR: <input>:${before.length}:${column + 1}: ${sentence}\n | ${line}\n | ${'.'.repeat(column)}^`, isSure)
}

const overloadCodes = new Set(['no_such_overload', 'no_matching_overload', 'invalid_index_type', 'cannot_index_type', 'invalid_logical_operand', 'invalid_condition_type', 'incompatible_ternary_branches'])

/** Whether all types that do not fit are known whole. What a message or a time is compared with may be null. */
function isSure({ code = '', node }: Located): boolean {
  if (code === 'no_such_key') return true
  if (code === 'invalid_comprehension_range' || ((code === 'cannot_index_type' || code === 'invalid_index_type') && node?.op === '.')) {
    const looked = code === 'invalid_comprehension_range' ? node : (node?.args as readonly Node[])[0]
    return isWhole(looked?.checkedType?.name ?? 'dyn')
  }
  if (!overloadCodes.has(code)) return false
  const types = (Array.isArray(node?.args) ? node.args.flat(2) : [node?.args]).flatMap((part: unknown) => (isNode(part) ? [part.checkedType] : []))
  const names = types.map((type) => type?.name ?? 'dyn')
  return names.every(isWhole) && (!names.includes('null') || types.every((type) => nullless.has(type?.kind ?? '') && !/^google\.|^null$/.test(type?.name ?? '') || type?.name === 'null'))
}

const nullless = new Set(['primitive', 'list', 'map'])
const isNode = (part: unknown): part is Node => typeof part === 'object' && part !== null && 'op' in part

/** Whether a type is known down to its parts. */
export const isWhole = (name: string): boolean => !/\bdyn\b|\b[A-Z]\b|^(list|map|optional|type)$/.test(name)

const fieldCodes = new Set(['cannot_index_type', 'invalid_index_type', 'invalid_comprehension_range'])

/** Where cel-go points: at an operator, at the dot of a field, at the bracket of a call. */
function placeOf({ code, node, range }: Located): number {
  const start = range?.start ?? 0
  const text = node?.input ?? ''
  const [first, second] = Array.isArray(node?.args) ? (node.args as unknown[]) : []
  if (node?.op === 'rcall') {
    const name = kubernetesName(String(first))
    const after = Math.max((second as Node | undefined)?.end ?? 0, node.start ?? 0)
    const found = text.indexOf(name, after)
    return found < 0 ? start : text.indexOf('(', found + name.length)
  }
  if (node?.op === 'call') return text.indexOf('(', node.start ?? 0)
  if (code === undefined && node?.op === '.') return text.lastIndexOf('.', node.end)
  if (code === 'no_such_key' && (node?.op === '.' || node?.op === '.?')) return text.lastIndexOf('.', start)
  if (fieldCodes.has(code ?? '') && node?.op === '.') return text.lastIndexOf('.', start)
  if (code === 'invalid_logical_operand') return operandPlace([first, second], start)
  if (node?.op === '[]' || node?.op === '[?]') return text.indexOf('[', (first as Node).end ?? 0)
  if (node?.op === '?:') return text.indexOf('?', (first as Node).end ?? 0)
  if ((code === 'no_such_overload' || node?.op === 'in') && node?.op && first && second) {
    const found = text.indexOf(node.op, (first as Node).end ?? 0)
    return found < 0 ? start : found
  }
  return start
}

/** Where the first operand is that is no bool. */
function operandPlace(operands: readonly unknown[], otherwise: number): number {
  const wrong = operands.filter(isNode).find(({ checkedType }) => !['bool', 'dyn'].includes(checkedType?.name ?? 'dyn'))
  return wrong ? placeOf({ node: wrong, range: { start: wrong.start ?? otherwise } }) : otherwise
}

const begins = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

const syntaxWords: ReadonlyArray<readonly [RegExp, string]> = [
  [/^Expected IDENTIFIER, got EOF$/, "no viable alternative at input '.'"],
  [/^Unexpected token: EOF$/, `mismatched input '<EOF>' expecting ${begins}`],
  [/^Unexpected character: '\)'$/, "extraneous input ')' expecting <EOF>"],
  [/^Expected RPAREN, got EOF$/, "missing ')' at '<EOF>'"],
]

function syntaxSentence(text: string): string {
  const words = syntaxWords.find(([pattern]) => pattern.test(text))?.[1] ?? text
  return `Syntax error: ${words}`
}

function sentenceOf({ code, summary, node }: Located, error: unknown, known: (name: string) => boolean): string {
  const text = summary ?? firstLine(error)
  const args: readonly unknown[] = Array.isArray(node?.args) ? node.args : []
  switch (code) {
    case 'unknown_variable':
      return `undeclared reference to '${text.replace('Unknown variable: ', '')}' (in container '')`
    case 'no_such_key':
      return `undefined field '${text.replace('No such key: ', '')}'`
    case 'invalid_integer': case 'invalid_hex_integer':
      return 'invalid uint literal'
    case 'invalid_index_type':
      return node?.op === '.' ? `type '${typeName(args[0])}' does not support field selection` : noOperator('_[_]', args)
    case 'invalid_comprehension_range':
      return `expression of type '${typeName(node)}' cannot be range of a comprehension (must be list, map, or dynamic)`
    case 'invalid_macro_argument':
      return text.startsWith('has()') ? 'invalid argument to has() macro' : 'argument must be a simple name'
    case 'incompatible_ternary_branches':
      return noOperator('_?_:_', args)
    case 'no_such_overload':
      return args.length === 2
        ? noOperator(node?.op === 'in' ? '@in' : `_${node?.op}_`, args)
        : `found no matching overload for '${node?.op ?? ''}' applied to '(${typeName(node?.args)})'`
    case 'no_matching_overload':
      return known(String(args[0])) ? noFunction(node, args) : `undeclared reference to '${String(args[0])}' (in container '')`
    case 'invalid_logical_operand':
    case 'invalid_condition_type':
      return `expected type 'bool' but found '${celName(/got '(.*)'$/.exec(text)?.[1] ?? 'dyn')}'`
    case 'cannot_index_type':
      return node?.op === '[]' ? noOperator('_[_]', args) : `type '${celName(/'(.*)'$/.exec(text)?.[1] ?? 'dyn')}' does not support field selection`
    default:
      return error instanceof Error && error.name === 'ParseError' ? syntaxSentence(text) : text
  }
}

export const noOperator = (operator: string, args: readonly unknown[]): string => `found no matching overload for '${operator}' applied to '(${args.map(typeName).join(', ')})'`

const inKubernetes: ReadonlyMap<string, string> = new Map([...replacements].map(([name, own]) => [own, name]))
const kubernetesName = (name: string): string => inKubernetes.get(name) ?? name

/** What stands before the dot of a function, and is no value to cel-go. */
const namespaces: ReadonlyMap<string, string> = new Map([['Formats', 'format'], ['Lists', 'lists'], ['Sets', 'sets'], ['Strings', 'strings'], ['JsonPatchFunctions', 'jsonpatch']])

export function noFunction(node: Node | undefined, args: readonly unknown[]): string {
  const types = (list: unknown): string => (Array.isArray(list) ? list.map(typeName).join(', ') : '')
  const name = kubernetesName(String(args[0]))
  if (node?.op !== 'rcall') return `found no matching overload for '${name}' applied to '(${types(args[1])})'`
  const namespace = namespaces.get((args[1] as Node).checkedType?.name ?? '')
  return namespace ? `found no matching overload for '${namespace}.${name}' applied to '(${types(args[2])})'` : `found no matching overload for '${name}' applied to '${typeName(args[1])}.(${types(args[2])})'`
}

const typeName = (node: unknown): string => celName((node as Node | undefined)?.checkedType?.name ?? 'dyn')

/** A type as cel-go writes it: `list(string)`, `map(string, int)`. */
export const celName = (name: string): string =>
  name.replaceAll(/dyn<([^<>]*)>/g, 'dyn').replaceAll('optional<', 'optional_type<').replaceAll('<', '(').replaceAll('>', ')').replaceAll(/\b[A-Z]\b/g, 'dyn')
    .replaceAll('google.protobuf.Timestamp', 'timestamp').replaceAll('google.protobuf.Duration', 'duration')
    .replaceAll(/\bself_/g, 'selfType').replaceAll(/\.items_(?![A-Za-z0-9_])/g, '.@idx').replaceAll(/\.values_(?![A-Za-z0-9_])/g, '.@elem')

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
