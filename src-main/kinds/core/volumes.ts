import { each, present, say, unique } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, Volume } from '../generated/types.ts'
import { isDNS1123Label } from '../validation.ts'
import { descending } from './container.ts'
import { checkFieldRef, checkResourceRef, volumeFieldPaths } from './env.ts'

/** 0644 */
const defaultMode = 0o644

/** A volume without a source is an emptyDir, as in Kubernetes. */
export function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((name) => name === 'name')) volume.emptyDir = {}
  if (volume.hostPath) volume.hostPath.type ??= ''
  for (const source of [volume.secret, volume.configMap, volume.downwardAPI, volume.projected]) if (source) source.defaultMode ??= defaultMode
  for (const source of volume.projected?.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600
    for (const item of source.downwardAPI?.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1'
  }
  for (const item of volume.downwardAPI?.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1'
}

export const checkVolumes = (volumes: readonly Volume[] | undefined, at: FieldPath): FieldError[] => [
  ...each(volumes, at, checkVolume),
  ...unique(volumes, (volume) => volume.name, (i) => at.child(i, 'name')),
]

function checkVolume(volume: Volume, at: FieldPath): FieldError[] {
  const errors = volume.name ? say(at.child('name'), volume.name, isDNS1123Label(volume.name)) : [at.child('name').required()]
  const [first, ...others] = Object.entries(volume).filter(([name, source]) => name !== 'name' && source !== undefined).map(([name]) => name)
  if (!first) errors.push(at.required('must specify a volume type'))
  errors.push(...others.map((name) => at.child(name).forbidden('may not specify more than 1 volume type')))
  return [...errors, ...checkSource(volume, at)]
}

function checkSource({ hostPath, secret, configMap, downwardAPI, projected, persistentVolumeClaim }: Volume, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (hostPath) errors.push(...checkHostPath(hostPath.path, at.child('hostPath', 'path')))
  if (secret) {
    errors.push(...present(secret.secretName, at.child('secret', 'secretName')), ...checkFiles(secret.items, secret.defaultMode, at.child('secret')))
  }
  if (configMap) {
    errors.push(...present(configMap.name, at.child('configMap', 'name')), ...checkFiles(configMap.items, configMap.defaultMode, at.child('configMap')))
  }
  if (downwardAPI) {
    errors.push(...checkMode(downwardAPI.defaultMode, at.child('downwardAPI', 'defaultMode')))
    errors.push(...each(downwardAPI.items, at.child('downwardAPI', 'items'), checkDownward))
  }
  if (projected) errors.push(...checkProjected(projected, at.child('projected')))
  if (persistentVolumeClaim) errors.push(...present(persistentVolumeClaim.claimName, at.child('persistentVolumeClaim', 'claimName')))
  return errors
}

function checkHostPath(path: string | undefined, at: FieldPath): FieldError[] {
  if (!path) return [at.required()]
  return path.split('/').includes('..') ? [at.invalid(path, "must not contain '..'")] : []
}

function checkMode(mode: number | undefined, at: FieldPath): FieldError[] {
  const wrong = mode !== undefined && (mode < 0 || mode > 0o777)
  return wrong ? [at.invalid(mode, 'must be a number between 0 and 0777 (octal), both inclusive')] : []
}

function checkFiles(items: readonly KeyToPath[] | undefined, mode: number | undefined, at: FieldPath): FieldError[] {
  return [
    ...checkMode(mode, at.child('defaultMode')),
    ...each(items, at.child('items'), (item, here) => [
      ...present(item.key, here.child('key')),
      ...checkFilePath(item.path, here.child('path')),
      ...checkMode(item.mode, here.child('mode')),
    ]),
  ]
}

/** Where a file of a volume appears: relative, and not hiding the volume's own `..data`. */
function checkFilePath(path: string | undefined, at: FieldPath): FieldError[] {
  if (!path) return [at.required()]
  const errors = descending(path, at)
  return path.startsWith('..') && !path.startsWith('../') && path !== '..' ? [...errors, at.invalid(path, "must not start with '..'")] : errors
}

function checkDownward(file: DownwardAPIVolumeFile, at: FieldPath): FieldError[] {
  const errors = [...checkFilePath(file.path, at.child('path')), ...checkMode(file.mode, at.child('mode'))]
  if (file.fieldRef && file.resourceFieldRef) errors.push(at.invalid('resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  else if (file.fieldRef) errors.push(...checkFieldRef(file.fieldRef.fieldPath, at.child('fieldRef', 'fieldPath'), volumeFieldPaths))
  else if (file.resourceFieldRef) {
    errors.push(...present(file.resourceFieldRef.containerName, at.child('resourceFieldRef', 'containerName')))
    errors.push(...checkResourceRef(file.resourceFieldRef.resource, at.child('resourceFieldRef', 'resource')))
  } else errors.push(at.required('one of fieldRef and resourceFieldRef is required'))
  return errors
}

function checkProjected(projected: ProjectedVolumeSource, at: FieldPath): FieldError[] {
  const errors = checkMode(projected.defaultMode, at.child('defaultMode'))
  return [...errors, ...each(projected.sources, at.child('sources'), (source, here) => {
    const [first, ...others] = Object.keys(source)
    const found = others.map((name) => here.child(name).forbidden('may not specify more than 1 volume type per source'))
    if (!first) found.push(here.required('must specify one of: configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate'))
    for (const name of ['configMap', 'secret'] as const) {
      const files = source[name]
      if (files) found.push(...present(files.name, here.child(name, 'name')), ...checkFiles(files.items, undefined, here.child(name)))
    }
    found.push(...each(source.downwardAPI?.items, here.child('downwardAPI', 'items'), checkDownward))
    if (source.serviceAccountToken) found.push(...checkFilePath(source.serviceAccountToken.path, here.child('serviceAccountToken', 'path')))
    return found
  })]
}
