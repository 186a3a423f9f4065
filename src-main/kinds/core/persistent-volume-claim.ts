import { parseQuantity } from '../../base/quantity.ts'
import { checkSelector } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { checkModes, showAccessModes } from './persistent-volume.ts'

export type { PersistentVolumeClaim }

export const persistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  group: '', version: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', shortNames: ['pvc'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.PersistentVolumeClaim',
  status: true,
  default: (object) => {
    const spec = (object.spec ??= {})
    spec.volumeMode ??= 'Filesystem'
  },
  prepareCreate: (object) => {
    object.status = { phase: 'Pending' }
  },
  validate: ({ spec = {} }, at) => checkSpec(spec, at.child('spec')),
  validateUpdate: ({ spec = {} }, { spec: old = {}, status }, at) => checkUpdate(spec, old, status?.phase === 'Bound', at.child('spec')),
  columns: [
    { name: 'Status', type: 'string', cell: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '')) },
    { name: 'Volume', type: 'string', cell: ({ spec }) => spec?.volumeName ?? '' },
    { name: 'Capacity', type: 'string', cell: ({ spec, status }) => (spec?.volumeName ? (status?.capacity?.['storage'] ?? '0') : '') },
    { name: 'Access Modes', type: 'string', cell: ({ spec, status }) => (spec?.volumeName ? showAccessModes(status?.accessModes) : '') },
    { name: 'StorageClass', type: 'string', cell: ({ spec }) => spec?.storageClassName ?? '' },
    { name: 'VolumeAttributesClass', type: 'string', cell: ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>' },
    age,
    { name: 'VolumeMode', type: 'string', priority: 1, cell: ({ spec }) => spec?.volumeMode ?? '<unset>' },
  ],
})

const sizeOf = (spec: PersistentVolumeClaimSpec): number => parseQuantity(spec.resources?.requests?.['storage'] ?? '0') ?? 0

function checkSpec(spec: PersistentVolumeClaimSpec, at: FieldPath): FieldError[] {
  const errors = [...checkModes(spec.accessModes, at.child('accessModes')), ...checkSelector(spec.selector, at.child('selector'))]
  const size = spec.resources?.requests?.['storage']
  if (size === undefined) errors.push(at.child('resources').key('storage').required())
  else if (sizeOf(spec) <= 0) errors.push(at.child('resources').key('storage').invalid(size, 'must be greater than zero'))
  return errors
}

/** A bound claim may ask for more room; the volume's name may be filled in once. */
function checkUpdate(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec, bound: boolean, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const fixed = (one: PersistentVolumeClaimSpec) => ({ ...one, resources: bound ? {} : one.resources, volumeName: old.volumeName ? one.volumeName : '', volumeAttributesClassName: '' })
  if (!sameValue(fixed(spec), fixed(old))) {
    errors.push(at.forbidden('spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'))
  }
  if (sizeOf(spec) < sizeOf(old)) errors.push(at.child('resources', 'requests', 'storage').forbidden('field can not be less than status.capacity'))
  return errors
}
