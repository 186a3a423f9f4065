import { equalJson } from '../../base/json.ts'
import { each, say, unique } from '../checks.ts'
import { BadPath, jsonPath, simplePath } from '../custom/json-path.ts'
import { checkSchema } from '../custom/structural.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionVersion } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { conditionOf, withCondition } from '../meta.ts'
import { isDNS1035Label, isDNS1123Subdomain } from '../validation.ts'

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
  status: true,
  generation: true,
  default: ({ spec }) => {
    if (!spec) return
    spec.conversion ??= { strategy: 'None' }
    const { names } = spec
    if (!names?.kind) return
    names.singular ||= names.kind.toLowerCase()
    names.listKind ||= `${names.kind}List`
  },
  prepareCreate: (crd) => {
    crd.status = { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: storageVersions(crd) }
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
    if (!isTrue(old, 'Established') || !crd.spec?.names || !old.spec?.names) return []
    const spec = at.child('spec')
    return [
      ...(crd.spec.scope === old.spec.scope ? [] : [spec.child('scope').immutable(crd.spec.scope)]),
      ...(crd.spec.names.kind === old.spec.names.kind ? [] : [spec.child('names', 'kind').immutable(crd.spec.names.kind)]),
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

function validate(crd: CustomResourceDefinition, at: FieldPath, old?: CustomResourceDefinition): FieldError[] {
  const { spec, metadata } = crd
  if (!spec?.names || !spec.versions) return []
  const path = at.child('spec')
  const wanted = `${spec.names.plural}.${spec.group}`
  return [
    ...(metadata.name === wanted ? [] : [at.child('metadata', 'name').invalid(metadata.name, `must be spec.names.plural+"."+spec.group`)]),
    ...checkGroup(crd, at),
    ...(['Cluster', 'Namespaced'].includes(spec.scope) ? [] : [path.child('scope').notSupported(spec.scope, ['Cluster', 'Namespaced'])]),
    ...(spec.preserveUnknownFields ? [path.child('preserveUnknownFields').invalid(true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead')] : []),
    ...checkNames(spec.names, path.child('names')),
    ...checkVersions(crd, path.child('versions'), old),
    ...checkConversion(crd, path.child('conversion')),
    ...checkStored(crd, at.child('status', 'storedVersions')),
  ]
}

const isProtected = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group)
const approval = 'api-approved.kubernetes.io'

function checkGroup({ spec: { group }, metadata }: CustomResourceDefinition, at: FieldPath): FieldError[] {
  if (!group) return []
  const path = at.child('spec', 'group')
  const errors = say(path, group, isDNS1123Subdomain(group))
  if (!group.includes('.')) errors.push(path.invalid(group, 'should be a domain with at least one dot'))
  const text = metadata.annotations?.[approval]
  if (!isProtected(group)) return errors
  const note = at.child('metadata', 'annotations').key(approval)
  if (!text) errors.push(note.required(`protected groups must have approval annotation "${approval}", see https://github.com/kubernetes/enhancements/pull/1111`))
  else if (!/^https?:\/\//.test(text) && !text.startsWith('unapproved')) {
    errors.push(note.invalid(text, `protected groups must have approval annotation "${approval}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`))
  }
  return errors
}

function checkNames(names: CustomResourceDefinitionNames, at: FieldPath): FieldError[] {
  const label = (value: string | undefined, path: FieldPath): FieldError[] => (value ? say(path, value, isDNS1035Label(value)) : [])
  const mixed = (value: string | undefined, path: FieldPath): FieldError[] =>
    value ? isDNS1035Label(value.toLowerCase()).map((sentence) => path.invalid(value, `may have mixed case, but should otherwise match: ${sentence}`)) : []
  return [
    ...label(names.plural, at.child('plural')),
    ...label(names.singular, at.child('singular')),
    ...mixed(names.kind, at.child('kind')),
    ...mixed(names.listKind, at.child('listKind')),
    ...(names.kind && names.kind === names.listKind ? [at.child('listKind').invalid(names.listKind, 'kind and listKind may not be the same')] : []),
    ...each(names.shortNames, at.child('shortNames'), label),
    ...each(names.categories, at.child('categories'), label),
  ]
}

function checkVersions({ spec }: CustomResourceDefinition, at: FieldPath, old: CustomResourceDefinition | undefined): FieldError[] {
  const errors = unique(spec.versions, ({ name }) => name, () => at)
    .map(() => at.invalid(spec.versions.map(({ name }) => name), 'must contain unique version names'))
  if (spec.versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(at.invalid(spec.versions.map(({ name }) => name), 'must have exactly one version marked as storage version'))
  }
  return [...errors, ...each(spec.versions, at, (version, here) => {
    const before = old?.spec.versions.find(({ name }) => name === version.name)
    // what was accepted once is not looked at again
    return equalJson(before, version) ? [] : checkVersion(version, here)
  })]
}

function checkVersion(version: CustomResourceDefinitionVersion, at: FieldPath): FieldError[] {
  const errors = version.name ? say(at.child('name'), version.name, isDNS1035Label(version.name)) : []
  const schema = version.schema?.openAPIV3Schema
  const schemaAt = at.child('schema', 'openAPIV3Schema')
  if (schema) errors.push(...checkSchema(schema, schemaAt))
  else errors.push(schemaAt.required('schemas are required'))
  if (version.deprecationWarning !== undefined && !version.deprecated) {
    errors.push(at.child('deprecationWarning').invalid(version.deprecationWarning, 'can only be set for deprecated versions'))
  }
  return [...errors, ...checkSubresources(version, at.child('subresources')), ...checkColumns(version, at.child('additionalPrinterColumns')),
    ...each(version.selectableFields, at.child('selectableFields'), ({ jsonPath: path }, here) =>
      !path || simplePath(path) ? [] : [here.child('jsonPath').invalid(path, 'is an invalid path: only simple paths of field names are allowed')])]
}

function checkSubresources({ subresources }: CustomResourceDefinitionVersion, at: FieldPath): FieldError[] {
  const scale = subresources?.scale
  if (!scale) return []
  const here = at.child('scale')
  const path = (name: 'specReplicasPath' | 'statusReplicasPath' | 'labelSelectorPath', roots: readonly string[]): FieldError[] => {
    const value = scale[name]
    if (!value) return []
    const steps = simplePath(value)
    if (!steps) return [here.child(name).invalid(value, 'should be a json path without array notation')]
    return roots.includes(steps[0]!) ? [] : [here.child(name).invalid(value, `should be a json path under ${roots.map((root) => `.${root}`).join(' or ')}`)]
  }
  return [...path('specReplicasPath', ['spec']), ...path('statusReplicasPath', ['status']), ...path('labelSelectorPath', ['spec', 'status'])]
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

const checkColumns = ({ additionalPrinterColumns: columns }: CustomResourceDefinitionVersion, at: FieldPath): FieldError[] =>
  each(columns, at, ({ type, format, jsonPath: path }, here) => {
    const errors: FieldError[] = []
    if (type && !columnTypes.includes(type)) errors.push(here.child('type').invalid(type, `must be one of ${columnTypes.join(',')}`))
    if (format && !columnFormats.includes(format)) errors.push(here.child('format').invalid(format, `must be one of ${columnFormats.join(',')}`))
    if (!path) return errors
    if (!path.startsWith('.')) return [...errors, here.child('jsonPath').invalid(path, 'must be a simple json path starting with .')]
    try {
      jsonPath(path)
    } catch (error) {
      if (!(error instanceof BadPath)) throw error
      errors.push(here.child('jsonPath').invalid(path, error.message))
    }
    return errors
  })

function checkConversion({ spec: { conversion } }: CustomResourceDefinition, at: FieldPath): FieldError[] {
  if (!conversion) return []
  if (conversion.strategy === 'None') return conversion.webhook ? [at.child('webhook').forbidden('should not be set when strategy is not set to Webhook')] : []
  if (conversion.strategy !== 'Webhook') return [at.child('strategy').notSupported(conversion.strategy, ['None', 'Webhook'])]
  return [at.child('strategy').forbidden('this server does not call conversion webhooks yet: use None, which changes the apiVersion alone, or serve one version')]
}

function checkStored({ spec, status }: CustomResourceDefinition, at: FieldPath): FieldError[] {
  return each(status?.storedVersions, at, (name, here) =>
    spec.versions.some((version) => version.name === name) ? [] : [here.invalid(name, `must appear in spec.versions`)])
}
