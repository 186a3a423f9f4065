import { isScalar, parseDocument, visit, type YAMLMap } from 'yaml'
import { refusedJson } from './json-guard.ts'
import type { YamlTask } from './yaml.ts'

/**
 * YAML as JSON: what a manifest means, its aliases written out.
 *
 * Throws a sentence for what is not YAML, has a key twice, is too deep, or would be longer than `mostBytes` without its aliases.
 */
export function yamlToJson({ text, mostBytes, maxDepth }: YamlTask): string {
  // the library's own look for keys that stand twice compares each with each
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false })
  if (document.errors[0]) throw document.errors[0]
  visit(document, { Map: (_, map) => assertUniqueKeys(map) })
  const json = JSON.stringify(document.toJS({ maxAliasCount: 100 })) ?? 'null'
  if (json.length > mostBytes) throw new Error(`longer than ${mostBytes} bytes with its aliases written out`)
  const refused = refusedJson(Buffer.from(json), maxDepth)
  if (refused) throw new Error(refused)
  return json
}

function assertUniqueKeys({ items }: YAMLMap): void {
  const seen = new Set<string>()
  for (const { key } of items) {
    const name = isScalar(key) ? String(key.value) : String(key)
    if (seen.has(name)) throw new Error(`key ${JSON.stringify(name)} already set in map`)
    seen.add(name)
  }
}
