/**
 * Writes src-main/kinds/generated from four sources: @kubernetes/client-node (structure, required fields, parameters),
 * those of kubernetes-models (documentation), kubernetes-fields.json (merge keys, list types, defaults, enums) and
 * protobuf-fields.json (field numbers, and what Go writes of nothing). Run it with `npm run generate`; `--check` writes
 * nothing and fails when the files on disk differ.
 */
import { readFileSync, writeFileSync, mkdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import * as client from '@kubernetes/client-node'
import { documentSchemas } from '../../src-main/kinds/document-schemas.ts'
import { olderSchemas } from '../../src-main/kinds/older-types.ts'
import type { FieldSchema, TypeSchema } from '../../src-main/kinds/schema.ts'
import { zeroValue } from '../../src-main/kinds/schema-values.ts'
import { type TypeDocs, docsOf } from './docs.ts'
import { atomicTypes, corrections, groups, metaTypes, quantityFields, rawFields, unions } from './groups.ts'
import { readParameters } from './parameters.ts'
import { goFieldsOf, numbersOf } from './protobuf-numbers.ts'

interface Attribute { name: string; baseName: string; type: string; format: string }
type Model = { getAttributeTypeMap(): Attribute[] }
type Facts = Partial<Pick<FieldSchema, 'default' | 'listType' | 'listMapKeys' | 'mapType' | 'patchStrategy' | 'patchMergeKey'>> & {
  enum?: string
  structType?: string
}

const root = join(import.meta.dirname, '../..')
const models = client as unknown as Record<string, Model>
const facts = JSON.parse(readFileSync(join(import.meta.dirname, 'kubernetes-fields.json'), 'utf8')) as {
  enums: Record<string, Record<string, string[]>>
  fields: Record<string, Record<string, Record<string, Facts>>>
}

const { names: namesOfGo } = JSON.parse(readFileSync(join(import.meta.dirname, 'go-names.json'), 'utf8')) as { names: Record<string, Record<string, Record<string, string>>> }

interface Definition { name: string; group: string; short: string; model: string }
const definitions = new Map<string, Definition>()

const modelPath = (model: string) => join(root, 'node_modules/@kubernetes/client-node/dist/gen/models', `${model}.d.ts`)
const isModel = (type: string) => typeof models[type]?.getAttributeTypeMap === 'function' && existsSync(modelPath(type))

/** `V1Pod` is Pod; `CoreV1Event` and `V2MetricSpec` lose their prefix too. */
function shortName(model: string): string {
  return model.replace(/^(?:[A-Z][a-z]+)?V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])/, '')
}

function claim(model: string, openapi: string, group: string): void {
  if (definitions.has(model) || !isModel(model)) return
  const inMeta = metaTypes.includes(model)
  const prefix = inMeta ? 'io.k8s.apimachinery.pkg.apis.meta.v1' : openapi
  definitions.set(model, { name: `${prefix}.${shortName(model)}`, group: inMeta ? 'meta/v1' : group, short: shortName(model), model })
  for (const attribute of models[model]?.getAttributeTypeMap() ?? []) {
    for (const [referred] of attribute.type.matchAll(/\b[A-Z]\w+/g)) if (isModel(referred)) claim(referred, openapi, group)
  }
}

/** Which fields are required, and what is said of those that every object has: the rest of the comments is lossy here. */
function declarations(model: string): Map<string, { required: boolean; doc: string }> {
  const text = readFileSync(modelPath(model), 'utf8')
  const found = new Map<string, { required: boolean; doc: string }>()
  for (const match of text.matchAll(/(?:\/\*\*\s*\n\s*\* ([^\n]*)\n\s*\*\/\s*)?'([\w$-]+)'(\?)?: [^\n]*/g)) {
    found.set(match[2]!, { required: match[3] !== '?', doc: match[1] ?? '' })
  }
  return found
}

/** A model's `Date`, `{ [key: string]: X; }`, `Array<X>` as a field of ours. */
function fieldOf(type: string, format: string, quantity: boolean): FieldSchema {
  const array = /^Array<(.*)>$/.exec(type)
  if (array) return { type: 'array', items: fieldOf(array[1]!, format, quantity) }
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)
  if (map) return { type: 'map', items: fieldOf(map[1]!, format, quantity) }
  if (quantity && type === 'string') return { type: 'quantity' }
  switch (type) {
    case 'string':
      return format === 'byte' ? { type: 'bytes' } : { type: 'string' }
    case 'boolean':
      return { type: 'boolean' }
    case 'number':
      return format === 'double' ? { type: 'number', format } : { type: 'integer', format: format === 'int64' ? 'int64' : 'int32' }
    case 'Date':
      return { type: 'time' }
    case 'V1MicroTime':
      return { type: 'microtime' }
    case 'IntOrString':
      return { type: 'int-or-string' }
    case 'any':
    case 'object':
      return { type: 'any' }
  }
  const definition = definitions.get(type)
  if (!definition) throw new Error(`no definition for ${type}`)
  return { type: 'object', ref: definition.name }
}

/** Types that Go embeds in another one: their markers count for the type that embeds them. */
const embedded: Readonly<Record<string, string>> = { EphemeralContainer: 'EphemeralContainerCommon' }

function field(definition: Definition, attribute: Attribute, required: boolean): FieldSchema {
  const { group, short } = definition
  const table = facts.fields[group] ?? {}
  const name = attribute.baseName
  const fact: Facts = table[short]?.[name] ?? table[embedded[short] ?? '']?.[name] ?? {}
  const quantity = quantityFields.includes(`${short}.${name}`)
  const { enum: enumName, default: preset, structType, ...rest } = fact
  const correction = corrections[`${group} ${short}.${name}`]
  const known = correction?.enum ?? (enumName ? facts.enums[group]?.[enumName] : undefined)
  // the table has a few enums without values, and `""` where Go has a zero value: neither restricts anything
  const values = known && known.length > 0 ? known : undefined
  const words = { ...(values ? { enum: values } : {}), ...(correction?.published ? { published: correction.published } : {}) }
  const raw = rawFields[`${group} ${short}.${name}`]
  const plain = fieldOf(attribute.type, attribute.format, quantity)
  const base = raw && !plain.items ? { ...plain, ref: raw } : plain
  const go = goFieldsOf(group, short).get(name)
  const zero = go && zeroOf(base, go, required)
  return {
    ...base,
    ...(base.items ? { items: { ...base.items, ...(raw ? { ref: raw } : {}), ...words } } : words),
    ...(required ? { required: true } : {}),
    ...(go && !go.pointer && !go.always && omissible.includes(base.type) ? { omitZero: true } : {}),
    ...defaultOf(preset, correction?.default, zero),
    ...(structType ? { mapType: structType } : {}),
    ...(correction?.keepsEmpty ? { keepsEmpty: true as const } : {}),
    ...(correction?.listMapKeys ? { listMapKeys: correction.listMapKeys, listType: 'map' as const } : {}),
    ...rest,
  } as FieldSchema
}

/** What `omitempty` leaves out of JSON; it keeps structs and times. */
const omissible: ReadonlyArray<FieldSchema['type']> = ['string', 'boolean', 'integer', 'number']

/**
 * What Go writes for the field when nobody said anything; undefined when nothing. A list or pointer that is required has
 * none: its absence is a mistake.
 */
function zeroOf(schema: FieldSchema, { pointer, always }: { pointer: boolean; always: boolean }, required: boolean): unknown {
  const value = schema.type === 'object' || schema.type === 'time' || schema.type === 'microtime' || (schema.type === 'any' && schema.ref !== undefined)
  if (!always && (pointer || !value)) return undefined
  const zero = pointer || schema.type === 'int-or-string' || schema.type === 'array' || schema.type === 'map' || schema.type === 'bytes' ? undefined : zeroValue(schema)
  return zero ?? (required ? undefined : null)
}

function defaultOf(marked: unknown, corrected: 'none' | null | undefined, zero: unknown): { default?: unknown } {
  if (corrected !== undefined) return corrected === 'none' ? {} : { default: corrected }
  const known = marked ?? zero
  return known === undefined ? {} : { default: known }
}

function tsType(schema: FieldSchema): string {
  switch (schema.type) {
    case 'string': case 'bytes': case 'time': case 'microtime':
      return schema.enum ? schema.enum.map((v) => `'${v}'`).join(' | ') : 'string'
    case 'quantity': return 'string'
    case 'integer': case 'number': return 'number'
    case 'boolean': return 'boolean'
    case 'int-or-string': return 'number | string'
    case 'any': return 'unknown'
    case 'object': return typeNames.get(schema.ref!)!
    case 'array': return `Array<${tsType(schema.items!)}>`
    case 'map': return `Record<string, ${tsType(schema.items!)}>`
  }
}

for (const group of groups) for (const model of group.roots) {
  if (!isModel(model)) throw new Error(`client-node has no ${model}`)
  claim(model, group.openapi, group.name)
}

for (const path of Object.keys(corrections)) {
  const [group = '', type = ''] = path.split(/[ .]/)
  const exists = [...definitions.values()].some((definition) => definition.group === group && definition.short === type)
  if (!exists) throw new Error(`a correction names ${path}, which is not generated`)
}

// two groups may have a type of the same name: the later one carries its group's name
const typeNames = new Map<string, string>()
const taken = new Set<string>()
for (const definition of definitions.values()) {
  const [group = '', version = ''] = definition.group.split('/')
  const plain = definition.short
  const qualified = plain + group.replace(/^./, (c) => c.toUpperCase()).replaceAll(/\W/g, '') + version.toUpperCase()
  const name = taken.has(plain) ? qualified : plain
  taken.add(name)
  typeNames.set(definition.name, name)
}

/** Every object has these, and kubernetes-models does not describe them. */
const typeMeta = declarations('V1Pod')

function documented(name: string, names: readonly string[]): TypeDocs {
  const docs = docsOf(name)
  if (!docs) throw new Error(`kubernetes-models does not describe ${name}`)
  const words = (field: string) => docs.fields[field] ?? (field === 'apiVersion' || field === 'kind' ? typeMeta.get(field)!.doc : '')
  return { doc: docs.doc, fields: Object.fromEntries(names.map((field) => [field, words(field)])) }
}

const schemas: Record<string, TypeSchema> = {}
const docs: Record<string, TypeDocs> = {}
const numbers: Record<string, unknown> = {}
const goNames: Record<string, unknown> = {}
const types: string[] = ['// Written by `npm run generate` from Kubernetes 1.36: do not edit.\n']
const topLevel = new Set<string>(groups.flatMap((group) => group.roots))

for (const definition of [...definitions.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
  const declared = declarations(definition.model)
  const fields: Record<string, FieldSchema> = {}
  for (const attribute of models[definition.model]!.getAttributeTypeMap()) {
    fields[attribute.baseName] = field(definition, attribute, declared.get(attribute.name)?.required ?? false)
  }
  const path = `${definition.group} ${definition.short}`
  schemas[definition.name] = {
    fields,
    ...(atomicTypes.includes(path) ? { atomic: true as const } : {}),
    ...(unions[path] ? { union: unions[path] } : {}),
  }
  numbers[definition.name] = numbersOf(definition.group, definition.short, fields)
  const named = namesOfGo[definition.group]?.[definition.short]
  if (named) goNames[definition.name] = named
  docs[definition.name] = documented(definition.name, Object.keys(fields))
  const list = `${definition.name}List`
  if (docsOf(list)) docs[list] = documented(list, ['apiVersion', 'items', 'kind', 'metadata'])
  const isObject = topLevel.has(definition.model) && 'metadata' in fields
  const lines = Object.entries(fields).map(([name, schema]) => {
    const optional = schema.required || (isObject && ['apiVersion', 'kind', 'metadata'].includes(name)) ? '' : '?'
    return `  ${/^\w+$/.test(name) ? name : `'${name}'`}${optional}: ${tsType(schema)}${schema.default === null ? ' | null' : ''}`
  })
  types.push(`/** ${definition.name} */\nexport interface ${typeNames.get(definition.name)} {\n${lines.join('\n')}\n}\n`)
}

for (const name of Object.values(rawFields)) docs[name] = documented(name, [])
// what is answered that is no object of a kind
for (const [name, { fields }] of Object.entries(documentSchemas)) docs[name] = documented(name, Object.keys(fields))
for (const [name, { fields }] of Object.entries(olderSchemas)) docs[name] = documented(name, Object.keys(fields))

const output: Record<string, string> = {
  'types.ts': types.join('\n'),
  'schemas.json': `{\n${Object.entries(schemas).map(([name, schema]) => `${JSON.stringify(name)}: ${JSON.stringify(schema)}`).join(',\n')}\n}\n`,
  'go-names.json': `{\n${Object.entries(goNames).map(([name, fields]) => `${JSON.stringify(name)}: ${JSON.stringify(fields)}`).join(',\n')}\n}\n`,
  'protobuf.json': `{\n${Object.entries(numbers).map(([name, fields]) => `${JSON.stringify(name)}: ${JSON.stringify(fields)}`).join(',\n')}\n}\n`,
  'parameters.json': `{\n${Object.entries(readParameters(root)).map(([operation, found]) => `${JSON.stringify(operation)}: ${JSON.stringify(found)}`).join(',\n')}\n}\n`,
  'docs.json': `{\n${Object.entries(docs).map(([name, doc]) => `${JSON.stringify(name)}: ${JSON.stringify(doc)}`).join(',\n')}\n}\n`,
}
const folder = join(root, 'src-main/kinds/generated')
mkdirSync(folder, { recursive: true })
for (const [file, text] of Object.entries(output)) {
  const path = join(folder, file)
  const same = existsSync(path) && readFileSync(path, 'utf8') === text
  if (process.argv.includes('--check')) {
    if (!same) throw new Error(`${path} is out of date: run npm run generate`)
  } else if (!same) {
    writeFileSync(path, text)
    process.stdout.write(`wrote ${path}\n`)
  }
}
