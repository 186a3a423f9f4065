/**
 * Writes src-main/kinds/generated from four sources: the models of @kubernetes/client-node (structure, required
 * fields, documentation), kubernetes-fields.json (merge keys, list types, defaults, enums), zero-fields.json (what Go leaves
 * out at its zero value, which pointers it does not) and protobuf-fields.json (field numbers). Run it with `npm run generate`; `--check` writes nothing and fails when the files on disk differ.
 */
import { readFileSync, writeFileSync, mkdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import * as client from '@kubernetes/client-node'
import type { FieldSchema } from '../../src-main/kinds/schema.ts'
import { corrections, groups, metaTypes, quantityFields } from './groups.ts'
import { numbersOf } from './protobuf-numbers.ts'

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

const zeroFields = JSON.parse(readFileSync(join(import.meta.dirname, 'zero-fields.json'), 'utf8')) as Record<string, Record<string, string[]>>

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

function declarations(model: string): Map<string, { required: boolean; doc: string }> {
  const text = readFileSync(modelPath(model), 'utf8')
  const found = new Map<string, { required: boolean; doc: string }>()
  for (const match of text.matchAll(/(?:\/\*\*\s*\n\s*\* ([^\n]*)\n\s*\*\/\s*)?'([\w$-]+)'(\?)?: [^\n]*/g)) {
    found.set(match[2]!, { required: match[3] !== '?', doc: clean(match[1] ?? '') })
  }
  return found
}

function typeDoc(model: string): string {
  return clean(/\/\*\*\n\* ([^\n]*)\n\*\/\nexport declare class/.exec(readFileSync(modelPath(model), 'utf8'))?.[1] ?? '')
}

const clean = (doc: string) => doc.replaceAll(/\\(['"`])/g, '$1').trim()

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
  const table = facts.fields[definition.group] ?? {}
  const fact: Facts = table[definition.short]?.[attribute.baseName] ?? table[embedded[definition.short] ?? '']?.[attribute.baseName] ?? {}
  const quantity = quantityFields.includes(`${definition.short}.${attribute.baseName}`)
  const { enum: enumName, default: preset, structType, ...rest } = fact
  const correction = corrections[`${definition.group} ${definition.short}.${attribute.baseName}`]
  const known = correction?.enum ?? (enumName ? facts.enums[definition.group]?.[enumName] : undefined)
  // the table has a few enums without values, and `""` where Go has a zero value: neither restricts anything
  const values = known && known.length > 0 ? known : undefined
  const base = fieldOf(attribute.type, attribute.format, quantity)
  return {
    ...base,
    ...(base.items && values ? { items: { ...base.items, enum: values } } : {}),
    ...(required ? { required: true } : {}),
    ...(zeroFields[definition.group]?.[definition.short]?.includes(attribute.baseName) ? { omitZero: true } : {}),
    ...defaultOf(preset, correction?.default),
    ...(values && !base.items ? { enum: values } : {}),
    ...(structType === 'atomic' ? { mapType: 'atomic' as const } : {}),
    ...(correction?.listMapKeys ? { listMapKeys: correction.listMapKeys, listType: 'map' as const } : {}),
    ...rest,
  } as FieldSchema
}

function defaultOf(marked: unknown, corrected: 'none' | '' | null | undefined): { default?: unknown } {
  if (corrected !== undefined) return corrected === 'none' ? {} : { default: corrected }
  return marked === undefined || String(marked).startsWith('ref(') ? {} : { default: marked }
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

const schemas: Record<string, { fields: Record<string, FieldSchema> }> = {}
const docs: Record<string, { doc: string; fields: Record<string, string> }> = {}
const numbers: Record<string, unknown> = {}
const types: string[] = ['// Written by `npm run generate` from Kubernetes 1.36: do not edit.\n']
const topLevel = new Set<string>(groups.flatMap((group) => group.roots))

for (const definition of [...definitions.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
  const declared = declarations(definition.model)
  const fields: Record<string, FieldSchema> = {}
  const fieldDocs: Record<string, string> = {}
  for (const attribute of models[definition.model]!.getAttributeTypeMap()) {
    const { required = false, doc = '' } = declared.get(attribute.name) ?? {}
    fields[attribute.baseName] = field(definition, attribute, required)
    fieldDocs[attribute.baseName] = doc
  }
  schemas[definition.name] = { fields }
  numbers[definition.name] = numbersOf(definition.group, definition.short, fields)
  docs[definition.name] = { doc: typeDoc(definition.model), fields: fieldDocs }
  const isObject = topLevel.has(definition.model) && 'metadata' in fields
  const lines = Object.entries(fields).map(([name, schema]) => {
    const optional = schema.required || (isObject && ['apiVersion', 'kind', 'metadata'].includes(name)) ? '' : '?'
    return `  ${/^\w+$/.test(name) ? name : `'${name}'`}${optional}: ${tsType(schema)}${schema.default === null ? ' | null' : ''}`
  })
  types.push(`/** ${definition.name} */\nexport interface ${typeNames.get(definition.name)} {\n${lines.join('\n')}\n}\n`)
}

const output: Record<string, string> = {
  'types.ts': types.join('\n'),
  'schemas.json': `{\n${Object.entries(schemas).map(([name, schema]) => `${JSON.stringify(name)}: ${JSON.stringify(schema)}`).join(',\n')}\n}\n`,
  'protobuf.json': `{\n${Object.entries(numbers).map(([name, fields]) => `${JSON.stringify(name)}: ${JSON.stringify(fields)}`).join(',\n')}\n}\n`,
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
