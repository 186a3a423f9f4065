import { present, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ISCSIPersistentVolumeSource, PersistentVolumeSpec, SecretReference, Volume } from '../generated/types.ts'
import { isDNS1123Label } from '../validation.ts'
import { fields, isInitiator, secretName, sourceRules, type Source } from './pod-volume-sources.ts'
import { checkVolumeSource } from './volume-sources.ts'

/** `at` is the volume's place, `name` the volume's own. */
type Rule = (spec: PersistentVolumeSpec, at: FieldPath, name: string) => FieldError[]

type Shared = Source & keyof PersistentVolumeSpec

/** As in a pod. */
const asInPod = (source: Shared): Rule => (spec, at) => sourceRules[source]({ name: '', [source]: spec[source] } as Volume, at, true)

const own = (source: keyof PersistentVolumeSpec): Rule => (spec, at) => checkVolumeSource(source, spec, at.child(source)) ?? []

const demanded = (source: Shared, ...names: string[]): Rule => (spec, at) => fields(source, ...names)({ name: '', [source]: spec[source] } as Volume, at, true)

/** Outside a namespace a Secret is named with its own. */
const checkSecret = (reference: SecretReference | undefined, at: FieldPath): FieldError[] =>
  reference ? [...present(reference.name, at.child('secretRef', 'name')), ...present(reference.namespace, at.child('secretRef', 'namespace'))] : []

/** What Kubernetes demands of each source of a PersistentVolume, in the order in which it looks for them. */
export const persistentSources: Partial<Record<keyof PersistentVolumeSpec, Rule>> = {
  hostPath: own('hostPath'),
  gcePersistentDisk: asInPod('gcePersistentDisk'),
  awsElasticBlockStore: asInPod('awsElasticBlockStore'),
  glusterfs: (spec, at, name) => {
    const { endpointsNamespace: namespace } = spec.glusterfs ?? {}
    const here = at.child('glusterfs', 'endpointsNamespace')
    const errors = demanded('glusterfs', 'endpoints', 'path')(spec, at, name)
    if (namespace === '') errors.push(here.invalid('', 'if the endpointnamespace is set, it must be a valid namespace name'))
    return namespace ? [...errors, ...say(here, namespace, isDNS1123Label(namespace))] : errors
  },
  flocker: asInPod('flocker'),
  nfs: own('nfs'),
  rbd: demanded('rbd', 'monitors', 'image'),
  quobyte: asInPod('quobyte'),
  cephfs: demanded('cephfs', 'monitors'),
  iscsi: ({ iscsi }, at, name) => (iscsi ? checkISCSI(iscsi, name, at.child('iscsi')) : []),
  cinder: (spec, at, name) => [...demanded('cinder', 'volumeID')(spec, at, name), ...checkSecret(spec.cinder?.secretRef, at.child('cinder'))],
  fc: own('fc'),
  flexVolume: asInPod('flexVolume'),
  azureFile: (spec, at, name) => [
    ...demanded('azureFile', 'secretName', 'shareName')(spec, at, name),
    ...(spec.azureFile?.secretNamespace === '' ? [at.child('azureFile', 'secretNamespace').required()] : []),
  ],
  vsphereVolume: asInPod('vsphereVolume'),
  photonPersistentDisk: asInPod('photonPersistentDisk'),
  portworxVolume: asInPod('portworxVolume'),
  azureDisk: asInPod('azureDisk'),
  scaleIO: asInPod('scaleIO'),
  local: own('local'),
  storageos: ({ storageos: { volumeName, volumeNamespace, secretRef } = {} }, volume) => {
    const at = volume.child('storageos')
    const errors = volumeName ? say(at.child('volumeName'), volumeName, isDNS1123Label(volumeName)) : [at.child('volumeName').required()]
    if (volumeNamespace) errors.push(...say(at.child('volumeNamespace'), volumeNamespace, isDNS1123Label(volumeNamespace)))
    return [...errors, ...checkSecret(secretRef, at)]
  },
  csi: own('csi'),
}

function checkISCSI({ targetPortal, iqn, lun = 0, chapAuthDiscovery, chapAuthSession, secretRef, initiatorName }: ISCSIPersistentVolumeSource, name: string, at: FieldPath): FieldError[] {
  const errors = present(targetPortal, at.child('targetPortal'))
  if (initiatorName !== undefined && `${name}:${targetPortal ?? ''}`.length > 64) {
    errors.push(at.child('targetportal').invalid(targetPortal ?? '', 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'))
  }
  const wrong = (text: string, place: FieldPath) => (isInitiator(text) ? [] : [place.invalid(text, 'must be valid format')])
  errors.push(...(iqn ? wrong(iqn, at.child('iqn')) : [at.child('iqn').required()]))
  if (lun < 0 || lun > 255) errors.push(at.child('lun').outOfRange(lun, 0, 255))
  if ((chapAuthDiscovery || chapAuthSession) && !secretRef) errors.push(at.child('secretRef').required())
  errors.push(...secretName(secretRef, at))
  return initiatorName === undefined ? errors : [...errors, ...wrong(initiatorName, at.child('initiatorname'))]
}
