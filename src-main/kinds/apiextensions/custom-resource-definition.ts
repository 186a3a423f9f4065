import { goQuoted } from '../../base/go-text.ts'
import { equalJson } from '../../base/json.ts'
import { each } from '../checks.ts'
import { createdAt } from '../columns.ts'
import { unknownFormats } from '../custom/formats.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionVersion } from '../generated/types.ts'
import { pruneDefaults } from '../custom/schema-defaults.ts'
import { defineKind } from '../kind.ts'
import { conditionOf, withCondition } from '../meta.ts'
import { isDNS1035Label, isDNS1123Subdomain } from '../validation.ts'
import { checkApproval } from './api-approval.ts'
import { checkConversion } from './conversion.ts'
import { checkShared, checkVersions, say } from './definition-versions.ts'

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
  ownRules: true,
  generation: true,
  default: ({ spec }) => {
    if (!spec) return
    for (const { schema } of spec.versions ?? []) if (schema?.openAPIV3Schema) pruneDefaults(schema.openAPIV3Schema)
    spec.conversion ??= { strategy: 'None' }
    const service = spec.conversion.webhook?.clientConfig?.service
    if (service) service.port ??= 443
    const { names } = spec
    if (!names?.kind) return
    names.singular ||= names.kind.toLowerCase()
    names.listKind ||= `${names.kind}List`
  },
  prepareCreate: (crd) => {
    crd.status = { conditions: null, acceptedNames: { plural: '', kind: '' }, ...firstStored(crd) }
  },
  prepareUpdate: (crd, old) => {
    const stored = crd.status?.storedVersions ?? []
    // who writes the status says which there are, but not that there is none
    if (stored.length > 0 && !equalJson(crd.status, old.status)) return
    const missing = storageVersions(crd).filter((name) => !stored.includes(name)).slice(0, 1)
    if (missing.length > 0) crd.status = { ...crd.status, storedVersions: [...stored, ...missing] }
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
  validatePart: (_subresource, crd, _old, at) => (crd.status?.acceptedNames ? checkNames(crd.status.acceptedNames, at.child('status', 'acceptedNames')) : []),
  warn: ({ spec }, old) => {
    const known = new Set(formatsOf(old?.spec))
    return [...new Set(formatsOf(spec))].filter((format) => !known.has(format)).map((format) => `unrecognized format ${goQuoted(format)}`)
  },
  columns: [
    { name: 'Name', type: 'string', of: 'metadata.name', cell: ({ metadata }) => metadata.name },
    createdAt,
  ],
})

const formatsOf = (spec: CustomResourceDefinition['spec'] | undefined): string[] => (spec?.versions ?? []).flatMap(({ schema }) => (schema?.openAPIV3Schema ? unknownFormats(schema.openAPIV3Schema) : []))

const storageVersions = ({ spec }: CustomResourceDefinition): string[] => (spec?.versions ?? []).filter(({ storage }) => storage).map(({ name }) => name)

const firstStored = (crd: CustomResourceDefinition): { storedVersions?: string[] } => {
  const [first] = storageVersions(crd)
  return first === undefined ? {} : { storedVersions: [first] }
}

function validate(crd: CustomResourceDefinition, at: FieldPath, old?: CustomResourceDefinition): FieldError[] {
  const { metadata } = crd
  // a definition may lack anything, and everything that it lacks is said
  const spec = { ...crd.spec, group: crd.spec?.group ?? '', scope: crd.spec?.scope ?? '', names: crd.spec?.names ?? { plural: '', kind: '' }, versions: crd.spec?.versions ?? [] }
  const path = at.child('spec')
  const wanted = `${spec.names.plural ?? ''}.${spec.group}`
  return [
    ...(old || metadata.name === wanted ? [] : [at.child('metadata', 'name').invalid(metadata.name, `must be spec.names.plural+"."+spec.group`)]),
    ...checkGroup(spec.group, path.child('group')),
    ...(spec.scope ? ['Cluster', 'Namespaced'].includes(spec.scope) ? [] : [path.child('scope').notSupported(spec.scope, ['Cluster', 'Namespaced'])] : [path.child('scope').required()]),
    ...checkVersions({ ...crd, spec }, path, old, crd.spec?.versions),
    ...(['plural', 'singular', 'kind', 'listKind'] as const).flatMap((name) => (spec.names[name] ? [] : [path.child('names', name).required()])),
    ...checkNames(spec.names, path.child('names')),
    ...checkShared({ ...crd, spec }, path, old),
    ...checkConversion({ ...crd, spec }, path.child('conversion'), old),
    ...(crd.status?.acceptedNames ? checkNames(crd.status.acceptedNames, at.child('status', 'acceptedNames')) : []),
    ...checkStored({ ...crd, spec }, at.child('status', 'storedVersions')),
    ...checkApproval({ ...crd, spec }, at, old),
    ...(spec.preserveUnknownFields ? [path.child('preserveUnknownFields').invalid(true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead')] : []),
  ]
}

function checkGroup(group: string, at: FieldPath): FieldError[] {
  if (!group) return [at.required()]
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

function checkStored({ spec, status }: CustomResourceDefinition, at: FieldPath): FieldError[] {
  const stored = status?.storedVersions ?? []
  if (stored.length === 0) return [at.invalid(status?.storedVersions, 'must have at least one stored version')]
  const errors = spec.versions.filter(({ storage, name }) => storage && !stored.includes(name)).map(({ name }) => at.invalid(stored, `must have the storage version ${name}`))
  return [...errors, ...each(stored, at, (name, here) => (spec.versions.some((version) => version.name === name) ? [] : [here.invalid(name, isStored(name))]))]
}

const isStored = (name: string): string =>
  `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
