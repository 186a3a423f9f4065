import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What Kubernetes says of a type and of each of its fields. */
export interface TypeDocs { readonly doc: string; readonly fields: Readonly<Record<string, string>> }

/**
 * By the name that kubernetes-models gives a definition. Its comments keep what those of client-node drop: the words of
 * fields that refer to other types, paragraphs, and what the values of an enum mean.
 */
function readDocs(): Map<string, TypeDocs> {
  const known = new Map<string, TypeDocs>()
  const models = dirname(fileURLToPath(import.meta.resolve('kubernetes-models/package.json')))
  for (const folder of [models, join(models, '../@kubernetes-models/apimachinery')]) {
    for (const file of globSync('**/*.d.ts', { cwd: folder })) {
      const text = readFileSync(join(folder, file), 'utf8')
      const [, name] = /^export type \{ \w+ as I(IoK8s\w+)/m.exec(text) ?? []
      if (name) known.set(name, parse(text))
    }
  }
  return known
}

function parse(text: string): TypeDocs {
  const [, doc = '', body = ''] = /^\/\*\*\n((?: \*.*\n)+) \*\/\nexport (?:interface|type) ([^]*?)^(?:\}|export)/m.exec(text) ?? []
  const fields = [...body.matchAll(/^ {4}\/\*\*\n((?: {5}\*.*\n)+) {5}\*\/\n {4}"([^"]+)"/gm)]
  return { doc: unwrap(doc), fields: Object.fromEntries(fields.map(([, words = '', name = '']) => [name, unwrap(words)])) }
}

/** A comment escapes what would end it, and has a tag for tools. */
const unwrap = (comment: string): string =>
  comment.replaceAll(/^ +\* ?/gm, '').replace(/\n@deprecated\n$/, '').replaceAll(/\\([*/])/g, '$1').trim()

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const known = readDocs()

/** By definition name; undefined for a type that the models do not describe. */
export const docsOf = (definition: string): TypeDocs | undefined => known.get(definition.split(/[.-]/).map(capital).join(''))
