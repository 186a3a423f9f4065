import type { LineCounter, YAMLError } from 'yaml'

/** Where go-yaml notices a mistake: its scanner counts lines from one, and its parser, by whose count the first line has no number, from nought. */
type Reader = 'scanner' | 'parser'

/** What the library says, and what go-yaml says of the same, as far as the same mistake is one. */
const sentences: ReadonlyArray<readonly [code: YAMLError['code'], said: RegExp, reader: Reader, sentence: string]> = [
  ['BAD_DQ_ESCAPE', /^/, 'scanner', 'found unknown escape character'],
  ['BAD_SCALAR_START', /^/, 'scanner', 'found character that cannot start any token'],
  ['TAB_AS_INDENT', /^/, 'scanner', 'found character that cannot start any token'],
  ['BLOCK_AS_IMPLICIT_KEY', /^/, 'scanner', 'mapping values are not allowed in this context'],
  ['MISSING_CHAR', /^Missing closing ["']quote/, 'scanner', 'found unexpected end of stream'],
  ['MISSING_CHAR', /^Implicit map keys need/, 'scanner', "could not find expected ':'"],
  ['UNEXPECTED_TOKEN', /^Unexpected block-seq-ind/, 'scanner', 'block sequence entries are not allowed in this context'],
  ['UNEXPECTED_TOKEN', /^Unexpected flow-\w+-end/, 'parser', 'did not find expected node content'],
  ['BAD_INDENT', /^Flow sequence/, 'parser', "did not find expected ',' or ']'"],
  ['BAD_INDENT', /^Flow map/, 'parser', "did not find expected ',' or '}'"],
  ['MISSING_CHAR', /^Flow sequence/, 'parser', "did not find expected ',' or ']'"],
  ['MISSING_CHAR', /^Flow map/, 'parser', "did not find expected ',' or '}'"],
  ['BAD_INDENT', /^All mapping items/, 'parser', 'did not find expected key'],
  ['BAD_INDENT', /^All sequence items/, 'parser', "did not find expected '-' indicator"],
]

/** Where go-yaml notices it, which may be behind where the library says it is. */
function placeOf(sentence: string | undefined, [begin, end]: YAMLError['pos'], text: string): number {
  switch (sentence) {
    case 'mapping values are not allowed in this context':
      return text.indexOf(':', begin)
    case 'found unexpected end of stream':
      return end
    case "could not find expected ':'":
      return end + (/^\s*/.exec(text.slice(end))?.[0].length ?? 0)
    default:
      return begin
  }
}

/** The sentence of go-yaml's about what the library refuses; the library's own where go-yaml has no such mistake. */
export function yamlMistake({ code, message, pos }: YAMLError, text: string, lines: LineCounter): string {
  const [, , reader, known] = sentences.find(([of, said]) => of === code && said.test(message)) ?? []
  const at = placeOf(known, pos, text)
  const opened = reader === 'parser' && /^Flow/.test(message) && /[[{,]\s*$/.test(text.slice(0, at))
  const sentence = opened ? 'did not find expected node content' : (known ?? message)
  // where a text ends without a line break, go-yaml puts one; not inside of quotes
  const ends = sentence !== 'found unexpected end of stream' && text.slice(at).trim() === '' && !text.endsWith('\n') ? 1 : 0
  const line = lines.linePos(at).line - 1 + ends
  const told = line === 0 ? 0 : reader === 'parser' ? line : line + 1
  return `yaml: ${told === 0 ? '' : `line ${told}: `}${sentence}`
}
