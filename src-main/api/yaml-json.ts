import { refusedJson } from './json-guard.ts'
import { readDocument, type YamlAlias, type YamlMapping, type YamlNode, type YamlScalar, type YamlSequence } from './yaml-nodes.ts'
import { keyOf, resolveScalar, type YamlValue } from './yaml-scalars.ts'
import type { YamlJson, YamlTask } from './yaml.ts'

/** More are not told. */
const mostDuplicates = 100
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
  const writer = new Writer(mostBytes, maxDepth)
  const json = withinStack(maxDepth, () => writer.write(readDocument(text, maxDepth)))
  const refused = refusedJson(Buffer.from(json), maxDepth)
  if (refused) throw new Error(`yaml: ${refused}`)
  return { json, duplicates: writer.duplicates.slice(0, mostDuplicates) }
}

/** The stack may be shorter than what is allowed. */
function withinStack(maxDepth: number, write: () => string): string {
  try {
    return write()
  } catch (error) {
    throw error instanceof RangeError ? new Error(`yaml: exceeded max depth of ${maxDepth}`) : error
  }
}

/** Writes nodes as JSON; what an anchor names is written once. */
class Writer {
  readonly duplicates: string[] = []
  readonly #written = new Map<YamlNode, string>()
  readonly #open = new Set<YamlNode>()
  #merged = 0
  readonly #mostBytes: number
  readonly #maxDepth: number

  constructor(mostBytes: number, maxDepth: number) {
    this.#mostBytes = mostBytes
    this.#maxDepth = maxDepth
  }

  write(node: YamlNode | undefined, depth = 0): string {
    if (depth > this.#maxDepth) throw new Error(`yaml: exceeded max depth of ${this.#maxDepth}`)
    switch (node?.type) {
      case undefined:
        return 'null'
      case 'alias':
        return this.#writeOnce(node, depth)
      case 'mapping':
        return this.#bounded(`{${[...this.#members(node, depth)].sort(byName).map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`)
      case 'sequence':
        return this.#bounded(`[${this.#items(node, depth).join(',')}]`)
      case 'scalar':
        return jsonOf(valueOf(node))
    }
  }

  #writeOnce({ target, name }: YamlAlias, depth: number): string {
    const known = this.#written.get(target)
    if (known !== undefined) return known
    this.#enter(target, name)
    const json = this.write(target, depth)
    this.#open.delete(target)
    this.#written.set(target, json)
    return json
  }

  #enter(target: YamlNode, anchor: string): void {
    if (this.#open.has(target)) throw new Error(`yaml: anchor '${anchor}' value contains itself`)
    this.#open.add(target)
  }

  #bounded(json: string): string {
    if (json.length > this.#mostBytes) throw new Error(excessive)
    return json
  }

  /** Aliases may make much of little: more than fits is not even put together. */
  #items({ items }: YamlSequence, depth: number): string[] {
    let length = 0
    return items.map((item) => {
      const json = this.write(item, depth + 1)
      if ((length += json.length) > this.#mostBytes) throw new Error(excessive)
      return json
    })
  }

  /** A map's fields in JSON; those that it merges count as if they stood there. */
  #members(map: YamlMapping, depth: number, into = new Map<string, string>()): Map<string, string> {
    for (const { key, value } of map.entries) {
      if (isMerge(key)) {
        this.#merge(value, depth, into)
        continue
      }
      const name = this.#nameOf(key)
      const json = this.write(value, depth + 1)
      if (name === null) throw new Error(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${json === 'null' ? '<nil>' : goSyntax(JSON.parse(json))}`)
      if (into.has(keyOf(name))) this.duplicates.push(`line ${value.line}: key ${jsonOf(name)} already set in map`)
      into.set(keyOf(name), json)
    }
    return into
  }

  #merge(value: YamlNode, depth: number, into: Map<string, string>): void {
    // of several maps the first counts, and so is the last to be written
    for (const each of value.type === 'sequence' ? value.items.toReversed() : [value]) {
      const map = targetOf(each)
      if (map.type !== 'mapping') throw new Error('yaml: map merge requires map or sequence of maps as the value')
      if (depth > this.#maxDepth) throw new Error(`yaml: exceeded max depth of ${this.#maxDepth}`)
      if ((this.#merged += map.entries.length) > mostMerged) throw new Error(excessive)
      this.#enter(map, each.type === 'alias' ? each.name : '')
      this.#members(map, depth + 1, into)
      this.#open.delete(map)
    }
  }

  #nameOf(key: YamlNode): YamlValue {
    const node = targetOf(key)
    if (node.type !== 'scalar') throw new Error(`yaml: invalid map key: ${goSyntax(JSON.parse(this.write(node)))}`)
    return valueOf(node)
  }
}

const targetOf = (node: YamlNode): YamlNode => (node.type === 'alias' ? node.target : node)

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1)

/** `<<`, not as a text. */
const isMerge = (key: YamlNode): boolean => key.type === 'scalar' && key.text === '<<' && (key.isImplicit || key.tag === 'tag:yaml.org,2002:merge')

const valueOf = ({ text, tag, isImplicit }: YamlScalar): YamlValue => (tag === '' && !isImplicit ? text : resolveScalar(tag, text))

/** A value as Go's `%#v` shows it; of a long one the beginning will do. */
function goSyntax(value: unknown): string {
  if (value === null) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value !== 'object') return JSON.stringify(value)
  return `map[interface {}]interface {}{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}:${goSyntax(each)}`).join(', ')}}`
}

function jsonOf(value: YamlValue): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'number' || Number.isFinite(value)) return JSON.stringify(value)
  throw new Error(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`)
}
