import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PersistentVolumeSpec } from '../generated/types.ts'
import { checkDriverName } from '../storage/driver-name.ts'
import { isDNS1123Label, isDNS1123Subdomain } from '../validation.ts'

const upwards = 'must not contain \'..\''

function checkPath(path: string | undefined, at: FieldPath): FieldError[] {
  if (!path) return [at.required()]
  return path.split('/').includes('..') ? [at.invalid(path, upwards)] : []
}

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

/** Kubernetes looks at these, and not at `nodeStageSecretRef`. */
const secretReferences = ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] as const

type Check = (spec: PersistentVolumeSpec, at: FieldPath) => FieldError[]

/** By the source's field. */
const checks: Partial<Record<keyof PersistentVolumeSpec, Check>> = {
  hostPath: ({ hostPath: { path, type = '' } = { path: '' } }, at) => [
    ...checkPath(path, at.child('path')),
    ...(!path || hostPathTypes.includes(type) ? [] : [at.child('type').notSupported(type, hostPathTypes)]),
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
    const errors: FieldError[] = []
    if (targetWWNs.length === 0 && wwids.length === 0) errors.push(at.child('targetWWNs').required('must specify either targetWWNs or wwids, but not both'))
    if (targetWWNs.length > 0 && wwids.length > 0) errors.push(at.child('targetWWNs').invalid(targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'))
    if (targetWWNs.length === 0) return errors
    if (lun === undefined) return [...errors, at.child('lun').required('lun is required if targetWWNs is specified')]
    return lun >= 0 && lun <= 255 ? errors : [...errors, at.child('lun').outOfRange(lun, 0, 255)]
  },
}

/** Kubernetes' rules about one source of a PersistentVolume; undefined where there are none here. */
export const checkVolumeSource = (name: keyof PersistentVolumeSpec, spec: PersistentVolumeSpec, at: FieldPath): FieldError[] | undefined =>
  checks[name]?.(spec, at)

function checkSecret(reference: { name?: string; namespace?: string } | undefined, at: FieldPath): FieldError[] {
  if (!reference) return []
  const { name, namespace } = reference
  return [
    ...(name ? say(at.child('name'), name, isDNS1123Subdomain(name)) : [at.child('name').required()]),
    ...(namespace ? say(at.child('namespace'), namespace, isDNS1123Label(namespace)) : [at.child('namespace').required()]),
  ]
}
