import { each, oneOfIfAny, say } from '../checks.ts'
import { age } from '../columns.ts'
import { oldNodeLabel } from '../core/node-labels.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { StorageClass, TopologySelectorTerm } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { newestFirst } from '../meta.ts'
import { sameValue } from '../same-value.ts'
import { isQualifiedName } from '../validation.ts'
import { checkParameters, checkProvisioner } from './provisioner.ts'

export type { StorageClass }

/** Whether claims that name no class get this one. */
export const isDefaultClass = ({ metadata: { annotations = {} } }: StorageClass): boolean =>
  annotations['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true'

/** The cluster's default class: the newest when there are several. */
export const defaultClassOf = (classes: readonly StorageClass[]): StorageClass | undefined => classes.filter(isDefaultClass).sort(newestFirst)[0]

const policies = ['Delete', 'Retain']
const bindingModes = ['Immediate', 'WaitForFirstConsumer']

export const storageClass = defineKind<StorageClass>({
  group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass', plural: 'storageclasses', shortNames: ['sc'],
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.StorageClass',
  default: (object) => {
    object.reclaimPolicy ??= 'Delete'
    object.volumeBindingMode ??= 'Immediate'
  },
  warn: ({ allowedTopologies }) => (allowedTopologies ?? []).flatMap(({ matchLabelExpressions }, i) => (matchLabelExpressions ?? []).flatMap(({ key = '' }, j) => {
    const sentence = oldNodeLabel(key)
    return sentence ? [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${sentence}`] : []
  })),
  ownRules: true,
  validate: ({ provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies }, at) => [
    ...checkProvisioner(provisioner, at.child('provisioner')),
    ...checkParameters(parameters, at.child('parameters')),
    ...(reclaimPolicy ? oneOfIfAny(reclaimPolicy, policies, at.child('reclaimPolicy')) : []),
    ...oneOfIfAny(volumeBindingMode, bindingModes, at.child('volumeBindingMode')),
    ...checkTopologies(allowedTopologies ?? [], at.child('allowedTopologies')),
  ],
  validateUpdate: (object, old, at) => [
    ...(sameValue(object.parameters, old.parameters) ? [] : [at.child('parameters').forbidden('updates to parameters are forbidden.')]),
    ...(object.provisioner === old.provisioner ? [] : [at.child('provisioner').forbidden('updates to provisioner are forbidden.')]),
    ...(object.reclaimPolicy === old.reclaimPolicy ? [] : [at.child('reclaimPolicy').forbidden('updates to reclaimPolicy are forbidden.')]),
    ...(object.volumeBindingMode === old.volumeBindingMode ? [] : [at.child('volumeBindingMode').immutable(object.volumeBindingMode)]),
  ],
  columns: [
    { name: 'Name', type: 'string', of: 'metadata.name', cell: (object) => `${object.metadata.name}${isDefaultClass(object) ? ' (default)' : ''}` },
    { name: 'Provisioner', type: 'string', of: 'provisioner', cell: ({ provisioner }) => provisioner },
    { name: 'ReclaimPolicy', type: 'string', of: 'reclaimPolicy', cell: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete' },
    { name: 'VolumeBindingMode', type: 'string', of: 'volumeBindingMode', cell: ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate' },
    { name: 'AllowVolumeExpansion', type: 'string', of: 'allowVolumeExpansion', cell: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false },
    age,
  ],
})

function checkTopologies(terms: readonly TopologySelectorTerm[], at: FieldPath): FieldError[] {
  // a term without expressions is the same as none at all, which Kubernetes counts as said before
  const seen = new Set(['{}'])
  return each(terms, at, ({ matchLabelExpressions }, here) => {
    const values = new Map<string, string[]>()
    const errors = each(matchLabelExpressions, here.child('matchLabelExpressions'), ({ key = '', values: own = [] }, there) => [
      ...(own.length === 0 ? [there.child('values').required()] : []),
      ...repeated(own, there.child('values')),
      ...(values.has(key) ? [there.child('key').duplicate(key)] : (values.set(key, own), [])),
      ...say(there.child('key'), key, isQualifiedName(key)),
    ])
    const identity = JSON.stringify(Object.fromEntries([...values].sort().map(([key, own]) => [key, [...own].sort()])))
    if (seen.has(identity)) errors.push(here.child('matchLabelExpressions').duplicate(''))
    seen.add(identity)
    return errors
  })
}

function repeated(values: readonly string[], at: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(values, at, (value, here) => (seen.has(value) ? [here.duplicate(value)] : (seen.add(value), [])))
}
