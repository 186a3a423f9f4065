import type { Steps } from '../base/turns.ts'
import type { AnyKind, CustomContent } from '../kinds/kind.ts'
import type { FieldSchema, Schemas, TypeSchema } from '../kinds/schema.ts'
import { zeroValue } from '../kinds/schema-values.ts'
import { isConnection, sentType, subresourcesOf } from './subresource-list.ts'

/** What the generated docs say of one type. */
export interface TypeDocs {
  readonly doc?: string
  readonly fields?: Readonly<Record<string, string>>
}
export type Docs = Readonly<Record<string, TypeDocs>>

export type Json = { readonly [key: string]: unknown }

const gvkWord = 'x-kubernetes-group-version-kind'

/** Which OpenAPI the schemas are for: 2 refers to `#/definitions/`, 3 to `#/components/schemas/`. */
export type Dialect = 2 | 3

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md'

/** Types that are text (or a number) on the wire, by the FieldSchema type that stands for them. */
const scalars: Readonly<Record<string, { name: string; description: string; schema: (dialect: Dialect) => Json }>> = {
  time: {
    name: `${meta}.Time`,
    description: 'Time is a wrapper around time.Time which supports correct marshaling to YAML and JSON.  Wrappers are provided for many of the factory methods that the time package offers.',
    schema: () => ({ type: 'string', format: 'date-time' }),
  },
  microtime: {
    name: `${meta}.MicroTime`, description: 'MicroTime is version of Time with microsecond level precision.',
    schema: () => ({ type: 'string', format: 'date-time' }),
  },
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    description: 'Quantity is a fixed-point representation of a number. It provides convenient marshaling/unmarshaling in JSON and YAML, in addition to String() and AsInt64() accessors.',
    schema: (dialect) => (dialect === 2 ? { type: 'string' } : { oneOf: [{ type: 'string' }, { type: 'number' }] }),
  },
  'int-or-string': {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    description: 'IntOrString is a type that can hold an int32 or a string.  When used in JSON or YAML marshalling and unmarshalling, it produces or consumes the inner type.  This allows you to have, for example, a JSON field that can accept a name or number.',
    schema: (dialect) => ({ format: 'int-or-string', ...(dialect === 2 ? { type: 'string' } : { oneOf: [{ type: 'integer' }, { type: 'string' }] }) }),
  },
}

/** Types that take any JSON, and are not only objects of any shape. */
const anything: ReadonlySet<string> = new Set(
  ['JSON', 'JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray'].map((name) => `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.${name}`),
)

/** What the kind of a list is called is for its definition to say. */
export const listSchema = ({ schema, custom, kind, listKind }: AnyKind): string => (custom ? `${schema.slice(0, -kind.length)}${listKind}` : `${schema}List`)

export const refTo = (name: string, dialect: Dialect): Json => ({ $ref: `${dialect === 2 ? '#/definitions/' : '#/components/schemas/'}${name}` })

/** Every definition that the kinds need, by name: theirs, their lists', `others`, and all they are made of. */
export function* definitions(kinds: readonly AnyKind[], schemas: Schemas, docs: Docs, dialect: Dialect, others: readonly string[] = []): Steps<Record<string, Json>> {
  const made: Record<string, Json> = {}
  for (const { name, description, schema } of Object.values(scalars)) made[name] = { description, ...schema(dialect) }
  made[`${meta}.Patch`] = { description: 'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.', type: 'object' }
  const sent = sentTypes(kinds)
  const waiting = [...kinds.map((kind) => kind.schema), ...sent.map(({ schema }) => schema), `${meta}.ListMeta`, `${meta}.ObjectMeta`, `${meta}.DeleteOptions`, `${meta}.Status`, ...others]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (Object.hasOwn(made, name)) continue
    yield
    const type = Object.hasOwn(schemas, name) ? schemas[name] : undefined
    made[name] = type ? definition(type, docs[name], dialect) : { ...described(docs[name]?.doc), ...(anything.has(name) ? {} : { type: 'object' }) }
    for (const field of Object.values(type?.fields ?? {})) waiting.push(...refsOf(field))
  }
  for (const kind of kinds) {
    yield
    if (kind.custom) made[kind.schema] = customDefinition(kind.custom, made, dialect)
    const { group, version } = kind
    const selected = selectedBy(kind)
    made[kind.schema] = { ...withVersion(made[kind.schema], { group, kind: kind.kind, version }), ...selected }
    if (kind.verbs.includes('list')) {
      made[listSchema(kind)] = { ...withVersion(made[listSchema(kind)] ?? listDefinition(kind, docs[listSchema(kind)], made, dialect), { group, kind: kind.listKind, version }), ...selected }
    }
  }
  for (const { schema, gvk } of sent) if (!made[schema]?.[gvkWord]) made[schema] = withVersion(made[schema], gvk)
  const groupVersions = [...new Map(kinds.map(({ group, version }) => [`${group}/${version}`, { group, version }])).values()]
  for (const kind of ['DeleteOptions', 'WatchEvent']) {
    const name = `${meta}.${kind}`
    if (made[name]) made[name] = { ...made[name], [gvkWord]: groupVersions.map(({ group, version }) => ({ group, kind, version })) }
  }
  made[`${meta}.Status`] = { ...made[`${meta}.Status`], 'x-kubernetes-group-version-kind': [{ group: '', kind: 'Status', version: 'v1' }] }
  return Object.fromEntries(Object.entries(made).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The fields that custom resources are selected by. */
function selectedBy({ custom, selectableFields }: AnyKind): Json {
  const fields = custom ? Object.keys(selectableFields ?? {}) : []
  return fields.length > 0 ? { 'x-kubernetes-selectable-fields': fields.map((fieldPath) => ({ fieldPath })) } : {}
}

/** What is sent to the kinds' subresources, where that is another type. */
const sentTypes = (kinds: readonly AnyKind[]) => kinds.flatMap((kind) => subresourcesOf(kind).flatMap((subresource) => {
  const schema = sentType(kind, subresource.name)?.schema
  return schema && subresource.sends && !isConnection(subresource) ? [{ schema, gvk: { ...subresource.sends } }] : []
}))

/** Versions of the same shape share one definition. */
function withVersion(definition: Json | undefined, gvk: Json): Json {
  const known = definition?.[gvkWord]
  return { ...definition, [gvkWord]: [...(Array.isArray(known) ? known as Json[] : []), gvk] }
}

/** A custom type as its CRD describes it, with what every object has. */
function customDefinition(custom: CustomContent, made: Readonly<Record<string, Json>>, dialect: Dialect): Json {
  const { properties, ...own } = custom.openApi(dialect)
  // kubectl would take any property for all that there may be
  if (dialect === 2 && own['x-kubernetes-preserve-unknown-fields'] === true) return { type: 'object' }
  const common = (made[`${meta}.DeleteOptions`]?.['properties'] ?? {}) as Record<string, Json>
  const metadata = { description: `Standard object's metadata. More info: ${conventions}#metadata`, ...within(refTo(`${meta}.ObjectMeta`, dialect), dialect) }
  return { ...own, type: 'object', properties: { ...(properties as Json | undefined), apiVersion: common['apiVersion'], kind: common['kind'], metadata } }
}

/** Beside a $ref OpenAPI 3.0 allows nothing. */
const within = (ref: Json, dialect: Dialect): Json => (dialect === 3 ? { allOf: [ref] } : ref)

const refsOf = (field: FieldSchema): string[] => [...(field.ref ? [field.ref] : []), ...(field.items ? refsOf(field.items) : [])]

function definition(type: TypeSchema, docs: TypeDocs | undefined, dialect: Dialect): Json {
  const fields = Object.entries(type.fields)
  const required = fields.filter(([, field]) => field.required).map(([name]) => name)
  return {
    ...described(docs?.doc),
    type: 'object',
    ...(fields.length > 0 ? { properties: Object.fromEntries(fields.map(([name, field]) => [name, property(field, docs?.fields?.[name], dialect)])) } : {}),
    ...(required.length > 0 ? { required } : {}),
    ...(type.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...(type.union ? { 'x-kubernetes-unions': [unionOf(type.union)] } : {}),
  }
}

const unionOf = ({ discriminator, fields }: NonNullable<TypeSchema['union']>): Json => ({
  ...(discriminator ? { discriminator } : {}), 'fields-to-discriminateBy': fields,
})

const described = (doc: string | undefined): Json => (doc ? { description: doc } : {})

function property(field: FieldSchema, doc: string | undefined, dialect: Dialect): Json {
  const value = valueOf(field, dialect)
  // kubectl of the days of version 2 would take a default for a value
  const hasDefault = dialect === 3 && field.default !== undefined && field.default !== null
  // beside a $ref OpenAPI 3.0 allows nothing
  const base = dialect === 3 && '$ref' in value && (doc || hasDefault) ? { allOf: [value] } : value
  return { ...described(doc), ...base, ...(hasDefault ? { default: field.default } : {}), ...extensions(field) }
}


/** An element is there as soon as it is counted, so it has a zero. */
function element(field: FieldSchema | undefined, dialect: Dialect): Json {
  if (!field) return {}
  const zero = withZero.includes(field.type) ? zeroValue(field) : undefined
  return property({ ...field, default: field.default ?? zero }, undefined, dialect)
}

const withZero: ReadonlyArray<FieldSchema['type']> = ['object', 'string', 'integer', 'number', 'boolean']

function valueOf(field: FieldSchema, dialect: Dialect): Json {
  const scalar = scalars[field.type]
  if (scalar) return refTo(scalar.name, dialect)
  switch (field.type) {
    case 'object':
      return field.ref ? refTo(field.ref, dialect) : { type: 'object' }
    case 'array':
      return { type: 'array', items: element(field.items, dialect) }
    case 'map':
      return { type: 'object', additionalProperties: element(field.items, dialect) }
    case 'bytes':
      return { type: 'string', format: 'byte' }
    case 'any':
      if (field.ref) return refTo(field.ref, dialect)
      // a type would be wrong: it may be a number as well as an object
      return dialect === 2 ? {} : { 'x-kubernetes-preserve-unknown-fields': true }
    default:
      return {
        type: field.type,
        ...(field.format ? { format: field.format } : {}),
        ...wordsOf(field),
      }
  }
}

function wordsOf({ published, enum: words = [] }: FieldSchema): Json {
  const listed = published ?? words
  return listed.length > 0 ? { enum: listed } : {}
}

const extensions = (field: FieldSchema): Json => ({
  ...(field.patchMergeKey ? { 'x-kubernetes-patch-merge-key': field.patchMergeKey } : {}),
  ...(field.patchStrategy ? { 'x-kubernetes-patch-strategy': field.patchStrategy } : {}),
  ...(field.listType ? { 'x-kubernetes-list-type': field.listType } : {}),
  ...(field.listMapKeys ? { 'x-kubernetes-list-map-keys': field.listMapKeys } : {}),
  ...(field.mapType ? { 'x-kubernetes-map-type': field.mapType } : {}),
})

function listDefinition(kind: AnyKind, docs: TypeDocs | undefined, made: Record<string, Json>, dialect: Dialect): Json {
  const common = (made[`${meta}.DeleteOptions`]?.['properties'] ?? {}) as Record<string, Json>
  const items = docs?.fields?.['items'] ?? `List of ${kind.plural}. More info: ${conventions}`
  const list: FieldSchema = { type: 'array', items: { type: 'object', ref: kind.schema } }
  const metadata: FieldSchema = { type: 'object', ref: `${meta}.ListMeta`, ...(kind.custom ? {} : { default: {} }) }
  return {
    description: docs?.doc ?? `${kind.listKind} is a list of ${kind.kind}`,
    type: 'object',
    properties: {
      apiVersion: common['apiVersion'],
      items: kind.custom ? { ...described(items), type: 'array', items: refTo(kind.schema, dialect) } : property(list, items, dialect),
      kind: common['kind'],
      metadata: property(metadata, docs?.fields?.['metadata'] ?? `Standard list metadata. More info: ${conventions}#types-kinds`, dialect),
    },
    required: ['items'],
  }
}
