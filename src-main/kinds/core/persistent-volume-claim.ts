import { parseQuantity } from '../../base/quantity.ts'
import { checkSelector, say } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec, TypedLocalObjectReference } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Label, isDNS1123Subdomain } from '../validation.ts'
import { checkClaimStatus } from './claim-status.ts'
import { oldClassAnnotation, warnOfClaim } from './claim-warnings.ts'
import { classNameOf, showAccessModes } from './persistent-volume.ts'
import { showChange } from './show-change.ts'
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
    const status = (object.status ??= {})
    status.phase ??= 'Pending'
  },
  prepareCreate: (object) => {
    object.status = { phase: 'Pending' }
    settleSources(object.spec ?? {})
  },
  prepareUpdate: ({ spec = {} }, { spec: old }) => settleSources(spec, old),
  ownRules: true,
  validate: ({ spec = {} }, at) => checkClaimSpec(spec, at.child('spec')),
  validateUpdate: (object, before, at) => {
    const { spec = {} } = object
    const { spec: old = {}, status } = before
    return [
      ...checkUpdate(object, before, at),
      ...(spec.volumeMode === old.volumeMode ? [] : [at.child('volumeMode').immutable(spec.volumeMode)]),
      ...checkClass(spec.volumeAttributesClassName, old.volumeAttributesClassName, status, at.child('spec', 'volumeAttributesClassName')),
    ]
  },
  validatePart: (_subresource, { status }, _old, at) => checkClaimStatus(status, at.child('status')),
  warn: warnOfClaim,
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
  const modes = checkModes(spec.accessModes, at.child('accessModes'), 'at least 1 access mode is required')
  const selector = checkSelector(spec.selector, at.child('selector'))
  // what is missing comes first
  const errors = spec.accessModes?.length ? [...selector, ...modes] : [...modes, ...selector]
  const size = spec.resources?.requests?.['storage']
  if (size === undefined) errors.push(at.child('resources').key('storage').required())
  else if (sizeOf(spec) <= 0) errors.push(at.child('resources').key('storage').invalid(size, 'must be greater than zero'))
  const { storageClassName, volumeMode, dataSource, dataSourceRef, volumeAttributesClassName } = spec
  if (storageClassName) errors.push(...say(at.child('storageClassName'), storageClassName, isDNS1123Subdomain(storageClassName)))
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) errors.push(at.child('volumeMode').notSupported(volumeMode, volumeModes))
  if (dataSource) errors.push(...checkSource(dataSource, at.child('dataSource')))
  if (dataSourceRef) errors.push(...checkSource(dataSourceRef, at.child('dataSourceRef')))
  if (dataSourceRef?.namespace) errors.push(...say(at.child('dataSourceRef', 'namespace'), dataSourceRef.namespace, isDNS1123Label(dataSourceRef.namespace)))
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
  // what is in another namespace is left out, as by a cluster that does not let claims take it
  if (spec.dataSourceRef?.namespace && !old.dataSourceRef) delete spec.dataSourceRef
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

/** A bound claim may ask for more room and for another class of attributes; the name of its volume may be filled in once, and so may its class. */
function checkUpdate({ metadata, spec = {} }: PersistentVolumeClaim, { metadata: before, spec: old = {}, status }: PersistentVolumeClaim, root: FieldPath): FieldError[] {
  const [annotation, oldAnnotation] = [metadata.annotations?.[oldClassAnnotation], before.annotations?.[oldClassAnnotation]]
  const isFilled = spec.storageClassName !== undefined && old.storageClassName === undefined && (oldAnnotation === undefined || spec.storageClassName === oldAnnotation)
  // who moves the class from the annotation to its field may drop the annotation
  const isMoved = isFilled && oldAnnotation !== undefined && (annotation === undefined || annotation === oldAnnotation)
  const errors: FieldError[] = []
  if (!isMoved && (annotation ?? '') !== (oldAnnotation ?? '')) errors.push(root.child('metadata', 'annotations', oldClassAnnotation).immutable(annotation ?? ''))
  const next: PersistentVolumeClaimSpec = { ...spec }
  const keep = (name: keyof PersistentVolumeClaimSpec): void => void (old[name] === undefined ? delete next[name] : Object.assign(next, { [name]: old[name] }))
  if (!old.volumeName) keep('volumeName')
  if (isFilled) keep('storageClassName')
  if (status?.phase === 'Bound') {
    keep('volumeAttributesClassName')
    const size = old.resources?.requests?.['storage']
    if (spec.resources?.requests && size !== undefined) next.resources = { ...spec.resources, requests: { ...spec.resources.requests, storage: size } }
  }
  if (!sameValue(next, old)) {
    const sentence = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    errors.push(root.child('spec').forbidden(`${sentence}\n${showChange(old, next)}`))
  }
  // an expansion that failed may be taken back, as far as the volume has not grown yet
  const least = parseQuantity(status?.capacity?.['storage'] ?? '0') ?? 0
  if (sizeOf(spec) < sizeOf(old) && sizeOf(spec) <= least) errors.push(root.child('spec', 'resources', 'requests', 'storage').forbidden('field can not be less than status.capacity'))
  return errors
}

/** A class that was applied once stays until another one takes its place. */
function checkClass(name: string | undefined, old: string | undefined, status: PersistentVolumeClaim['status'], at: FieldPath): FieldError[] {
  if (name === old || status?.currentVolumeAttributesClassName === undefined || name) return []
  return [at.forbidden(`update to ${name === undefined ? 'nil' : 'empty string'} is forbidden when status.currentVolumeAttributesClassName is not nil`)]
}
