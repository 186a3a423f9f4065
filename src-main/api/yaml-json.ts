import { isNode, isScalar, LineCounter, parseDocument, visit, type YAMLMap } from 'yaml'
import { refusedJson } from './json-guard.ts'
import type { YamlJson, YamlTask } from './yaml.ts'

/**
 * YAML as JSON: what a manifest means, its aliases written out.
 *
 * Throws a sentence for what is not YAML, is too deep, or would be longer than `mostBytes` without its aliases.
 */
export function yamlToJson({ text, mostBytes, maxDepth }: YamlTask): YamlJson {
  // the library's own look for keys that stand twice compares each with each
  const lines = new LineCounter()
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, lineCounter: lines })
  if (document.errors[0]) throw document.errors[0]
  const duplicates: string[] = []
  visit(document, { Map: (_, map) => void duplicates.push(...keysTwice(map, lines)) })
  const json = JSON.stringify(document.toJS({ maxAliasCount: 100 })) ?? 'null'
  if (json.length > mostBytes) throw new Error(`longer than ${mostBytes} bytes with its aliases written out`)
  const refused = refusedJson(Buffer.from(json), maxDepth)
  if (refused) throw new Error(refused)
  return { json, duplicates: duplicates.slice(0, mostDuplicates) }
}

/** More are not told. */
const mostDuplicates = 100

function keysTwice({ items }: YAMLMap, lines: LineCounter): string[] {
  const seen = new Set<string>()
  return items.flatMap(({ key }) => {
    const name = isScalar(key) ? String(key.value) : String(key)
    if (!seen.has(name)) return seen.add(name) && []
    const { line } = lines.linePos((isNode(key) ? key.range?.[0] : undefined) ?? 0)
    return [`line ${line}: key ${JSON.stringify(name)} already set in map`]
  })
}
