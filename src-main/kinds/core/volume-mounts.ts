import { each, oneOfIfAny } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Container, Volume, VolumeMount } from '../generated/types.ts'
import { descending, withoutUpwards } from './paths.ts'

export type Volumes = ReadonlyMap<string, Volume>

export const checkMountsAndDevices = (container: Container, volumes: Volumes, at: FieldPath): FieldError[] => [
  ...checkMounts(container, volumes, at.child('volumeMounts')),
  ...checkDevices(container, volumes, at.child('volumeDevices')),
]

function checkMounts({ volumeMounts, volumeDevices = [], securityContext }: Container, volumes: Volumes, list: FieldPath): FieldError[] {
  const paths = new Set<string>()
  return each(volumeMounts, list, (mount, at) => {
    const { name = '', mountPath = '', subPath, subPathExpr, mountPropagation } = mount
    const errors: FieldError[] = []
    if (!name) errors.push(at.child('name').required())
    if (!volumes.has(name)) errors.push(at.child('name').notFound(name))
    if (!mountPath) errors.push(at.child('mountPath').required())
    if (paths.has(mountPath)) errors.push(at.child('mountPath').invalid(mountPath, 'must be unique'))
    paths.add(mountPath)
    if (volumeDevices.some((device) => device.name === name)) errors.push(at.child('name').invalid(name, 'must not already exist in volumeDevices'))
    if (volumeDevices.some((device) => device.devicePath === mountPath)) {
      errors.push(at.child('mountPath').invalid(mountPath, 'must not already exist as a path in volumeDevices'))
    }
    // Kubernetes says of these fields no index
    errors.push(...descending(subPath, list.child('subPath')))
    if (subPath && subPathExpr) errors.push(at.child('subPathExpr').invalid(subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
    errors.push(...descending(subPathExpr, list.child('subPathExpr')))
    errors.push(...oneOfIfAny(mountPropagation, ['Bidirectional', 'HostToContainer', 'None'], list.child('mountPropagation')))
    if (mountPropagation === 'Bidirectional' && !securityContext?.privileged) {
      errors.push(list.child('mountPropagation').forbidden('Bidirectional mount propagation is available only to privileged containers'))
    }
    return [...errors, ...checkReadOnly(mount, list.child('recursiveReadOnly'))]
  })
}

function checkReadOnly({ recursiveReadOnly, readOnly, mountPropagation = 'None' }: VolumeMount, at: FieldPath): FieldError[] {
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible') return oneOfIfAny(recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible'], at)
  return [
    ...(readOnly ? [] : [at.forbidden('may only be specified when readOnly is true')]),
    ...(mountPropagation === 'None' ? [] : [at.forbidden('may only be specified when mountPropagation is None or not specified')]),
  ]
}

function checkDevices({ volumeDevices, volumeMounts = [] }: Container, volumes: Volumes, list: FieldPath): FieldError[] {
  const paths = new Set<string>()
  const names = new Set<string>()
  return each(volumeDevices, list, ({ name = '', devicePath = '' }, at) => {
    const errors: FieldError[] = []
    const volume = volumes.get(name)
    if (!name) errors.push(at.child('name').required())
    if (names.has(name)) errors.push(at.child('name').invalid(name, 'must be unique'))
    if (!volume) errors.push(at.child('name').notFound(name))
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      errors.push(at.child('name').invalid(name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'))
    }
    if (!devicePath) errors.push(at.child('devicePath').required())
    if (paths.has(devicePath)) errors.push(at.child('devicePath').invalid(devicePath, 'must be unique'))
    if (withoutUpwards(devicePath, at).length > 0) errors.push(at.child('devicePath').invalid(devicePath, "can not contain backsteps ('..')"))
    else paths.add(devicePath)
    if (volumeMounts.some((mount) => mount.name === name)) errors.push(at.child('name').invalid(name, 'must not already exist in volumeMounts'))
    if (volumeMounts.some((mount) => mount.mountPath === devicePath)) {
      errors.push(at.child('devicePath').invalid(devicePath, 'must not already exist as a path in volumeMounts'))
    }
    if (name) names.add(name)
    return errors
  })
}
