import type { Steps } from '../turns.ts'
import { mostErrors } from './issues.ts'

/** Tokens by the names that CEL's grammar gives them. */
export type TokenType =
  | "'=='" | "'!='" | "'in'" | "'<'" | "'<='" | "'>='" | "'>'" | "'&&'" | "'||'" | "'['" | "']'" | "'{'" | "'}'" | "'('" | "')'" | "'.'" | "','" | "'-'" | "'!'"
  | "'?'" | "':'" | "'+'" | "'*'" | "'/'" | "'%'" | "'true'" | "'false'" | "'null'" | 'NUM_FLOAT' | 'NUM_INT' | 'NUM_UINT' | 'STRING' | 'BYTES' | 'IDENTIFIER'
  | 'ESC_IDENTIFIER' | '<EOF>'

export interface Token {
  readonly type: TokenType
  readonly text: string
  readonly at: number
}

/** What is no token. */
export interface Unknown {
  readonly at: number
  readonly text: string
}

export interface Lexed {
  /** The last one is the end. */
  readonly tokens: readonly Token[]
  readonly unknown: readonly Unknown[]
}

const escape = String.raw`\\(?:[abfnrtv"'\\?\x60]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7][0-7])`
const text = [
  String.raw`"""(?:${escape}|[^\\])*?"""`, String.raw`'''(?:${escape}|[^\\])*?'''`,
  String.raw`"(?:${escape}|[^\\"\n\r])*"`, String.raw`'(?:${escape}|[^\\'\n\r])*'`,
  String.raw`[rR]"""[^]*?"""`, String.raw`[rR]'''[^]*?'''`, String.raw`[rR]"[^"\n\r]*"`, String.raw`[rR]'[^'\n\r]*'`,
].join('|')

const patterns: ReadonlyArray<readonly [TokenType, RegExp]> = [
  ['BYTES', new RegExp(`[bB](?:${text})`, 'y')],
  ['STRING', new RegExp(text, 'y')],
  ['NUM_FLOAT', /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y],
  ['NUM_UINT', /(?:0x[0-9a-fA-F]+|\d+)[uU]/y],
  ['NUM_INT', /0x[0-9a-fA-F]+|\d+/y],
  ['ESC_IDENTIFIER', /`[A-Za-z0-9_.\-/ ]+`/y],
  ['IDENTIFIER', /[A-Za-z_]\w*/y],
]

const among = (...types: readonly TokenType[]) => patterns.filter(([type]) => types.includes(type))
const names = among('IDENTIFIER')
const texts = among('STRING', 'ESC_IDENTIFIER')
const numbers = among('NUM_FLOAT', 'NUM_UINT', 'NUM_INT')

const blank = /(?:[\t \r\n\f]|\/\/[^\n]*)+/y
const sign = /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y
const words = new Set(['in', 'true', 'false', 'null'])

/** So much is read in one step. */
const tokensAtOnce = 512

/** An expression in tokens, by CEL's grammar. */
export function* lex(source: string): Steps<Lexed> {
  const tokens: Token[] = []
  const unknown: Unknown[] = []
  for (let at = 0; at < source.length && unknown.length <= mostErrors; ) {
    const token = blankAt(source, at) ?? tokenAt(source, at)
    if (typeof token === 'number') at = token
    else if (token) {
      if (tokens.push(token) % tokensAtOnce === 0) yield
      at += token.text.length
    } else {
      const end = failureAt(source, at)
      unknown.push({ at, text: source.slice(at, end) })
      at = end
    }
  }
  tokens.push({ type: '<EOF>', text: '<EOF>', at: source.length })
  return { tokens, unknown }
}

function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0]
}

function blankAt(source: string, at: number): number | undefined {
  const found = matchAt(blank, source, at)
  return found === undefined ? undefined : at + found.length
}

/** What may begin with a character; anything else is a sign. */
function patternsAt(character: string): ReadonlyArray<readonly [TokenType, RegExp]> {
  if (/[A-Za-z_]/.test(character)) return /[bBrR]/.test(character) ? patterns : names
  return /[\d.]/.test(character) ? numbers : /["'`]/.test(character) ? texts : []
}

/** The longest that there is. */
function tokenAt(source: string, at: number): Token | undefined {
  let best: Token | undefined
  for (const [type, pattern] of patternsAt(source[at]!)) {
    const found = matchAt(pattern, source, at)
    if (found && found.length > (best?.text.length ?? 0)) best = { type: words.has(found) ? (`'${found}'` as TokenType) : type, text: found, at }
  }
  if (best) return best
  const found = matchAt(sign, source, at)
  return found === undefined ? undefined : { type: `'${found}'` as TokenType, text: found, at }
}

const failures = [
  new RegExp(String.raw`"(?:${escape}|[^\\"\n\r])*`, 'y'), new RegExp(String.raw`'(?:${escape}|[^\\'\n\r])*`, 'y'), /`[A-Za-z0-9_.\-/ ]*/y, /[&|=]/y,
]
const escapeBegins = /\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?/y

/** Where reading goes on behind what is no token: behind the first character that nothing may have there. */
function failureAt(source: string, at: number): number {
  for (const pattern of failures) {
    const begun = matchAt(pattern, source, at)
    if (begun === undefined) continue
    const stop = at + begun.length
    const escaped = begun === '=' || begun.startsWith('`') ? '' : (matchAt(escapeBegins, source, stop) ?? '')
    return Math.min(stop + escaped.length + widthAt(source, stop + escaped.length), source.length)
  }
  return at + widthAt(source, at)
}

const widthAt = (source: string, at: number): number => ((source.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
