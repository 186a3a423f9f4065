import { equalJson } from '../../base/json.ts'
import { each } from '../checks.ts'
import { internalSchema, internalVersion, saidIn } from '../custom/internal-form.ts'
import type { JsonSchema } from '../custom/json-schema.ts'
import { checkSelectableFields } from '../custom/selectable-fields.ts'
import { checkSchema } from '../custom/structural.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../generated/types.ts'
import { isDNS1035Label } from '../validation.ts'

/** As one mistake, whatever is wrong with it. */
export const say = (at: FieldPath, value: string, sentences: readonly string[], before = ''): FieldError[] =>
  sentences.length === 0 ? [] : [at.invalid(value, `${before}${sentences.join(',')}`)]

/** Which versions there are, and what each says for itself. */
export function checkVersions(crd: CustomResourceDefinition, at: FieldPath, old: CustomResourceDefinition | undefined, given?: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const { versions } = crd.spec
  const path = at.child('versions')
  const said = (sentence: string): FieldError => path.invalid(given?.map((version) => internalVersion(version, (name) => isShared(crd, name))), sentence)
  const errors = new Set(versions.map(({ name }) => name)).size === versions.length ? [] : [said('must contain unique version names')]
  if (versions.filter(({ storage }) => storage).length !== 1) errors.push(said('must have exactly one version marked as storage version'))
  // the first one is also the version of the definition
  const first = versions[0]?.name ? say(at.child('version'), versions[0].name, isDNS1035Label(versions[0].name)) : []
  return [
    ...each(versions, path, ({ schema }, here) => (schema?.openAPIV3Schema ? [] : [here.child('schema', 'openAPIV3Schema').required()])),
    ...each(versions, path, (version, here) => [
      // what was accepted once is not looked at again
      ...(equalJson(before(old, version), version) ? [] : checkVersion(version, here)),
      ...parts.flatMap(({ name, check }) => (saysOnce(crd, name) || isAccepted(old, version, name) ? [] : check(version, here.child(name), crd))),
    ]),
    ...errors, ...first,
  ]
}

const before = (old: CustomResourceDefinition | undefined, { name }: CustomResourceDefinitionVersion): CustomResourceDefinitionVersion | undefined =>
  old?.spec.versions.find((version) => version.name === name)

const isAccepted = (old: CustomResourceDefinition | undefined, version: CustomResourceDefinitionVersion, name: PartName): boolean =>
  old !== undefined && equalJson(before(old, version)?.[name], version[name])

/** Whether all versions say the same of it: Kubernetes keeps that once, beside the versions. */
const isShared = ({ spec: { versions } }: CustomResourceDefinition, name: keyof CustomResourceDefinitionVersion): boolean =>
  versions.every((version) => equalJson(version[name], versions[0]?.[name]))

function checkVersion(version: CustomResourceDefinitionVersion, at: FieldPath): FieldError[] {
  const errors = say(at.child('name'), version.name ?? '', isDNS1035Label(version.name ?? ''))
  const { deprecationWarning: warning } = version
  if (warning !== undefined) errors.push(...checkWarning(version).map((sentence) => at.child('deprecationWarning').invalid(warning, sentence)))
  return errors
}

/** Kubernetes says once what all versions say alike: its paths are those of its internal type then. */
export const checkShared = (crd: CustomResourceDefinition, at: FieldPath, old: CustomResourceDefinition | undefined): FieldError[] =>
  parts.flatMap(({ name, shared, check }) =>
    saysOnce(crd, name) && !crd.spec.versions.every((version) => isAccepted(old, version, name)) ? check(crd.spec.versions[0]!, at.child(shared), crd) : [])

const saysOnce = (crd: CustomResourceDefinition, name: PartName): boolean => crd.spec.versions[0]?.[name] !== undefined && isShared(crd, name)

type PartName = 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields'

interface Part {
  readonly name: PartName
  /** What it is called where all versions share it. */
  readonly shared: string
  check(version: CustomResourceDefinitionVersion, at: FieldPath, crd: CustomResourceDefinition): FieldError[]
}

const parts: readonly Part[] = [
  { name: 'schema', shared: 'validation', check: ({ name, schema }, at, crd) => (schema?.openAPIV3Schema
    ? [...checkRoot(schema.openAPIV3Schema, at, hasStatus(crd.spec.versions, isShared(crd, 'schema') ? undefined : name)), ...checkSchema(schema.openAPIV3Schema, at.child('openAPIV3Schema'))] : []) },
  { name: 'subresources', shared: 'subresources', check: checkSubresources },
  { name: 'additionalPrinterColumns', shared: 'additionalPrinterColumns', check: (version, at) => checkColumns(version, at) },
  { name: 'selectableFields', shared: 'selectableFields', check: checkSelectableFields },
]

const hasStatus = (versions: readonly CustomResourceDefinitionVersion[], of: string | undefined): boolean =>
  versions.some(({ name, subresources }) => (of === undefined || name === of) && subresources?.status !== undefined)

/** Of what else stands at the root, nothing would reach the status of its own. */
const besideStatus = [
  'Description', 'Type', 'Format', 'Title', 'Maximum', 'ExclusiveMaximum', 'Minimum', 'ExclusiveMinimum', 'MaxLength', 'MinLength', 'Pattern', 'MaxItems', 'MinItems',
  'UniqueItems', 'MultipleOf', 'Required', 'Items', 'Properties', 'ExternalDocs', 'Example', 'XPreserveUnknownFields', 'XValidations',
]

function checkRoot(schema: JsonSchema, at: FieldPath, statusIsApart: boolean): FieldError[] {
  if (!statusIsApart) return []
  const wrong = saidIn(schema).find((name) => (name === 'Type' ? schema.type !== 'object' : !besideStatus.includes(name)))
  if (wrong === 'Type') return [at.child('openAPIV3Schema', 'type').invalid(schema.type, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled')]
  return wrong ? [at.child('openAPIV3Schema').invalid(internalSchema(schema), `only [${besideStatus.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`)] : []
}

function checkWarning({ deprecated, deprecationWarning: text = '' }: CustomResourceDefinitionVersion): string[] {
  if (!deprecated) return ['can only be set for deprecated versions']
  const at = text.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u)
  return [
    ...(Buffer.byteLength(text) > 256 ? ['must be <= 256 characters long'] : []),
    ...(text === '' ? ['must not be an empty string'] : []),
    ...(at < 0 ? [] : [`must only contain printable UTF-8 characters; non-printable character found at index ${Buffer.byteLength(text.slice(0, at))}`]),
  ]
}

function checkSubresources({ subresources }: CustomResourceDefinitionVersion, at: FieldPath): FieldError[] {
  const scale = subresources?.scale
  if (!scale) return []
  const here = at.child('scale')
  const path = (name: 'specReplicasPath' | 'statusReplicasPath' | 'labelSelectorPath', roots: readonly string[]): FieldError[] => {
    const value = scale[name]
    if (!value) return name === 'labelSelectorPath' ? [] : [here.child(name).required()]
    if (!value.startsWith('.')) return [here.child(name).invalid(value, notSimple)]
    if (roots.some((root) => value.startsWith(`${root}.`))) return []
    return [here.child(name).invalid(value, `should be a json path under ${roots.length > 1 ? 'either ' : ''}${roots.join(' or ')}`)]
  }
  return [...path('specReplicasPath', ['.spec']), ...path('statusReplicasPath', ['.status']), ...path('labelSelectorPath', ['.spec', '.status'])]
}

const notSimple = 'must be a simple json path starting with .'

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

const checkColumns = ({ additionalPrinterColumns: columns }: CustomResourceDefinitionVersion, at: FieldPath): FieldError[] =>
  each(columns, at, ({ name, type, format, jsonPath: path }, here) => {
    const errors: FieldError[] = name ? [] : [here.child('name').required()]
    const known = `must be one of ${columnTypes.join(',')}`
    if (!type) errors.push(here.child('type').required(known))
    else if (!columnTypes.includes(type)) errors.push(here.child('type').invalid(type, known))
    if (format && !columnFormats.includes(format)) errors.push(here.child('format').invalid(format, `must be one of ${columnFormats.join(',')}`))
    const pathAt = here.child('JSONPath')
    if (!path) errors.push(pathAt.required())
    else if (!path.startsWith('.')) errors.push(pathAt.invalid(path, notSimple))
    return errors
  })
