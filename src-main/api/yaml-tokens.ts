import { end, endsWord, isBreak, YamlCursor } from './yaml-cursor.ts'
import { type Tag, takeAnchor, takeDirective, takeTag } from './yaml-tags.ts'
import { takeBlock, takePlain, takeQuoted } from './yaml-texts.ts'

export interface Token {
  readonly type:
    | 'stream-end' | 'version' | 'tag-directive' | 'document-start' | 'document-end' | 'block-sequence' | 'block-mapping' | 'block-end'
    | '[' | ']' | '{' | '}' | ',' | '-' | '?' | ':' | 'alias' | 'anchor' | 'tag' | 'scalar'
  /** From nought. */
  readonly line: number
  readonly value?: string
  /** It has no quotes. */
  readonly isPlain?: boolean
  readonly tag?: Tag
}

/** What may turn out to be a key once its `:` is seen. */
interface SimpleKey {
  isPossible: boolean
  /** Nothing else can stand there. */
  readonly isRequired: boolean
  /** Of the token that it begins with, counted from the first of the text. */
  readonly number: number
  readonly position: number
  readonly line: number
  readonly column: number
}

/** On one line, and no longer. */
const longestKey = 1024
/** Of YAML 1.1's readers in Go. */
const mostLevels = 10_000

/** The tokens of a YAML 1.1 text, one after the other. Its mistakes are those of go-yaml, which Kubernetes reads YAML with. */
export class YamlTokens {
  readonly #cursor: YamlCursor
  #queue: Token[] = []
  #head = 0
  #taken = 0
  #indent = -1
  readonly #indents: number[] = []
  /** Of the block, and of each pair of brackets that is open: the last that may be one. */
  readonly #keys: SimpleKey[] = [{ isPossible: false, isRequired: false, number: 0, position: 0, line: 0, column: 0 }]
  readonly #keyOfToken = new Map<number, SimpleKey>()
  #keyAllowed = true

  constructor(text: string) {
    this.#cursor = new YamlCursor(text)
  }

  peek(): Token {
    while (this.#head === this.#queue.length || this.#mayBeKey()) this.#fetch()
    return this.#queue[this.#head]!
  }

  next(): Token {
    const token = this.peek()
    this.#head++
    this.#taken++
    if (this.#head === this.#queue.length) {
      this.#queue = []
      this.#head = 0
    }
    return token
  }

  /** Whether what comes next depends on what is not read yet. */
  #mayBeKey(): boolean {
    const key = this.#keyOfToken.get(this.#taken)
    return key !== undefined && this.#isStillPossible(key)
  }

  get #inFlow(): boolean {
    return this.#keys.length > 1
  }

  #isStillPossible(key: SimpleKey): boolean {
    if (!key.isPossible) return false
    const { line, position } = this.#cursor
    if (key.line >= line && key.position + longestKey >= position) return true
    if (key.isRequired) this.#cursor.fail("could not find expected ':'")
    key.isPossible = false
    this.#keyOfToken.delete(key.number)
    return false
  }

  #push(type: Token['type'], more: Partial<Token> = {}, line = this.#cursor.line): void {
    this.#queue.push({ type, line, ...more })
  }

  /** An indicator of so many characters. */
  #pushIndicator(type: Token['type'], length = 1): void {
    this.#push(type)
    this.#cursor.take(length)
  }

  #fetch(): void {
    this.#skipToToken()
    this.#unroll(this.#cursor.column)
    const cursor = this.#cursor
    const code = cursor.code()
    if (code === end) return this.#endStream()
    if (cursor.column === 0 && code === 0x25) {
      this.#endBlocks()
      const { line } = cursor
      const { type, ...directive } = takeDirective(cursor)
      if ('value' in directive) this.#push(type, directive, line)
      else this.#push(type, { tag: { handle: directive.handle, suffix: directive.prefix } }, line)
      return
    }
    if (cursor.atMarker()) {
      const type = cursor.sees('-') ? 'document-start' : 'document-end'
      this.#endBlocks()
      return this.#pushIndicator(type, 3)
    }
    const isAlone = endsWord(cursor.code(1))
    const indicator = String.fromCharCode(code)
    switch (indicator) {
      case '[':
      case '{':
        return this.#open(indicator)
      case ']':
      case '}':
        return this.#close(indicator)
      case ',':
        this.#removeKey()
        this.#keyAllowed = true
        return this.#pushIndicator(',')
      case '-':
        if (isAlone) return this.#entry()
        break
      case '?':
        if (this.#inFlow || isAlone) return this.#key()
        break
      case ':':
        if (this.#inFlow || isAlone) return this.#value()
        break
      case '*':
      case '&':
        return this.#word(indicator === '*' ? 'alias' : 'anchor', () => ({ value: takeAnchor(cursor) }))
      case '!':
        return this.#word('tag', () => ({ tag: takeTag(cursor) }))
      case '|':
      case '>':
        if (this.#inFlow) break
        this.#removeKey()
        this.#keyAllowed = true
        return this.#scalar(() => takeBlock(cursor, this.#indent))
      case "'":
      case '"':
        return this.#word('scalar', () => ({ value: takeQuoted(cursor) }))
      case '#':
      case '%':
      case '@':
      case '`':
        break
      default:
        if (!endsWord(code)) return this.#plain()
    }
    const isText = (indicator === '-' && cursor.code(1) !== 0x20 && cursor.code(1) !== 0x09) || (!this.#inFlow && (indicator === '?' || indicator === ':') && !isAlone)
    if (!isText) cursor.fail('found character that cannot start any token')
    this.#plain()
  }

  /** A word that a simple key may begin with. */
  #word(type: Token['type'], take: () => Partial<Token>): void {
    this.#saveKey()
    this.#keyAllowed = false
    const { line } = this.#cursor
    this.#push(type, take(), line)
  }

  #scalar(take: () => string): void {
    const { line } = this.#cursor
    this.#push('scalar', { value: take() }, line)
  }

  #plain(): void {
    this.#word('scalar', () => {
      const { text, endsInGap } = takePlain(this.#cursor, this.#inFlow, this.#indent)
      if (endsInGap) this.#keyAllowed = true
      return { value: text, isPlain: true }
    })
  }

  #skipToToken(): void {
    const cursor = this.#cursor
    for (;;) {
      // a tab does not indent
      cursor.takeWhile((code) => code === 0x20 || (code === 0x09 && (this.#inFlow || !this.#keyAllowed)))
      if (cursor.sees('#')) cursor.skipComment()
      if (!isBreak(cursor.code())) return
      cursor.takeBreak()
      if (!this.#inFlow) this.#keyAllowed = true
    }
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return
    const key = this.#keyHere(true)
    this.#removeKey()
    this.#keys[this.#keys.length - 1] = key
    this.#keyOfToken.set(key.number, key)
  }

  #keyHere(isPossible: boolean): SimpleKey {
    const { position, line, column } = this.#cursor
    return { isPossible, isRequired: isPossible && !this.#inFlow && this.#indent === column, number: this.#taken + this.#queue.length - this.#head, position, line, column }
  }

  #removeKey(): void {
    const key = this.#keys.at(-1)!
    if (!key.isPossible) return
    if (key.isRequired) this.#cursor.fail("could not find expected ':'")
    key.isPossible = false
    this.#keyOfToken.delete(key.number)
  }

  /** The collection of this column begins, if it has not, before the token of that number. */
  #roll(column: number, type: 'block-sequence' | 'block-mapping', line: number, number?: number): void {
    if (this.#inFlow || this.#indent >= column) return
    this.#indents.push(this.#indent)
    this.#indent = column
    if (this.#indents.length > mostLevels) this.#cursor.fail(`exceeded max depth of ${mostLevels}`)
    this.#insert(number, { type, line })
  }

  #insert(number: number | undefined, token: Token): void {
    // what has been taken already cannot get anything before it any more
    if (number === undefined || number < this.#taken) this.#queue.push(token)
    else this.#queue.splice(this.#head + number - this.#taken, 0, token)
  }

  #unroll(column: number): void {
    if (this.#inFlow) return
    while (this.#indent > column) {
      this.#push('block-end')
      this.#indent = this.#indents.pop()!
    }
  }

  #endBlocks(): void {
    this.#unroll(-1)
    this.#removeKey()
    this.#keyAllowed = false
  }

  #endStream(): void {
    if (this.#cursor.column !== 0) {
      this.#cursor.column = 0
      this.#cursor.line++
    }
    this.#endBlocks()
    this.#push('stream-end')
  }

  #open(bracket: '[' | '{'): void {
    this.#saveKey()
    this.#keys.push(this.#keyHere(false))
    if (this.#keys.length > mostLevels + 1) this.#cursor.fail(`exceeded max depth of ${mostLevels}`)
    this.#keyAllowed = true
    this.#pushIndicator(bracket)
  }

  #close(bracket: ']' | '}'): void {
    this.#removeKey()
    // go-yaml forgets of an empty pair of brackets that it may be a key
    if (this.#inFlow) this.#keyOfToken.delete(this.#keys.pop()!.number)
    this.#keyAllowed = false
    this.#pushIndicator(bracket)
  }

  #entry(): void {
    if (!this.#inFlow) {
      if (!this.#keyAllowed) this.#cursor.fail('block sequence entries are not allowed in this context')
      this.#roll(this.#cursor.column, 'block-sequence', this.#cursor.line)
    }
    this.#removeKey()
    this.#keyAllowed = true
    this.#pushIndicator('-')
  }

  #key(): void {
    if (!this.#inFlow) {
      if (!this.#keyAllowed) this.#cursor.fail('mapping keys are not allowed in this context')
      this.#roll(this.#cursor.column, 'block-mapping', this.#cursor.line)
    }
    this.#removeKey()
    this.#keyAllowed = !this.#inFlow
    this.#pushIndicator('?')
  }

  #value(): void {
    const key = this.#keys.at(-1)!
    if (this.#isStillPossible(key)) {
      this.#insert(key.number, { type: '?', line: key.line })
      this.#roll(key.column, 'block-mapping', key.line, key.number)
      key.isPossible = false
      this.#keyOfToken.delete(key.number)
      this.#keyAllowed = false
    } else {
      if (!this.#inFlow) {
        if (!this.#keyAllowed) this.#cursor.fail('mapping values are not allowed in this context')
        this.#roll(this.#cursor.column, 'block-mapping', this.#cursor.line)
      }
      this.#keyAllowed = !this.#inFlow
    }
    this.#pushIndicator(':')
  }
}
