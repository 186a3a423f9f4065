import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PersistentVolumeSpec } from '../generated/types.ts'
import { checkDriverName } from '../storage/driver-name.ts'

const upwards = 'must not contain \'..\''

function checkPath(path: string | undefined, at: FieldPath): FieldError[] {
  if (!path) return [at.required()]
  return path.split('/').includes('..') ? [at.invalid(path, upwards)] : []
}

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

type SecretReferences = Extract<keyof NonNullable<PersistentVolumeSpec['csi']>, `${string}SecretRef`>
const secretReferences: readonly SecretReferences[] = ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeStageSecretRef', 'nodeExpandSecretRef']

type Check = (spec: PersistentVolumeSpec, at: FieldPath) => FieldError[]

/** By the source's field. What is not here has only what its structure demands. */
const checks: Partial<Record<keyof PersistentVolumeSpec, Check>> = {
  hostPath: ({ hostPath: { path, type = '' } = { path: '' } }, at) => [
    ...checkPath(path, at.child('path')),
    ...(hostPathTypes.includes(type) ? [] : [at.child('type').notSupported(type, hostPathTypes)]),
  ],
  local: ({ local }, at) => checkPath(local?.path, at.child('path')),
  nfs: ({ nfs: { server, path = '' } = { server: '', path: '' } }, at) => [
    ...(server ? [] : [at.child('server').required()]),
    ...(path === '' ? [at.child('path').required()] : []),
    ...(path.startsWith('/') ? [] : [at.child('path').invalid(path, 'must be an absolute path')]),
  ],
  csi: ({ csi }, at) => [
    ...checkDriverName(csi?.driver ?? '', at.child('driver')),
    ...(csi?.volumeHandle ? [] : [at.child('volumeHandle').required()]),
    ...secretReferences.flatMap((name) => checkSecret(csi?.[name], at.child(name))),
  ],
  fc: ({ fc: { targetWWNs = [], lun, wwids = [] } = {} }, at) => {
    if ((targetWWNs.length > 0) === (wwids.length > 0)) {
      const both = targetWWNs.length > 0
      const sentence = both ? 'targetWWNs and wwids can not be specified simultaneously' : 'must specify either targetWWNs or wwids, but not both'
      return [both ? at.child('targetWWNs').invalid(targetWWNs, sentence) : at.child('targetWWNs').required(sentence)]
    }
    if (targetWWNs.length === 0) return []
    if (lun === undefined) return [at.child('lun').required('lun is required if targetWWNs is specified')]
    return say(at.child('lun'), lun, lun >= 0 && lun <= 255 ? [] : ['must be between 0 and 255, inclusive'])
  },
  flocker: ({ flocker: { datasetName, datasetUUID } = {} }, at) => {
    if (!datasetName && !datasetUUID) return [at.required('one of datasetName and datasetUUID is required')]
    if (datasetName && datasetUUID) return [at.invalid('resource', 'datasetName and datasetUUID can not be specified simultaneously')]
    return datasetName?.includes('/') ? [at.child('datasetName').invalid(datasetName, "must not contain '/'")] : []
  },
  storageos: ({ storageos: { volumeName } = {} }, at) => (volumeName ? [] : [at.child('volumeName').required()]),
}

/** Kubernetes' rules about one source of a PersistentVolume; undefined where there are none here. */
export const checkVolumeSource = (name: keyof PersistentVolumeSpec, spec: PersistentVolumeSpec, at: FieldPath): FieldError[] | undefined =>
  checks[name]?.(spec, at)

function checkSecret(reference: { name?: string; namespace?: string } | undefined, at: FieldPath): FieldError[] {
  if (!reference) return []
  return [...(reference.name ? [] : [at.child('name').required()]), ...(reference.namespace ? [] : [at.child('namespace').required()])]
}
