/** Behind the end of the text. */
export const end = -1

/** `\n`, `\r`, and what YAML 1.1 takes for the end of a line besides. */
export const isBreak = (code: number): boolean => code === 0x0a || code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029
export const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
export const endsLine = (code: number): boolean => code === end || isBreak(code)
export const endsWord = (code: number): boolean => isBlank(code) || endsLine(code)

const surrogate = /[\ud800-\udbff]/

/** Where in a text a reader of YAML is. Lines and columns count from nought. */
export class YamlCursor {
  readonly #text: string
  readonly #hasPairs: boolean
  position = 0
  line = 0
  column = 0

  constructor(text: string) {
    this.#text = text
    this.#hasPairs = surrogate.test(text)
    if (text.startsWith('\ufeff')) this.position = 1
  }

  /** The code of the next character, or of a later one. */
  code(ahead = 0): number {
    const at = this.position + ahead
    return at < this.#text.length ? this.#text.charCodeAt(at) : end
  }

  /** Whether the text goes on like this. */
  sees(text: string, ahead = 0): boolean {
    return this.#text.startsWith(text, this.position + ahead)
  }

  /** Reads characters of this line. */
  take(count = 1): string {
    const taken = this.#text.slice(this.position, this.position + count)
    this.position += count
    this.column += count
    // a character of two codes is one column wide
    if (this.#hasPairs) for (let i = 0; i < taken.length; i++) if ((taken.charCodeAt(i) & 0xfc00) === 0xdc00) this.column--
    return taken
  }

  /** Reads what of this line fits. */
  takeWhile(fits: (code: number) => boolean): string {
    let count = 0
    while (fits(this.code(count))) count++
    return this.take(count)
  }

  /** Reads the end of a line. */
  takeBreak(): string {
    const code = this.code()
    this.position += code === 0x0d && this.code(1) === 0x0a ? 2 : 1
    this.line++
    this.column = 0
    return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : '\n'
  }

  /** What is left of the line says nothing more, as far as it is blank or a comment. */
  skipComment(): void {
    this.takeWhile(isBlank)
    if (this.code() === 0x23) this.takeWhile((code) => !endsLine(code))
  }

  /** `---` or `...`, alone. */
  atMarker(): boolean {
    return this.column === 0 && (this.sees('---') || this.sees('...')) && endsWord(this.code(3))
  }

  /** A mistake is told with the line where it was noticed; the first line has no number. */
  fail(sentence: string): never {
    throw new Error(`yaml: ${this.line === 0 ? '' : `line ${this.line + 1}: `}${sentence}`)
  }
}
