import { goQuoted } from '../go-text.ts'

/** Undefined `at` for what is wrong with all of it. */
interface Mistake {
  readonly sentence: string
  readonly at?: string
}

/** What Go's netip.ParseAddr says of a text that is no address. */
export function addressMistake(text: string): string {
  const { sentence, at } = mistakeIn(text)
  return `ParseAddr(${goQuoted(text)}): ${sentence}${at === undefined ? '' : ` (at ${goQuoted(at)})`}`
}

/** The first of `.`, `:` and `%` tells what it was meant to be. */
function mistakeIn(text: string): Mistake {
  const sign = /[.:%]/.exec(text)?.[0]
  if (sign === '.') return octetsMistake(text) ?? unable
  if (sign === ':') return wordsMistake(text)
  return sign === '%' ? { sentence: 'missing IPv6 address' } : unable
}

const unable: Mistake = { sentence: 'unable to parse IP' }

function octetsMistake(text: string): Mistake | undefined {
  let [octet, octets] = ['', 0]
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!
    if (/\d/.test(character)) {
      if (octet === '0') return { sentence: 'IPv4 field has octet with leading zero' }
      octet += character
      if (Number(octet) > 255) return { sentence: 'IPv4 field has value >255' }
    } else if (character === '.') {
      if (octet === '' || i === text.length - 1) return { sentence: 'IPv4 field must have at least one digit', at: text.slice(i) }
      if (octets === 3) return { sentence: 'IPv4 address too long' }
      octet = ''
      octets++
    } else return { sentence: 'unexpected character', at: text.slice(i) }
  }
  return octets < 3 ? { sentence: 'IPv4 address too short' } : undefined
}

function wordsMistake(text: string): Mistake {
  const [plain = '', zone] = text.split(/%([^]*)/)
  if (zone === '') return { sentence: 'zone must be a non-empty string' }
  let rest = plain.replace(/^::/, '')
  let [words, isShortened] = [0, rest.length < plain.length]
  while (words < 8) {
    const [word = ''] = /^[\da-fA-F]*/.exec(rest) ?? []
    if (word.length > 4) return { sentence: 'each group must have 4 or less digits', at: rest }
    if (word === '') return { sentence: 'each colon-separated field must have at least one digit', at: rest }
    if (rest[word.length] === '.') {
      if (!isShortened && words !== 6) return { sentence: 'embedded IPv4 address must replace the final 2 fields of the address', at: rest }
      if (words > 6) return { sentence: 'too many hex fields to fit an embedded IPv4 at the end of the address', at: rest }
      const mistake = octetsMistake(rest)
      if (mistake) return mistake
      rest = ''
      words += 2
      break
    }
    words++
    rest = rest.slice(word.length)
    if (rest === '') break
    if (rest[0] !== ':') return { sentence: 'unexpected character, want colon', at: rest }
    if (rest.length === 1) return { sentence: 'colon must be followed by more characters', at: rest }
    rest = rest.slice(1)
    if (rest[0] !== ':') continue
    if (isShortened) return { sentence: 'multiple :: in address', at: rest }
    isShortened = true
    rest = rest.slice(1)
    if (rest === '') break
  }
  if (rest !== '') return { sentence: 'trailing garbage after address', at: rest }
  return words < 8 ? { sentence: 'address string too short' } : { sentence: 'the :: must expand to at least one field of zeros' }
}
