import { timestamp } from '../../base/clock.ts'
import { age } from '../columns.ts'
import type { PersistentVolume } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import type { KubeObject } from '../meta.ts'
import { checkVolumeSpec, checkVolumeUpdate } from './volume-rules.ts'
import { warnOfVolume } from './volume-warnings.ts'

export type { PersistentVolume }

/** The class of a volume or a claim, also where only the old annotation names it; empty without one. */
export const classNameOf = ({ metadata, spec }: { metadata: KubeObject['metadata']; spec?: { storageClassName?: string } }): string =>
  metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? ''

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
    const status = (object.status ??= {})
    status.phase ??= 'Pending'
  },
  prepareCreate: (object) => {
    const since = object.metadata.creationTimestamp
    object.status = { phase: 'Pending', ...(since ? { lastPhaseTransitionTime: since } : {}) }
  },
  prepareUpdate: ({ status }, { status: old }, now) => {
    if (!status) return
    const { lastPhaseTransitionTime: said } = status
    const time = status.phase === old?.phase ? (said ?? old?.lastPhaseTransitionTime) : said && said !== old?.lastPhaseTransitionTime ? said : timestamp(now)
    if (time && time !== said) status.lastPhaseTransitionTime = time
  },
  ownRules: true,
  validate: ({ metadata, spec = {} }, at) => checkVolumeSpec(spec, at.child('spec'), metadata.name),
  validateUpdate: ({ spec = {} }, { spec: old = {} }, at) => checkVolumeUpdate(spec, old, at),
  warn: warnOfVolume,
  columns: [
    { name: 'Capacity', type: 'string', of: 'spec.capacity', cell: ({ spec }) => spec?.capacity?.['storage'] ?? '0' },
    { name: 'Access Modes', type: 'string', of: 'spec.accessModes', cell: ({ spec }) => showAccessModes(spec?.accessModes) },
    { name: 'Reclaim Policy', type: 'string', of: 'spec.persistentVolumeReclaimPolicy', cell: ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? '' },
    { name: 'Status', type: 'string', of: 'status.phase', cell: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '')) },
    { name: 'Claim', type: 'string', of: 'spec.claimRef', cell: ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '') },
    { name: 'StorageClass', type: 'string', description: 'StorageClass of the pv', cell: classNameOf },
    { name: 'VolumeAttributesClass', type: 'string', description: 'VolumeAttributesClass of the pv', cell: ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>' },
    { name: 'Reason', type: 'string', of: 'status.reason', cell: ({ status }) => status?.reason ?? '' },
    age,
    { name: 'VolumeMode', type: 'string', priority: 1, of: 'spec.volumeMode', cell: ({ spec }) => spec?.volumeMode ?? '<unset>' },
  ],
})
