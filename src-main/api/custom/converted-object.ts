import { copyJson, equalJson, isJsonObject, type JsonObject } from '../../base/json.ts'
import { checkLabels } from '../../kinds/checks.ts'
import { type FieldError, field } from '../../kinds/field-error.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { checkAnnotations } from '../../kinds/object-meta.ts'

/** What a webhook made of an object is not that object; the sentence goes on after `conversion webhook for ... `. */
export class BadConversion extends Error {
  override readonly name = 'BadConversion'
}

/**
 * The converted object: of the version that was asked for, still the same object, with the metadata that it had. Of that a
 * webhook may change labels and annotations alone.
 *
 * @throws BadConversion
 */
export function checkedConversion(original: Readonly<KubeObject>, answer: unknown, apiVersion: string, index: number): KubeObject {
  const converted = isJsonObject(answer) ? answer : {}
  const at = `returned invalid object at index ${index}`
  if (converted.apiVersion !== apiVersion) throw new BadConversion(`${at}: invalid groupVersion (expected ${apiVersion}, received ${text(converted.apiVersion)})`)
  if (converted.kind !== original.kind) throw new BadConversion(`${at}: invalid kind (expected ${original.kind}, received ${text(converted.kind)})`)
  const metadata: JsonObject = isJsonObject(converted.metadata) ? converted.metadata : {}
  for (const [name, word] of [['name', 'name'], ['namespace', 'namespace'], ['uid', 'UID']] as const) {
    const [expected, given] = [original.metadata[name] ?? '', text(metadata[name])]
    if (expected !== given) throw new BadConversion(`returned invalid object: must have the same ${word}: ${expected} != ${given}`)
  }
  return { ...converted, metadata: restored(original, converted) } as unknown as KubeObject
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function restored(original: Readonly<KubeObject>, { metadata }: JsonObject): KubeObject['metadata'] {
  const wrong = (sentence: string) => new BadConversion(`returned invalid metadata: ${sentence}`)
  if (metadata === undefined) throw wrong('missing metadata in converted object')
  if (!isJsonObject(metadata)) throw wrong(`invalid metadata of type ${goType(metadata)} in converted object`)
  const { labels: _labels, annotations: _annotations, ...kept } = copyJson(original.metadata)
  for (const name of ['labels', 'annotations'] as const) {
    const map = metadata[name] ?? undefined
    if (map === undefined) continue
    if (!isJsonObject(map)) throw wrong(`invalid metadata.${name} of type ${goType(map)} in converted object`)
    for (const [key, value] of Object.entries(map)) {
      if (typeof value !== 'string') throw wrong(`metadata.${name}[${key}] must be a string, but is ${goType(value)} in converted object`)
    }
    const words = map as Record<string, string>
    const errors = equalJson(words, original.metadata[name] ?? {}) ? [] : name === 'labels' ? checkLabels(words, field('metadata', 'labels')) : checkAnnotations(words, field('metadata', 'annotation'))
    if (errors.length > 0) throw wrong(sentences(errors))
    Object.assign(kept, { [name]: words })
  }
  return kept
}

const goTypes: Readonly<Record<string, string>> = { string: 'string', number: 'float64', boolean: 'bool', object: 'map[string]interface {}' }
const goType = (value: unknown): string => (value === null ? '<nil>' : Array.isArray(value) ? '[]interface {}' : (goTypes[typeof value] ?? ''))

function sentences(errors: readonly FieldError[]): string {
  const all = errors.map(({ field: at, message }) => `${at}: ${message}`)
  return all.length === 1 ? all[0]! : `[${all.join(', ')}]`
}
