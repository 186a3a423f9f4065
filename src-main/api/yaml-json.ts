import { type Alias, Composer, type CST, type Document, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, Parser, Scalar, visit, type YAMLMap } from 'yaml'
import { refusedJson } from './json-guard.ts'
import { yamlMistake } from './yaml-mistakes.ts'
import { keyOf, resolveScalar, type YamlValue } from './yaml-scalars.ts'
import type { YamlJson, YamlTask } from './yaml.ts'

/** More are not told. */
const mostDuplicates = 100
/** Each costs the library many times what its two bytes cost to send. */
const mostBrackets = 100_000
/** Of all maps together: what is merged is written again each time. */
const mostMerged = 10_000
const excessive = 'yaml: document contains excessive aliasing'

/** What YAML's own reader refuses before anything else. */
const notAllowed = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/**
 * The first document of a YAML text as JSON, as sigs.k8s.io/yaml makes it: YAML 1.1, merge keys and aliases written out,
 * keys in the order of their names.
 *
 * Throws the parser's sentence for what is not YAML, is too deep, or would be longer than `mostBytes` without its aliases.
 */
export function yamlToJson({ text, mostBytes, maxDepth }: YamlTask): YamlJson {
  if (notAllowed.test(text)) throw new Error('yaml: control characters are not allowed')
  const lines = new LineCounter()
  // the library's own look for keys that stand twice compares each with each
  const document = firstDocument(text, lines, maxDepth)
  const { explicit, version } = document.directives!.yaml
  if (explicit && version !== '1.1') throw new Error('yaml: found incompatible YAML document')
  // what follows the first document is not looked at
  const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS')
  if (error) throw new Error(yamlMistake(error, text, lines))
  const writer = new Writer(document, lines, mostBytes, maxDepth)
  const json = writer.write(document.contents as Node | null)
  const refused = refusedJson(Buffer.from(json), maxDepth)
  if (refused) throw new Error(`yaml: ${refused}`)
  return { json, duplicates: writer.duplicates.slice(0, mostDuplicates) }
}

/**
 * Composes the first document of a text, and reads no further than that, or than a mistake that no parser can go on after: the
 * library's recovery from thousands of them takes very long.
 */
function firstDocument(text: string, lines: LineCounter, maxDepth: number): Document {
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, lineCounter: lines, schema: 'failsafe', resolveKnownTags: false, strict: false })
  for (const token of tokensOf(text, lines, maxDepth)) {
    for (const document of composer.next(token)) return document
    if (token.type === 'error') break
  }
  for (const document of composer.end(true, text.length)) return document
  throw new Error('yaml: there is no document')
}

/** What a text has on its top level. Lists and maps inside of each other are counted while they are read: to build thousands of them takes long. */
function* tokensOf(text: string, lines: LineCounter, maxDepth: number): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  let brackets = 0
  for (const lexeme of new Lexer().lex(text)) {
    if ((lexeme === '[' || lexeme === '{') && ++brackets > mostBrackets) throw new Error(`yaml: more than ${mostBrackets} lists and maps in brackets`)
    yield* parser.next(lexeme)
    if (parser.stack.length > maxDepth + 2) throw new Error(`yaml: exceeded max depth of ${maxDepth}`)
  }
  yield* parser.end()
}

/** Writes nodes as JSON; what an anchor names is written once. */
class Writer {
  readonly duplicates: string[] = []
  readonly #written = new Map<Node, string>()
  readonly #open = new Set<Node>()
  readonly #targets: ReadonlyMap<Alias, Node>
  #merged = 0
  readonly #lines: LineCounter
  readonly #mostBytes: number
  readonly #maxDepth: number

  constructor(document: Document, lines: LineCounter, mostBytes: number, maxDepth: number) {
    this.#targets = targetsOf(document)
    this.#lines = lines
    this.#mostBytes = mostBytes
    this.#maxDepth = maxDepth
  }

  write(node: Node | null, depth = 0): string {
    if (depth > this.#maxDepth) throw new Error(`yaml: exceeded max depth of ${this.#maxDepth}`)
    if (isAlias(node)) return this.#writeOnce(node, depth)
    if (isMap(node)) return this.#bounded(`{${[...this.#members(node, depth)].sort(byName).map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`)
    if (isSeq(node)) return this.#bounded(`[${node.items.map((item) => this.write(item as Node | null, depth + 1)).join(',')}]`)
    return isScalar(node) ? jsonOf(valueOf(node)) : 'null'
  }

  #writeOnce(alias: Alias, depth: number): string {
    const target = this.#targetOf(alias)
    const known = this.#written.get(target)
    if (known !== undefined) return known
    this.#enter(target, alias.source)
    const json = this.write(target, depth)
    this.#open.delete(target)
    this.#written.set(target, json)
    return json
  }

  #targetOf(alias: Alias): Node {
    const target = this.#targets.get(alias)
    if (!target) throw new Error(`yaml: unknown anchor '${alias.source}' referenced`)
    return target
  }

  #enter(target: Node, anchor: string): void {
    if (this.#open.has(target)) throw new Error(`yaml: anchor '${anchor}' value contains itself`)
    this.#open.add(target)
  }

  #bounded(json: string): string {
    if (json.length > this.#mostBytes) throw new Error(excessive)
    return json
  }

  /** A map's fields in JSON; those that it merges count as if they stood there. */
  #members(map: YAMLMap, depth: number, into = new Map<string, string>()): Map<string, string> {
    for (const { key, value } of map.items as ReadonlyArray<{ key: Node | null; value: Node | null }>) {
      if (isMerge(key)) {
        this.#merge(value, depth, into)
        continue
      }
      const name = this.#nameOf(key)
      if (into.has(keyOf(name))) this.duplicates.push(`line ${this.#lineOf(value ?? key)}: key ${jsonOf(name)} already set in map`)
      into.set(keyOf(name), this.write(value, depth + 1))
    }
    return into
  }

  #merge(value: Node | null, depth: number, into: Map<string, string>): void {
    const target = isAlias(value) ? this.#targetOf(value) : value
    // of several maps the first counts, and so is the last to be written
    const maps = isSeq(value) ? (value.items as Node[]).toReversed() : [value]
    if (!isMap(target) && !isSeq(value)) throw new Error('yaml: map merge requires map or sequence of maps as the value')
    for (const each of maps) {
      const map = isAlias(each) ? this.#targetOf(each) : each
      if (!isMap(map)) throw new Error('yaml: map merge requires map or sequence of maps as the value')
      if (depth > this.#maxDepth) throw new Error(`yaml: exceeded max depth of ${this.#maxDepth}`)
      if ((this.#merged += map.items.length) > mostMerged) throw new Error(excessive)
      this.#enter(map, map.anchor ?? '')
      this.#members(map, depth + 1, into)
      this.#open.delete(map)
    }
  }

  #nameOf(key: Node | null): YamlValue {
    const node = isAlias(key) ? this.#targetOf(key) : key
    if (isMap(node) || isSeq(node)) throw new Error(`yaml: invalid map key: ${this.write(node)}`)
    return isScalar(node) ? valueOf(node) : null
  }

  #lineOf(node: Node | null): number {
    return this.#lines.linePos(node?.range?.[0] ?? 0).line
  }
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1)

/** What each alias stands for: the node that had the anchor last. */
function targetsOf(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>()
  const targets = new Map<Alias, Node>()
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source)
        if (target) targets.set(node, target)
      } else if (node.anchor) anchors.set(node.anchor, node)
    },
  })
  return targets
}

/** `<<`, not as a text. */
const isMerge = (key: Node | null): boolean =>
  isScalar(key) && key.source === '<<' && (key.tag === undefined ? key.type === Scalar.PLAIN : key.tag === 'tag:yaml.org,2002:merge')

const valueOf = ({ source = '', tag = '', type }: Scalar): YamlValue => (tag === '' && type !== Scalar.PLAIN ? source : resolveScalar(tag, source))

function jsonOf(value: YamlValue): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'number' || Number.isFinite(value)) return JSON.stringify(value)
  throw new Error(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`)
}
