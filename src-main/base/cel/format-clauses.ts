/** The sorts of clauses that `"...".format([...])` knows. */
export type Verb = 's' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o'

/** A text of its own, or a clause for the next value. */
export type Piece = string | { readonly verb: Verb; readonly precision: number | undefined }

/** What a clause says of what it does not take. */
export const refusals: Readonly<Record<Verb, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
}

const verbs = new Set<string>(Object.keys(refusals))
const isVerb = (letter: string): letter is Verb => verbs.has(letter)

/** What Go's strconv.Atoi says of a precision that is none. */
function precisionOf(digits: string): number {
  if (digits === '' || Number(digits) > Number.MAX_SAFE_INTEGER) {
    const reason = digits === '' ? 'invalid syntax' : 'value out of range'
    throw new Error(`could not parse formatting clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing ${JSON.stringify(digits)}: ${reason}`)
  }
  return Number(digits)
}

/** Reads a format piece by piece; `count` is how many values there are, which is asked first in the run. @throws Error with cel-go's sentence */
export function* piecesOf(format: string, count: number, { isRun }: { readonly isRun: boolean }): Generator<Piece> {
  let used = 0
  for (const [text, digits, letter] of format.matchAll(/[^%]+|%%|%(?:\.(\d*))?([^]?)/gu)) {
    if (!text.startsWith('%')) yield text
    else if (text === '%%') yield '%'
    else {
      if (text === '%' && !(isRun && used >= count)) throw new Error('unexpected end of string')
      if (used >= count) throw new Error(`index ${used} out of range`)
      if (!letter) throw new Error('could not parse formatting clause: error while parsing precision: could not find end of precision specifier')
      const precision = digits === undefined ? undefined : precisionOf(digits)
      if (!isVerb(letter)) throw new Error(`could not parse formatting clause: unrecognized formatting clause "${letter}"`)
      yield { verb: letter, precision }
      used++
    }
  }
}
