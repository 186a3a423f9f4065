import { parseQuantity } from '../../base/quantity.ts'
import { checkSelector, say } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec, TypedLocalObjectReference } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Subdomain } from '../validation.ts'
import { classNameOf, showAccessModes } from './persistent-volume.ts'
import { checkModes } from './volume-rules.ts'

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
    settleSources(object.spec ?? {})
  },
  prepareUpdate: ({ spec = {} }, { spec: old }) => settleSources(spec, old),
  ownRules: true,
  validate: ({ spec = {} }, at) => checkClaimSpec(spec, at.child('spec')),
  validateUpdate: ({ spec = {} }, { spec: old = {}, status }, at) => [
    ...checkUpdate(spec, old, status, at.child('spec')),
    ...(spec.volumeMode === old.volumeMode ? [] : [at.child('volumeMode').immutable(spec.volumeMode)]),
    ...checkClass(spec.volumeAttributesClassName, old.volumeAttributesClassName, status, at.child('spec', 'volumeAttributesClassName')),
  ],
  columns: [
    { name: 'Status', type: 'string', of: 'status.phase', cell: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '')) },
    { name: 'Volume', type: 'string', of: 'spec.volumeName', cell: ({ spec }) => spec?.volumeName ?? '' },
    { name: 'Capacity', type: 'string', of: 'status.capacity', cell: ({ spec, status }) => (spec?.volumeName ? (status?.capacity?.['storage'] ?? '0') : '') },
    { name: 'Access Modes', type: 'string', of: 'status.accessModes', cell: ({ spec, status }) => (spec?.volumeName ? showAccessModes(status?.accessModes) : '') },
    { name: 'StorageClass', type: 'string', description: 'StorageClass of the pvc', cell: classNameOf },
    { name: 'VolumeAttributesClass', type: 'string', description: 'VolumeAttributesClass of the pvc', cell: ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>' },
    age,
    { name: 'VolumeMode', type: 'string', priority: 1, of: 'spec.volumeMode', cell: ({ spec }) => spec?.volumeMode ?? '<unset>' },
  ],
})

const sizeOf = (spec: PersistentVolumeClaimSpec): number => parseQuantity(spec.resources?.requests?.['storage'] ?? '0') ?? 0

/** Of a claim, or of a template of one. */
export function checkClaimSpec(spec: PersistentVolumeClaimSpec, at: FieldPath): FieldError[] {
  const errors = [...checkModes(spec.accessModes, at.child('accessModes'), 'at least 1 access mode is required'), ...checkSelector(spec.selector, at.child('selector'))]
  const size = spec.resources?.requests?.['storage']
  if (size === undefined) errors.push(at.child('resources').key('storage').required())
  else if (sizeOf(spec) <= 0) errors.push(at.child('resources').key('storage').invalid(size, 'must be greater than zero'))
  const { storageClassName, volumeMode, dataSource, dataSourceRef, volumeAttributesClassName } = spec
  if (storageClassName) errors.push(...say(at.child('storageClassName'), storageClassName, isDNS1123Subdomain(storageClassName)))
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) errors.push(at.child('volumeMode').notSupported(volumeMode, volumeModes))
  if (dataSource) errors.push(...checkSource(dataSource, at.child('dataSource')))
  if (dataSourceRef) errors.push(...checkSource(dataSourceRef, at.child('dataSourceRef')))
  // the value is a path of Go's, which has nothing to show
  if (dataSource && dataSourceRef?.namespace) errors.push(at.invalid({}, 'may not be specified when dataSourceRef.namespace is specified'))
  else if (dataSource && dataSourceRef && !sameValue(dataSource, dataSourceRef)) errors.push(at.invalid({}, 'must match dataSourceRef'))
  if (volumeAttributesClassName) errors.push(...say(at.child('volumeAttributesClassName'), volumeAttributesClassName, isDNS1123Subdomain(volumeAttributesClassName)))
  return errors
}

const volumeModes = ['Block', 'Filesystem']

const isClaimOrSnapshot = ({ apiGroup, kind }: TypedLocalObjectReference): boolean =>
  (kind === 'PersistentVolumeClaim' && !apiGroup) || (kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io')

/**
 * The older of the two fields for a source took claims and snapshots and ignored the rest; who gives one field means
 * both. Changes `spec`.
 */
function settleSources(spec: PersistentVolumeClaimSpec, old: Readonly<PersistentVolumeClaimSpec> = {}): void {
  const { dataSource, dataSourceRef } = spec
  const isIgnored = dataSource && !dataSourceRef && !isClaimOrSnapshot(dataSource) && !old.dataSource && !old.dataSourceRef
  if (isIgnored) delete spec.dataSource
  else if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource }
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) spec.dataSource = { ...dataSourceRef }
}

function checkSource({ apiGroup, kind, name }: TypedLocalObjectReference, at: FieldPath): FieldError[] {
  const errors = name ? [] : [at.child('name').required()]
  if (!kind) errors.push(at.child('kind').required())
  if (!apiGroup && kind !== 'PersistentVolumeClaim') errors.push(at.invalid(kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  return apiGroup ? [...errors, ...say(at.child('apiGroup'), apiGroup, isDNS1123Subdomain(apiGroup))] : errors
}

/** A bound claim may ask for more room; the names of its volume and its class may be filled in once. */
function checkUpdate(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec, status: PersistentVolumeClaim['status'], at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const bound = status?.phase === 'Bound'
  const fixed = (one: PersistentVolumeClaimSpec) => ({
    ...one,
    resources: bound ? {} : one.resources,
    volumeName: old.volumeName ? one.volumeName : '',
    storageClassName: old.storageClassName === undefined ? '' : one.storageClassName,
    volumeAttributesClassName: '',
  })
  if (!sameValue(fixed(spec), fixed(old))) {
    errors.push(at.forbidden('spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'))
  }
  // an expansion that failed may be taken back, as far as the volume has not grown yet
  const least = parseQuantity(status?.capacity?.['storage'] ?? '0') ?? 0
  if (sizeOf(spec) < sizeOf(old) && sizeOf(spec) <= least) errors.push(at.child('resources', 'requests', 'storage').forbidden('field can not be less than status.capacity'))
  return errors
}

/** A class that was applied once stays until another one takes its place. */
function checkClass(name: string | undefined, old: string | undefined, status: PersistentVolumeClaim['status'], at: FieldPath): FieldError[] {
  if (name === old || status?.currentVolumeAttributesClassName === undefined || name) return []
  return [at.forbidden(`update to ${name === undefined ? 'nil' : 'empty string'} is forbidden when status.currentVolumeAttributesClassName is not nil`)]
}
