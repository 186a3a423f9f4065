import { parseQuantity } from '../../base/quantity.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'

export type { PersistentVolume }

const short: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' }

/** `RWO,ROX`, always in this order. */
export const showAccessModes = (modes: readonly string[] | undefined): string =>
  Object.entries(short).filter(([mode]) => modes?.includes(mode)).map(([, letters]) => letters).join(',')

export const persistentVolume = defineKind<PersistentVolume>({
  group: '', version: 'v1', kind: 'PersistentVolume', plural: 'persistentvolumes', shortNames: ['pv'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.PersistentVolume',
  status: true,
  default: (object) => {
    const spec = (object.spec ??= {})
    spec.persistentVolumeReclaimPolicy ??= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    if (spec.hostPath) spec.hostPath.type ??= ''
  },
  prepareCreate: (object) => {
    object.status = { phase: 'Pending' }
  },
  validate: ({ spec = {} }, at) => checkSpec(spec, at.child('spec')),
  validateUpdate: ({ spec = {} }, { spec: old = {} }, at) => {
    const sources = sourcesOf(spec).concat(sourcesOf(old))
    const changed = sources.some((name) => !sameValue(spec[name], old[name]))
    return changed ? [at.child('spec', 'persistentvolumesource').forbidden('spec.persistentvolumesource is immutable after creation')] : []
  },
  columns: [
    { name: 'Capacity', type: 'string', cell: ({ spec }) => spec?.capacity?.['storage'] ?? '0' },
    { name: 'Access Modes', type: 'string', cell: ({ spec }) => showAccessModes(spec?.accessModes) },
    { name: 'Reclaim Policy', type: 'string', cell: ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? '' },
    { name: 'Status', type: 'string', cell: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '')) },
    { name: 'Claim', type: 'string', cell: ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '') },
    { name: 'StorageClass', type: 'string', cell: ({ spec }) => spec?.storageClassName ?? '' },
    { name: 'VolumeAttributesClass', type: 'string', cell: ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>' },
    { name: 'Reason', type: 'string', cell: ({ status }) => status?.reason ?? '' },
    age,
    { name: 'VolumeMode', type: 'string', priority: 1, cell: ({ spec }) => spec?.volumeMode ?? '<unset>' },
  ],
})

const common = new Set(['accessModes', 'capacity', 'claimRef', 'mountOptions', 'nodeAffinity', 'persistentVolumeReclaimPolicy', 'storageClassName', 'volumeAttributesClassName', 'volumeMode'])
const sourcesOf = (spec: PersistentVolumeSpec) => Object.keys(spec).filter((name) => !common.has(name)) as Array<keyof PersistentVolumeSpec>

function checkSpec(spec: PersistentVolumeSpec, at: FieldPath): FieldError[] {
  const errors = checkModes(spec.accessModes, at.child('accessModes'))
  const size = spec.capacity?.['storage']
  if (!spec.capacity || Object.keys(spec.capacity).length === 0) errors.push(at.child('capacity').required())
  else if (size === undefined) errors.push(at.child('capacity').notSupported(Object.keys(spec.capacity), ['storage']))
  else if ((parseQuantity(size) ?? 0) <= 0) errors.push(at.child('capacity').key('storage').invalid(size, 'must be greater than zero'))
  const [first, ...others] = sourcesOf(spec)
  if (!first) errors.push(at.required('must specify a volume type'))
  return [...errors, ...others.map((name) => at.child(name).forbidden('may not specify more than 1 volume type'))]
}

export function checkModes(modes: readonly string[] | undefined, at: FieldPath): FieldError[] {
  if (!modes?.length) return [at.required('at least 1 access mode is required')]
  const alone = modes.length === 1 || !modes.includes('ReadWriteOncePod')
  return alone ? [] : [at.forbidden('may not use ReadWriteOncePod with other access modes')]
}
