import type { CustomResourceDefinitionVersion, ValidationRule } from '../generated/types.ts'
import { isObject } from '../schema-values.ts'
import type { JsonSchema } from './json-schema.ts'

/** Kubernetes' own types, as its sentences show them: with Go's names in Go's order, nothing left out. */
type Internal = Record<string, unknown>

type Show = (value: never) => unknown
type Field = readonly [goName: string, name: keyof JsonSchema, zero: unknown, show?: Show]

const each = (show: Show): Show => (values: readonly never[]) => (values.length > 0 ? values.map((value) => show(value)) : null)
const schemasByName = (schemas: Readonly<Record<string, JsonSchema>>): Internal =>
  Object.fromEntries(Object.keys(schemas).sort().map((name) => [name, internalSchema(schemas[name]!)]))
const schemaOrBool = (value: unknown): Internal => ({ Allows: value !== false, Schema: isObject(value) ? internalSchema(value as JsonSchema) : null })
const schemaOrList = (value: unknown): Internal =>
  Array.isArray(value) ? { Schema: null, JSONSchemas: value.map((item) => internalSchema(item as JsonSchema)) } : { Schema: internalSchema(value as JsonSchema), JSONSchemas: null }
const schemaOrNames = (value: unknown): Internal => ({ Schema: isObject(value) ? internalSchema(value as JsonSchema) : null, Property: Array.isArray(value) ? value : null })

/** A rule as Kubernetes shows it. */
export const internalRule = ({ rule, message = '', messageExpression = '', reason, fieldPath = '', optionalOldSelf }: ValidationRule): Internal =>
  ({ Rule: rule, Message: message, MessageExpression: messageExpression, Reason: reason ?? null, FieldPath: fieldPath, OptionalOldSelf: optionalOldSelf ?? null })

/** JSONSchemaProps of apiextensions' internal types. */
const fields: readonly Field[] = [
  ['ID', 'id', ''], ['Schema', '$schema', ''], ['Ref', '$ref', null], ['Description', 'description', ''], ['Type', 'type', ''], ['Nullable', 'nullable', false],
  ['Format', 'format', ''], ['Title', 'title', ''], ['Default', 'default', null], ['Maximum', 'maximum', null], ['ExclusiveMaximum', 'exclusiveMaximum', false],
  ['Minimum', 'minimum', null], ['ExclusiveMinimum', 'exclusiveMinimum', false], ['MaxLength', 'maxLength', null], ['MinLength', 'minLength', null],
  ['Pattern', 'pattern', ''], ['MaxItems', 'maxItems', null], ['MinItems', 'minItems', null], ['UniqueItems', 'uniqueItems', false], ['MultipleOf', 'multipleOf', null],
  ['Enum', 'enum', null], ['MaxProperties', 'maxProperties', null], ['MinProperties', 'minProperties', null], ['Required', 'required', null], ['Items', 'items', null, schemaOrList],
  ['AllOf', 'allOf', null, each(internalSchema)], ['OneOf', 'oneOf', null, each(internalSchema)], ['AnyOf', 'anyOf', null, each(internalSchema)], ['Not', 'not', null, internalSchema],
  ['Properties', 'properties', null, schemasByName], ['AdditionalProperties', 'additionalProperties', null, schemaOrBool], ['PatternProperties', 'patternProperties', null, schemasByName],
  ['Dependencies', 'dependencies', null, (all: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.keys(all).sort().map((name) => [name, schemaOrNames(all[name])]))],
  ['AdditionalItems', 'additionalItems', null, schemaOrBool], ['Definitions', 'definitions', null, schemasByName],
  ['ExternalDocs', 'externalDocs', null, ({ description = '', url = '' }: { description?: string; url?: string }) => ({ Description: description, URL: url })], ['Example', 'example', null],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', null], ['XEmbeddedResource', 'x-kubernetes-embedded-resource', false], ['XIntOrString', 'x-kubernetes-int-or-string', false],
  ['XListMapKeys', 'x-kubernetes-list-map-keys', null], ['XListType', 'x-kubernetes-list-type', null], ['XMapType', 'x-kubernetes-map-type', null], ['XValidations', 'x-kubernetes-validations', null, each(internalRule)],
]

export function internalSchema(schema: JsonSchema): Internal {
  return Object.fromEntries(fields.map(([goName, name, zero, show]) => {
    const value = schema[name]
    return [goName, value === undefined ? zero : show ? show(value as never) : value]
  }))
}

/** Go's names of the fields that a schema says something in. */
export const saidIn = (schema: JsonSchema): string[] =>
  fields.flatMap(([goName, name, zero]) => (schema[name] === undefined || schema[name] === zero ? [] : [goName]))

/** A version as it is shown; what all versions say alike stands elsewhere. */
export function internalVersion(version: CustomResourceDefinitionVersion, isShared: (name: keyof CustomResourceDefinitionVersion) => boolean): Internal {
  const own = <T>(name: keyof CustomResourceDefinitionVersion, value: T | undefined, show: (value: T) => unknown): unknown => (isShared(name) || value === undefined ? null : show(value))
  const { name, served, storage, deprecated = false, deprecationWarning = null, schema, subresources, additionalPrinterColumns, selectableFields } = version
  return {
    Name: name, Served: served ?? false, Storage: storage ?? false, Deprecated: deprecated, DeprecationWarning: deprecationWarning,
    Schema: own('schema', schema, ({ openAPIV3Schema }) => ({ OpenAPIV3Schema: openAPIV3Schema ? internalSchema(openAPIV3Schema) : null })),
    Subresources: own('subresources', subresources, ({ status, scale }) => ({
      Status: status === undefined ? null : {},
      Scale: scale ? { SpecReplicasPath: scale.specReplicasPath, StatusReplicasPath: scale.statusReplicasPath, LabelSelectorPath: scale.labelSelectorPath ?? null } : null,
    })),
    AdditionalPrinterColumns: own('additionalPrinterColumns', additionalPrinterColumns, (columns) =>
      columns.map((column) => ({ Name: column.name, Type: column.type, Format: column.format ?? '', Description: column.description ?? '', Priority: column.priority ?? 0, JSONPath: column.jsonPath }))),
    SelectableFields: own('selectableFields', selectableFields, (paths) => paths.map(({ jsonPath }) => ({ JSONPath: jsonPath }))),
  }
}
