import { present, say } from '../checks.ts'
import { age } from '../columns.ts'
import type { StorageClass } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { isQualifiedName } from '../validation.ts'

export type { StorageClass }

/** Whether claims that name no class get this one. */
export const isDefaultClass = ({ metadata: { annotations = {} } }: StorageClass): boolean =>
  annotations['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true'

const policies = ['Delete', 'Retain']

export const storageClass = defineKind<StorageClass>({
  group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass', plural: 'storageclasses', shortNames: ['sc'],
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.StorageClass',
  default: (object) => {
    object.reclaimPolicy ||= 'Delete'
    object.volumeBindingMode ??= 'Immediate'
  },
  validate: ({ provisioner, reclaimPolicy = '' }, at) => [
    ...present(provisioner, at.child('provisioner')),
    ...(provisioner ? say(at.child('provisioner'), provisioner, isQualifiedName(provisioner.toLowerCase())) : []),
    ...(policies.includes(reclaimPolicy) ? [] : [at.child('reclaimPolicy').notSupported(reclaimPolicy, policies)]),
  ],
  validateUpdate: (object, old, at) => [
    ...(sameValue(object.parameters, old.parameters) ? [] : [at.child('parameters').forbidden('updates to parameters are forbidden.')]),
    ...(object.provisioner === old.provisioner ? [] : [at.child('provisioner').forbidden('updates to provisioner are forbidden.')]),
    ...(object.reclaimPolicy === old.reclaimPolicy ? [] : [at.child('reclaimPolicy').forbidden('updates to reclaimPolicy are forbidden.')]),
    ...(sameValue(object.allowedTopologies, old.allowedTopologies) ? [] : [at.child('allowedTopologies').immutable(object.allowedTopologies)]),
    ...(object.volumeBindingMode === old.volumeBindingMode ? [] : [at.child('volumeBindingMode').immutable(object.volumeBindingMode)]),
  ],
  columns: [
    { name: 'Name', type: 'string', cell: (object) => `${object.metadata.name}${isDefaultClass(object) ? ' (default)' : ''}` },
    { name: 'Provisioner', type: 'string', cell: ({ provisioner }) => provisioner },
    { name: 'ReclaimPolicy', type: 'string', cell: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete' },
    { name: 'VolumeBindingMode', type: 'string', cell: ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate' },
    { name: 'AllowVolumeExpansion', type: 'string', cell: ({ allowVolumeExpansion }) => String(allowVolumeExpansion ?? false) },
    age,
  ],
})
