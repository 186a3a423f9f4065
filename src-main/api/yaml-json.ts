import { parse } from 'yaml'
import type { YamlTask } from './yaml.ts'

/**
 * YAML as JSON: what a manifest means, its aliases written out.
 *
 * Throws a sentence for what is not YAML, has a key twice, is too deep, or would be longer than `mostBytes` without its aliases.
 */
export function yamlToJson({ text, mostBytes, maxDepth }: YamlTask): string {
  const value: unknown = parse(text, { maxAliasCount: 100, uniqueKeys: true, prettyErrors: false })
  checkDepth(value, maxDepth)
  const json = JSON.stringify(value) ?? 'null'
  if (json.length > mostBytes) throw new Error(`longer than ${mostBytes} bytes with its aliases written out`)
  return json
}

function checkDepth(value: unknown, maxDepth: number, depth = 0): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > maxDepth) throw new Error(`exceeded max depth of ${maxDepth}`)
  for (const child of Object.values(value)) checkDepth(child, maxDepth, depth + 1)
}
