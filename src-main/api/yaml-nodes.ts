import { type Token, YamlTokens } from './yaml-tokens.ts'

/** What a YAML text is made of; `line` counts from one. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping | YamlAlias

export interface YamlScalar {
  readonly type: 'scalar'
  readonly line: number
  readonly text: string
  readonly tag: string
  /** Neither quotes nor a tag say what it is. */
  readonly isImplicit: boolean
}

export interface YamlSequence {
  readonly type: 'sequence'
  readonly line: number
  readonly items: YamlNode[]
}

export interface YamlMapping {
  readonly type: 'mapping'
  readonly line: number
  readonly entries: Array<{ readonly key: YamlNode; readonly value: YamlNode }>
}

export interface YamlAlias {
  readonly type: 'alias'
  readonly line: number
  readonly name: string
  readonly target: YamlNode
}

/** Each costs many times what its two bytes cost to send. */
const mostBrackets = 100_000

type Form = 'block-sequence' | 'indentless' | 'block-mapping' | '[' | '{' | 'pair'

/** A collection that is being read; a mapping may have a key that waits for its value. */
interface Open {
  readonly form: Form
  readonly node: YamlSequence | YamlMapping
  isFirst: boolean
  key?: YamlNode | undefined
  /** A key without `:`, whose value is nothing. */
  isLone?: boolean
}

const afterEntry: ReadonlySet<Token['type']> = new Set(['-', 'block-end'])
const afterIndentless: ReadonlySet<Token['type']> = new Set(['-', '?', ':', 'block-end'])
const afterKey: ReadonlySet<Token['type']> = new Set(['?', ':', 'block-end'])
const beginsDocument: ReadonlySet<Token['type']> = new Set(['version', 'tag-directive', 'document-start', 'stream-end'])
const emptyDocument: ReadonlySet<Token['type']> = new Set([...beginsDocument, 'document-end'])

/** The first document of a text; undefined where there is none. Throws go-yaml's sentence for what is not YAML. */
export function readDocument(text: string, maxDepth: number): YamlNode | undefined {
  return new Reader(text, maxDepth).document()
}

const nothing = (line: number, tag = ''): YamlScalar => ({ type: 'scalar', line: line + 1, text: '', tag, isImplicit: tag === '' })

class Reader {
  readonly #tokens: YamlTokens
  readonly #maxDepth: number
  readonly #anchors = new Map<string, YamlNode>()
  readonly #handles = new Map<string, string>()
  readonly #open: Open[] = []
  #brackets = 0

  constructor(text: string, maxDepth: number) {
    this.#tokens = new YamlTokens(text)
    this.#maxDepth = maxDepth
  }

  document(): YamlNode | undefined {
    const first = this.#tokens.peek()
    if (first.type === 'stream-end') return undefined
    const isBare = !beginsDocument.has(first.type)
    if (!isBare) this.#directives()
    for (const [handle, prefix] of [['!', '!'], ['!!', 'tag:yaml.org,2002:']] as const) if (!this.#handles.has(handle)) this.#handles.set(handle, prefix)
    if (!isBare) this.#tokens.next()
    const begin = this.#tokens.peek()
    const root = !isBare && emptyDocument.has(begin.type) ? nothing(begin.line) : this.#node(true, false)
    while (this.#open.length > 0) this.#step(this.#open.at(-1)!)
    // what follows may be no token at all
    this.#tokens.peek()
    return root
  }

  #fail(sentence: string, { line }: Token): never {
    throw new Error(`yaml: ${line === 0 ? '' : `line ${line}: `}${sentence}`)
  }

  #directives(): void {
    let version = false
    for (let token = this.#tokens.peek(); token.type !== 'document-start'; token = this.#tokens.peek()) {
      if (token.type === 'version') {
        if (version) this.#fail('found duplicate %YAML directive', token)
        if (token.value !== '1.1') this.#fail('found incompatible YAML document', token)
        version = true
      } else if (token.type === 'tag-directive') {
        const { handle, suffix } = token.tag!
        if (this.#handles.has(handle)) this.#fail('found duplicate %TAG directive', token)
        this.#handles.set(handle, suffix)
      } else this.#fail('did not find expected <document start>', token)
      this.#tokens.next()
    }
  }

  /** The next node; what a collection contains is read by later steps. */
  #node(isBlock: boolean, mayBeIndentless: boolean): YamlNode {
    const start = this.#tokens.peek()
    if (start.type === 'alias') return this.#alias(this.#tokens.next())
    let anchor: string | undefined
    let tag: Token | undefined
    const takeAnchor = (): void => {
      if (this.#tokens.peek().type === 'anchor') anchor = this.#tokens.next().value
    }
    const takeTag = (): void => {
      if (this.#tokens.peek().type === 'tag') tag = this.#tokens.next()
    }
    for (const take of start.type === 'anchor' ? [takeAnchor, takeTag] : [takeTag, takeAnchor]) take()
    const name = tag ? this.#tagName(tag) : ''
    const node = this.#content(isBlock, mayBeIndentless, start, name) ?? (anchor !== undefined || name !== '' ? nothing(start.line, name) : undefined)
    if (!node) this.#fail('did not find expected node content', this.#tokens.peek())
    if (anchor !== undefined) this.#anchors.set(anchor, node)
    return node
  }

  #alias({ value: name = '', line }: Token): YamlAlias {
    const target = this.#anchors.get(name)
    if (!target) throw new Error(`yaml: unknown anchor '${name}' referenced`)
    return { type: 'alias', line: line + 1, name, target }
  }

  #tagName(token: Token): string {
    const { handle, suffix } = token.tag!
    if (handle === '') return suffix
    const prefix = this.#handles.get(handle)
    if (prefix === undefined) this.#fail('found undefined tag handle', token)
    return prefix + suffix
  }

  #content(isBlock: boolean, mayBeIndentless: boolean, start: Token, tag: string): YamlNode | undefined {
    const token = this.#tokens.peek()
    const line = start.line + 1
    if (mayBeIndentless && token.type === '-') return this.#begin('indentless', { type: 'sequence', line, items: [] })
    if (token.type === 'scalar') {
      const { value = '', isPlain = false } = this.#tokens.next()
      return { type: 'scalar', line, text: value, tag, isImplicit: (tag === '' && isPlain) || tag === '!' }
    }
    const form = token.type
    if (form !== '[' && form !== '{' && !(isBlock && (form === 'block-sequence' || form === 'block-mapping'))) return undefined
    this.#tokens.next()
    if ((form === '[' || form === '{') && ++this.#brackets > mostBrackets) throw new Error(`yaml: more than ${mostBrackets} lists and maps in brackets`)
    return this.#begin(form, form === '[' || form === 'block-sequence' ? { type: 'sequence', line, items: [] } : { type: 'mapping', line, entries: [] })
  }

  #begin(form: Form, node: YamlSequence | YamlMapping): YamlNode {
    if (this.#open.length > this.#maxDepth) throw new Error(`yaml: exceeded max depth of ${this.#maxDepth}`)
    this.#open.push({ form, node, isFirst: true })
    return node
  }

  #step(open: Open): void {
    switch (open.form) {
      case 'block-sequence':
        return this.#blockEntry(open, afterEntry)
      case 'indentless':
        return this.#blockEntry(open, afterIndentless)
      case 'block-mapping':
        return open.key ? this.#blockValue(open) : this.#blockKey(open)
      case '[':
        return this.#listItem(open)
      case '{':
        return open.key ? this.#mapValue(open) : this.#mapKey(open)
      case 'pair':
        return this.#pair(open)
    }
  }

  /** What is read now belongs to `open`: it may have been opened itself. */
  #add(open: Open, node: YamlNode): void {
    if (open.node.type === 'sequence') open.node.items.push(node)
    else if (open.key === undefined) open.key = node
    else {
      open.node.entries.push({ key: open.key, value: node })
      open.key = undefined
      open.isLone = false
    }
  }

  /** Ends the innermost collection with the token that ends it. */
  #end(): void {
    this.#tokens.next()
    this.#open.pop()
  }

  /** A node of a block behind its indicator, or nothing where something else begins. */
  #behind(open: Open, ends: ReadonlySet<Token['type']>, mayBeIndentless: boolean): void {
    const { line } = this.#tokens.next()
    this.#add(open, ends.has(this.#tokens.peek().type) ? nothing(line) : this.#node(true, mayBeIndentless))
  }

  #blockEntry(open: Open, ends: ReadonlySet<Token['type']>): void {
    const token = this.#tokens.peek()
    if (token.type === '-') this.#behind(open, ends, false)
    else if (open.form === 'indentless') this.#open.pop()
    else if (token.type === 'block-end') this.#end()
    else this.#fail("did not find expected '-' indicator", token)
  }

  #blockKey(open: Open): void {
    const token = this.#tokens.peek()
    if (token.type === '?') this.#behind(open, afterKey, true)
    else if (token.type === 'block-end') this.#end()
    else this.#fail('did not find expected key', token)
  }

  #blockValue(open: Open): void {
    const token = this.#tokens.peek()
    if (token.type === ':') this.#behind(open, afterKey, true)
    else this.#add(open, nothing(token.line))
  }

  /** Whether another item of a collection in brackets follows; ends it otherwise. */
  #hasItem(open: Open, close: ']' | '}'): boolean {
    if (!open.isFirst && this.#tokens.peek().type !== close) {
      if (this.#tokens.peek().type !== ',') this.#fail(`did not find expected ',' or '${close}'`, this.#tokens.peek())
      this.#tokens.next()
    }
    open.isFirst = false
    if (this.#tokens.peek().type !== close) return true
    this.#end()
    return false
  }

  #listItem(open: Open): void {
    if (!this.#hasItem(open, ']')) return
    const token = this.#tokens.peek()
    if (token.type !== '?') return this.#add(open, this.#node(false, false))
    this.#tokens.next()
    this.#add(open, this.#begin('pair', { type: 'mapping', line: token.line + 1, entries: [] }))
  }

  /** A mapping of one key in a list, without brackets of its own. */
  #pair(open: Open): void {
    const token = this.#tokens.peek()
    if (open.node.type === 'mapping' && open.node.entries.length > 0) this.#open.pop()
    else if (open.key) this.#flowValue(open, ']')
    else if (token.type === ':' || token.type === ',' || token.type === ']') this.#add(open, nothing(this.#tokens.next().line))
    else this.#add(open, this.#node(false, false))
  }

  #mapKey(open: Open): void {
    if (!this.#hasItem(open, '}')) return
    if (this.#tokens.peek().type !== '?') {
      open.isLone = true
      return this.#add(open, this.#node(false, false))
    }
    this.#tokens.next()
    const token = this.#tokens.peek()
    this.#add(open, token.type === ':' || token.type === ',' || token.type === '}' ? nothing(token.line) : this.#node(false, false))
  }

  #mapValue(open: Open): void {
    if (open.isLone) this.#add(open, nothing(this.#tokens.peek().line))
    else this.#flowValue(open, '}')
  }

  #flowValue(open: Open, close: ']' | '}'): void {
    const token = this.#tokens.peek()
    if (token.type !== ':') return this.#add(open, nothing(token.line))
    this.#tokens.next()
    const { type } = this.#tokens.peek()
    this.#add(open, type === ',' || type === close ? nothing(token.line) : this.#node(false, false))
  }
}
