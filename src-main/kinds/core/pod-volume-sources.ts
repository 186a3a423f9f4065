import { checkLabels, each, oneOf, oneOfIfAny, present, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { AzureDiskVolumeSource, EphemeralVolumeSource, ISCSIVolumeSource, KeyToPath, QuobyteVolumeSource, Volume } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { checkAnnotations } from '../object-meta.ts'
import { checkDriverName } from '../storage/driver-name.ts'
import { isDNS1123Label, isDNS1123Subdomain } from '../validation.ts'
import { amountOf } from '../../base/amount.ts'
import { pullPolicies } from './container.ts'
import { descending, checkMode, fileInVolume } from './paths.ts'
import { checkClaimSpec } from './persistent-volume-claim.ts'
import { checkDownward, checkProjected } from './projected-volume.ts'
import { checkVolumeSource } from './volume-sources.ts'

export type Source = Exclude<keyof Volume, 'name'>
/** `at` is the volume's place. */
type Rule = (volume: Volume, at: FieldPath, inPod: boolean) => FieldError[]

type Named = { readonly name?: string } | undefined

/** Fields that must be there, and say something. */
export const fields = (source: Source, ...names: string[]): Rule => (volume, at) =>
  names.flatMap((name) => {
    const value = (volume[source] as Readonly<Record<string, unknown>>)[name]
    const missing = value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
    return missing ? [at.child(source, name).required()] : []
  })

const asPersistent = (source: 'hostPath' | 'nfs' | 'fc'): Rule => (volume, at) =>
  checkVolumeSource(source, { [source]: volume[source] }, at.child(source)) ?? []

export const secretName = (reference: Named, at: FieldPath): FieldError[] => (reference && !reference.name ? [at.child('secretRef', 'name').required()] : [])

/** 0 means the whole disk. */
const partition = (number: number | undefined, at: FieldPath): FieldError[] =>
  number !== undefined && (number < 0 || number > 255) ? [at.child('partition').outOfRange(number, 1, 255)] : []

/** What Kubernetes demands of each source, in the order in which it looks for them. */
export const sourceRules: Readonly<Record<Source, Rule>> = {
  emptyDir: ({ emptyDir }, at) =>
    amountOf(emptyDir?.sizeLimit).nano < 0n ? [at.child('emptyDir', 'sizeLimit').forbidden('SizeLimit field must be a valid resource quantity')] : [],
  hostPath: asPersistent('hostPath'),
  gitRepo: (volume, at, inPod) => [...fields('gitRepo', 'repository')(volume, at, inPod), ...descending(volume.gitRepo?.directory, at.child('gitRepo', 'directory'))],
  gcePersistentDisk: ({ gcePersistentDisk: disk }, at) => [
    ...present(disk?.pdName, at.child('persistentDisk', 'pdName')),
    ...partition(disk?.partition, at.child('persistentDisk')),
  ],
  awsElasticBlockStore: (volume, at, inPod) => [
    ...fields('awsElasticBlockStore', 'volumeID')(volume, at, inPod),
    ...partition(volume.awsElasticBlockStore?.partition, at.child('awsElasticBlockStore')),
  ],
  secret: ({ secret }, at) => [...present(secret?.secretName, at.child('secret', 'secretName')), ...checkFiles(secret, at.child('secret'))],
  nfs: asPersistent('nfs'),
  iscsi: ({ iscsi }, at) => (iscsi ? checkISCSI(iscsi, at.child('iscsi')) : []),
  glusterfs: fields('glusterfs', 'endpoints', 'path'),
  flocker: ({ flocker: { datasetName = '', datasetUUID } = {} }, volume) => {
    const at = volume.child('flocker')
    return [
      ...(datasetName || datasetUUID ? [] : [at.required('one of datasetName and datasetUUID is required')]),
      ...(datasetName && datasetUUID ? [at.invalid('resource', 'datasetName and datasetUUID can not be specified simultaneously')] : []),
      ...(datasetName.includes('/') ? [at.child('datasetName').invalid(datasetName, "must not contain '/'")] : []),
    ]
  },
  persistentVolumeClaim: fields('persistentVolumeClaim', 'claimName'),
  rbd: fields('rbd', 'monitors', 'image'),
  cinder: (volume, at, inPod) => [...fields('cinder', 'volumeID')(volume, at, inPod), ...secretName(volume.cinder?.secretRef, at.child('cinder'))],
  cephfs: fields('cephfs', 'monitors'),
  quobyte: ({ quobyte }, at) => (quobyte ? checkQuobyte(quobyte, at.child('quobyte')) : []),
  downwardAPI: ({ downwardAPI }, volume) => {
    const at = volume.child('downwardAPI')
    return [...checkMode(downwardAPI?.defaultMode, at.child('defaultMode')), ...(downwardAPI?.items ?? []).flatMap((file) => checkDownward(file, at))]
  },
  fc: asPersistent('fc'),
  flexVolume: (volume, at, inPod) => [...fields('flexVolume', 'driver')(volume, at, inPod), ...checkOptions(volume.flexVolume?.options, at.child('flexVolume', 'options'))],
  configMap: ({ configMap }, at) => [...present(configMap?.name, at.child('configMap', 'name')), ...checkFiles(configMap, at.child('configMap'))],
  azureFile: fields('azureFile', 'secretName', 'shareName'),
  vsphereVolume: fields('vsphereVolume', 'volumePath'),
  photonPersistentDisk: fields('photonPersistentDisk', 'pdID'),
  portworxVolume: fields('portworxVolume', 'volumeID'),
  azureDisk: (volume, at, inPod) => [...fields('azureDisk', 'diskName', 'diskURI')(volume, at, inPod), ...checkAzureDisk(volume.azureDisk, at.child('azureDisk'))],
  storageos: ({ storageos: { volumeName, volumeNamespace, secretRef } = {} }, volume) => {
    const at = volume.child('storageos')
    const errors = volumeName ? say(at.child('volumeName'), volumeName, isDNS1123Label(volumeName)) : [at.child('volumeName').required()]
    if (volumeNamespace) errors.push(...say(at.child('volumeNamespace'), volumeNamespace, isDNS1123Label(volumeNamespace)))
    return [...errors, ...secretName(secretRef, at)]
  },
  projected: ({ projected }, at) => (projected ? checkProjected(projected, at.child('projected')) : []),
  scaleIO: fields('scaleIO', 'gateway', 'system', 'volumeName'),
  csi: ({ csi }, volume) => {
    const at = volume.child('csi')
    const { nodePublishSecretRef: secret } = csi ?? {}
    const errors = checkDriverName(csi?.driver ?? '', at.child('driver'))
    if (!secret) return errors
    return [...errors, ...(secret.name ? say(at.child('name'), secret.name, isDNS1123Subdomain(secret.name)) : [at.child('nodePublishSecretRef', 'name').required()])]
  },
  ephemeral: ({ ephemeral }, at) => checkEphemeral(ephemeral, at.child('ephemeral', 'volumeClaimTemplate')),
  image: ({ image }, at, inPod) => [
    ...(inPod ? present(image?.reference, at.child('image', 'reference')) : []),
    ...oneOf(image?.pullPolicy, pullPolicies, at.child('image', 'pullPolicy')),
  ],
}

interface Files {
  readonly defaultMode?: number
  readonly items?: readonly KeyToPath[]
}

export const checkFiles = (source: Files | undefined, at: FieldPath): FieldError[] => [
  ...checkMode(source?.defaultMode, at.child('defaultMode')),
  ...each(source?.items, at.child('items'), checkFile),
]

export const checkFile = ({ key, path, mode }: KeyToPath, at: FieldPath): FieldError[] => [
  ...present(key, at.child('key')),
  ...present(path, at.child('path')),
  ...fileInVolume(path, at.child('path')),
  ...checkMode(mode, at.child('mode')),
]

const initiators: Readonly<Record<string, RegExp>> = {
  iqn: /^iqn\.\d{4}-\d{2}\.([a-z0-9-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[0-9a-fA-F]{16}$/,
  naa: /^naa.[0-9a-fA-F]{32}$/,
}

/** The name of one end of an iSCSI connection. */
export const isInitiator = (name: string): boolean => name.length <= 1024 && (lookup(initiators, name.slice(0, 3))?.test(name) ?? false)

function checkInitiator(name: string, at: FieldPath): FieldError[] {
  if (!lookup(initiators, name.slice(0, 3))) return [at.invalid(name, 'must be valid format starting with iqn, eui, or naa')]
  return isInitiator(name) ? [] : [at.invalid(name, 'must be valid format')]
}

function checkISCSI({ targetPortal, iqn, lun = 0, chapAuthDiscovery, chapAuthSession, secretRef, initiatorName }: ISCSIVolumeSource, at: FieldPath): FieldError[] {
  const errors = [...present(targetPortal, at.child('targetPortal')), ...(iqn ? checkInitiator(iqn, at.child('iqn')) : [at.child('iqn').required()])]
  if (lun < 0 || lun > 255) errors.push(at.child('lun').outOfRange(lun, 0, 255))
  if ((chapAuthDiscovery || chapAuthSession) && !secretRef) errors.push(at.child('secretRef').required())
  return initiatorName === undefined ? errors : [...errors, ...checkInitiator(initiatorName, at.child('initiatorname'))]
}

function checkQuobyte({ registry, tenant = '', volume }: QuobyteVolumeSource, at: FieldPath): FieldError[] {
  const sentence = 'must be a host:port pair or multiple pairs separated by commas'
  const errors: FieldError[] = []
  if (!registry) errors.push(at.child('registry').required(sentence))
  else if (tenant.length >= 65) errors.push(at.child('tenant').required('must be a UUID and may not exceed a length of 64 characters'))
  else errors.push(...registry.split(',').filter((pair) => !/^(\[[^\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair)).map(() => at.child('registry').invalid(registry, sentence)))
  return [...errors, ...present(volume, at.child('volume'))]
}

function checkOptions(options: Readonly<Record<string, string>> | undefined, at: FieldPath): FieldError[] {
  const reserved = Object.keys(options ?? {}).filter((name) => /\.(kubernetes|k8s)\.io$/.test(`.${name.split('/')[0]?.toLowerCase()}`))
  return reserved.map((name) => at.key(name).invalid(name, 'kubernetes.io and k8s.io namespaces are reserved'))
}

function checkAzureDisk(disk: AzureDiskVolumeSource | undefined, at: FieldPath): FieldError[] {
  const { cachingMode, kind, diskURI = '' } = disk ?? {}
  const errors = [...oneOfIfAny(cachingMode, ['None', 'ReadOnly', 'ReadWrite'], at.child('cachingMode')), ...oneOfIfAny(kind, ['Dedicated', 'Managed', 'Shared'], at.child('kind'))]
  const managed = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
  if (kind === 'Managed' && !diskURI.startsWith('/subscriptions/')) errors.push(at.child('diskURI').notSupported(diskURI, [managed]))
  const blob = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'
  if (kind !== undefined && kind !== 'Managed' && !diskURI.startsWith('https://')) errors.push(at.child('diskURI').notSupported(diskURI, [blob]))
  return errors
}

function checkEphemeral(source: EphemeralVolumeSource | undefined, at: FieldPath): FieldError[] {
  const template = source?.volumeClaimTemplate
  if (!template) return [at.required()]
  const { annotations, labels, ...others } = template.metadata ?? {}
  return [
    ...checkAnnotations(annotations, at.child('metadata', 'annotations')),
    ...checkLabels(labels, at.child('metadata', 'labels')),
    ...Object.keys(others).map((name) => at.child('metadata', name).forbidden('cannot be set')),
    ...checkClaimSpec(template.spec ?? {}, at.child('spec')),
  ]
}
