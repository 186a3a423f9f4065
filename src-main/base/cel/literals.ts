import type { TokenType } from './lexer.ts'
import { unescapeBytes, unescapeText } from './unescape.ts'
import { Uint } from './values.ts'

/** What a token says. Undefined for what is no literal, an error for one that is wrong. */
export function literalValue(type: TokenType, text: string, minus: string): unknown {
  switch (type) {
    case 'NUM_INT': {
      const value = BigInt(text) * (minus ? -1n : 1n)
      return BigInt.asIntN(64, value) === value ? value : new Error('invalid int literal')
    }
    case 'NUM_UINT': {
      const value = BigInt(text.slice(0, -1))
      return BigInt.asUintN(64, value) === value ? new Uint(value) : new Error('invalid uint literal')
    }
    case 'NUM_FLOAT': {
      const value = Number(minus + text)
      return Number.isFinite(value) ? value : new Error('invalid double literal')
    }
    case 'STRING': case 'BYTES':
      return attempt(() => (type === 'STRING' ? unescapeText(text) : unescapeBytes(text.slice(1))))
    case "'true'": case "'false'":
      return type === "'true'"
    case "'null'":
      return null
    default:
      return undefined
  }
}

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}

