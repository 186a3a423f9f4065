import type { SizedType } from '../../base/cel/cost-sizes.ts'
import { celName } from '../cel/field-names.ts'
import { lookup } from '../lookup.ts'
import { additionalOf, isEmbedded, isIntOrString, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'

/** MaxRequestSizeBytes of k8s.io/apiserver/pkg/apis/cel. */
const requestBytes = 3 * 1024 * 1024

/** A schema by its sizes: SchemaDeclType of k8s.io/apiserver/pkg/cel/common. */
export interface SizedSchema {
  readonly type: SizedType
  /** Bytes that its shortest value takes in JSON. */
  readonly least: number
}

/** MaxElements and MinSerializedSize of k8s.io/apiserver/pkg/cel/limits.go, in bytes of JSON. */
const texts: Readonly<Record<string, SizedSchema>> = {
  duration: { type: { most: 32 }, least: 3 },
  date: { type: { most: 12 }, least: 12 },
  'date-time': { type: { most: 32 }, least: 21 },
}
const scalars: Readonly<Record<string, SizedSchema>> = {
  boolean: { type: { most: 0 }, least: 4 },
  integer: { type: { most: 0 }, least: 1 },
  number: { type: { most: 0 }, least: 1 },
}
const leastText = 2
const longestText = requestBytes - 2
/** A code point takes up to four bytes. */
const bytesPerCharacter = 4

const known = new WeakMap<JsonSchema, { readonly sized: SizedSchema | undefined }>()

/** How often values of a schema may be in a request at most, where nothing else bounds it. */
export const mostOften = ({ least }: SizedSchema): number => Math.floor(requestBytes / (least + 1))

/** How large values of a schema may be; undefined for those that rules cannot look into. */
export function sizedSchema(schema: JsonSchema, isRoot = isEmbedded(schema)): SizedSchema | undefined {
  if (isRoot) return sized(schema, isRoot)
  let found = known.get(schema)
  if (!found) known.set(schema, (found = { sized: sized(schema, false) }))
  return found.sized
}

function sized(schema: JsonSchema, isRoot: boolean): SizedSchema | undefined {
  if (isIntOrString(schema)) return { type: { most: bounded(schema.maxLength, bytesPerCharacter) ?? longestText }, least: 1 }
  switch (schema.type) {
    case 'array':
      return list(schema)
    case 'object':
      return object(schema, isRoot)
    case 'string':
      return text(schema)
    default:
      return schema.type ? lookup(scalars, schema.type) : undefined
  }
}

const bounded = (most: number | undefined, factor = 1): number | undefined => (most === undefined ? undefined : Math.max(Number(most), 0) * factor)

function text({ format = '', maxLength, enum: words = [] }: JsonSchema): SizedSchema {
  if (Object.hasOwn(texts, format)) return texts[format]!
  if (format === 'byte') return { type: { most: bounded(maxLength) ?? longestText }, least: leastText }
  const longestWord = words.length > 0 ? Math.max(0, ...words.map((word) => (typeof word === 'string' ? Buffer.byteLength(word) : 0))) : longestText
  return { type: { most: bounded(maxLength, bytesPerCharacter) ?? longestWord }, least: leastText }
}

function list(schema: JsonSchema): SizedSchema | undefined {
  const items = sizedSchema(itemsOf(schema) ?? {})
  return items && { type: { most: bounded(schema.maxItems) ?? Math.floor((requestBytes - 2) / (items.least + 1)), items: items.type }, least: 2 }
}

/** A name with its quotes, a colon and a comma. */
const perEntry = 6
/** Kubernetes takes no length for the names in a map. */
const entryName: SizedType = { most: 0 }

function object(schema: JsonSchema, isRoot: boolean): SizedSchema | undefined {
  const more = additionalOf(schema)
  if (typeof more === 'object') {
    const values = sizedSchema(more)
    return values && { type: { most: bounded(schema.maxProperties) ?? Math.floor((requestBytes - 2) / (values.least + perEntry)), keys: entryName, items: values.type }, least: 2 }
  }
  const fields = new Map<string, SizedType>()
  let least = 2
  for (const name of Object.keys(schema.properties ?? {})) {
    const property = propertyOf(schema, name)!
    const field = sizedSchema(property)
    if (!field) continue
    fields.set(celName(name), field.type)
    if (schema.required?.includes(name) && property.default === undefined) least += Buffer.byteLength(name) + field.least + 4
  }
  if (isRoot && !saysAll(schema)) for (const [name, type] of wholeObject) fields.set(name, type)
  return { type: { most: 0, fields }, least }
}

const anyText: SizedType = { most: longestText }
const wholeObject: ReadonlyArray<readonly [string, SizedType]> = [
  ['apiVersion', anyText], ['kind', anyText], ['metadata', { most: 0, fields: new Map([['name', anyText], ['generateName', anyText]]) }],
]

/** Whether a schema says itself what every whole object has; only then what it says of that counts. */
export function saysAll(schema: JsonSchema): boolean {
  const metadata = propertyOf(schema, 'metadata')
  const isText = (of: JsonSchema | undefined, name: string): boolean => of !== undefined && propertyOf(of, name)?.type === 'string'
  return isText(schema, 'apiVersion') && isText(schema, 'kind') && metadata?.type === 'object' && isText(metadata, 'name') && isText(metadata, 'generateName')
}
