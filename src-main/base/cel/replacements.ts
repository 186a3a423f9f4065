/** What is called instead of the library's own: its matches() backtracks, its lowerAscii() knows more than ASCII. */
export const replacements: ReadonlyMap<string, string> = new Map([
  ['matches', 'matchesLinear'],
  ['lowerAscii', 'lowerAsciiOnly'],
  ['upperAscii', 'upperAsciiOnly'],
])
