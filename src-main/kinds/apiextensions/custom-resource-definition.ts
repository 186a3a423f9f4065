import { equalJson } from '../../base/json.ts'
import { each } from '../checks.ts'
import { internalSchema, internalVersion, saidIn } from '../custom/internal-form.ts'
import type { JsonSchema } from '../custom/json-schema.ts'
import { checkSchema } from '../custom/structural.ts'
import { checkSelectableFields } from '../custom/selectable-fields.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionVersion } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { conditionOf, withCondition } from '../meta.ts'
import { isDNS1035Label, isDNS1123Subdomain } from '../validation.ts'
import { checkApproval } from './api-approval.ts'
import { checkConversion } from './conversion.ts'

export type { CustomResourceDefinition, CustomResourceDefinitionVersion }

/** Keeps a definition until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

export const isTrue = (crd: Readonly<CustomResourceDefinition>, condition: string): boolean =>
  conditionOf(crd.status?.conditions, condition)?.status === 'True'

export const customResourceDefinition = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'], categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  conditionalUpdate: true,
  status: true,
  statusKeeps: 'all but finalizers',
  generation: true,
  default: ({ spec }) => {
    if (!spec) return
    spec.conversion ??= { strategy: 'None' }
    const service = spec.conversion.webhook?.clientConfig?.service
    if (service) service.port ??= 443
    const { names } = spec
    if (!names?.kind) return
    names.singular ||= names.kind.toLowerCase()
    names.listKind ||= `${names.kind}List`
  },
  prepareCreate: (crd) => {
    crd.status = { conditions: [], acceptedNames: { plural: '', kind: '' }, ...firstStored(crd) }
  },
  prepareUpdate: (crd, old) => {
    const stored = crd.status?.storedVersions ?? old.status?.storedVersions ?? []
    const missing = storageVersions(crd).filter((name) => !stored.includes(name))
    if (missing.length > 0) crd.status = { ...(crd.status ?? old.status), storedVersions: [...stored, ...missing] }
  },
  prepareDelete: (crd, now) => {
    crd.metadata = { ...crd.metadata, finalizers: [...new Set([...(crd.metadata.finalizers ?? []), cleanupFinalizer])] }
    const conditions = withCondition(crd.status?.conditions, {
      type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    }, now)
    crd.status = { ...crd.status, conditions }
  },
  validate,
  validateUpdate: (crd, old, at) => {
    if (!crd.spec?.names || !old.spec?.names) return []
    const spec = at.child('spec')
    // until then nobody has stored anything under them
    const mayRename = !isTrue(old, 'Established')
    return [
      ...(mayRename || crd.spec.scope === old.spec.scope ? [] : [spec.child('scope').immutable(crd.spec.scope)]),
      ...(mayRename || crd.spec.names.kind === old.spec.names.kind ? [] : [spec.child('names', 'kind').immutable(crd.spec.names.kind)]),
      ...(crd.spec.group === old.spec.group ? [] : [spec.child('group').immutable(crd.spec.group)]),
      ...(crd.spec.names.plural === old.spec.names.plural ? [] : [spec.child('names', 'plural').immutable(crd.spec.names.plural)]),
    ]
  },
  columns: [
    { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name },
    { name: 'Created At', type: 'string', cell: ({ metadata }) => metadata.creationTimestamp },
  ],
})

const storageVersions = ({ spec }: CustomResourceDefinition): string[] => (spec?.versions ?? []).filter(({ storage }) => storage).map(({ name }) => name)

const firstStored = (crd: CustomResourceDefinition): { storedVersions?: string[] } => {
  const [first] = storageVersions(crd)
  return first === undefined ? {} : { storedVersions: [first] }
}

function validate(crd: CustomResourceDefinition, at: FieldPath, old?: CustomResourceDefinition): FieldError[] {
  const { spec, metadata } = crd
  if (!spec?.names || !spec.versions) return []
  const path = at.child('spec')
  const wanted = `${spec.names.plural}.${spec.group}`
  return [
    ...(old || metadata.name === wanted ? [] : [at.child('metadata', 'name').invalid(metadata.name, `must be spec.names.plural+"."+spec.group`)]),
    ...checkGroup(spec.group, path.child('group')),
    ...(!spec.scope || ['Cluster', 'Namespaced'].includes(spec.scope) ? [] : [path.child('scope').notSupported(spec.scope, ['Cluster', 'Namespaced'])]),
    ...(['singular', 'kind', 'listKind'] as const).flatMap((name) => (spec.names[name] ? [] : [path.child('names', name).required()])),
    ...checkNames(spec.names, path.child('names')),
    ...checkVersions(crd, path, old),
    ...checkConversion(crd, path.child('conversion'), old),
    ...(crd.status?.acceptedNames ? checkNames(crd.status.acceptedNames, at.child('status', 'acceptedNames')) : []),
    ...checkStored(crd, at.child('status', 'storedVersions')),
    ...checkApproval(crd, at, old),
    ...(spec.preserveUnknownFields ? [path.child('preserveUnknownFields').invalid(true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead')] : []),
  ]
}

/** As one mistake, whatever is wrong with it. */
const say = (at: FieldPath, value: string, sentences: readonly string[], before = ''): FieldError[] =>
  sentences.length === 0 ? [] : [at.invalid(value, `${before}${sentences.join(',')}`)]

function checkGroup(group: string, at: FieldPath): FieldError[] {
  if (!group) return []
  const errors = say(at, group, isDNS1123Subdomain(group))
  return errors.length > 0 || group.includes('.') ? errors : [at.invalid(group, 'should be a domain with at least one dot')]
}

function checkNames(names: CustomResourceDefinitionNames, at: FieldPath): FieldError[] {
  const label = (value: string | undefined, path: FieldPath): FieldError[] => (value ? say(path, value, isDNS1035Label(value)) : [])
  const mixed = (value: string | undefined, path: FieldPath): FieldError[] =>
    value ? say(path, value, isDNS1035Label(value.toLowerCase()), 'may have mixed case, but should otherwise match: ') : []
  return [
    ...label(names.plural, at.child('plural')),
    ...label(names.singular, at.child('singular')),
    ...mixed(names.kind, at.child('kind')),
    ...mixed(names.listKind, at.child('listKind')),
    ...each(names.shortNames, at.child('shortNames'), label),
    ...(names.kind && names.kind === names.listKind ? [at.child('listKind').invalid(names.listKind, 'kind and listKind may not be the same')] : []),
    ...each(names.categories, at.child('categories'), label),
  ]
}

function checkVersions(crd: CustomResourceDefinition, at: FieldPath, old: CustomResourceDefinition | undefined): FieldError[] {
  const { versions } = crd.spec
  const path = at.child('versions')
  const said = (sentence: string): FieldError => path.invalid(versions.map((version) => internalVersion(version, (name) => isShared(crd, name))), sentence)
  const errors = new Set(versions.map(({ name }) => name)).size === versions.length ? [] : [said('must contain unique version names')]
  if (versions.filter(({ storage }) => storage).length !== 1) errors.push(said('must have exactly one version marked as storage version'))
  const own = each(versions, path, (version, here) => {
    const before = old?.spec.versions.find(({ name }) => name === version.name)
    // what was accepted once is not looked at again
    return equalJson(before, version) ? [] : checkVersion(version, here)
  })
  // the first one is also the version of the definition
  const first = versions[0]?.name ? say(at.child('version'), versions[0].name, isDNS1035Label(versions[0].name)) : []
  return [...own, ...errors, ...first, ...checkShared(crd, at, old)]
}

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
function checkShared(crd: CustomResourceDefinition, at: FieldPath, old: CustomResourceDefinition | undefined): FieldError[] {
  const { versions } = crd.spec
  const check = (name: 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields', shared: string, one: (version: CustomResourceDefinitionVersion, at: FieldPath) => FieldError[]): FieldError[] => {
    const [first] = versions
    const same = (version: CustomResourceDefinitionVersion): boolean => equalJson(old?.spec.versions.find((before) => before.name === version.name)?.[name], version[name])
    if (first?.[name] !== undefined && isShared(crd, name)) return versions.every(same) && old ? [] : one(first, at.child(shared))
    return each(versions, at.child('versions'), (version, here) => (old && same(version) ? [] : one(version, here.child(name))))
  }
  return [
    ...each(versions, at.child('versions'), ({ schema }, here) => (schema?.openAPIV3Schema ? [] : [here.child('schema', 'openAPIV3Schema').required()])),
    ...check('schema', 'validation', ({ name, schema }, here) => (schema?.openAPIV3Schema
      ? [...checkRoot(schema.openAPIV3Schema, here, hasStatus(versions, isShared(crd, 'schema') ? undefined : name)), ...checkSchema(schema.openAPIV3Schema, here.child('openAPIV3Schema'))] : [])),
    ...check('subresources', 'subresources', checkSubresources),
    ...check('additionalPrinterColumns', 'additionalPrinterColumns', checkColumns),
    ...check('selectableFields', 'selectableFields', checkSelectableFields),
  ]
}

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
    if (!value) return []
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

function checkStored({ spec, status }: CustomResourceDefinition, at: FieldPath): FieldError[] {
  const stored = status?.storedVersions ?? []
  if (stored.length === 0) return [at.invalid(status?.storedVersions, 'must have at least one stored version')]
  const errors = spec.versions.filter(({ storage, name }) => storage && !stored.includes(name)).map(({ name }) => at.invalid(stored, `must have the storage version ${name}`))
  return [...errors, ...each(stored, at, (name, here) => (spec.versions.some((version) => version.name === name) ? [] : [here.invalid(name, isStored(name))]))]
}

const isStored = (name: string): string =>
  `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
