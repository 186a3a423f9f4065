import type { FieldError, FieldPath } from '../field-error.ts'
import type { PodSpec } from '../generated/types.ts'
import { everyContainer } from './containers.ts'

const systems = ['linux', 'windows']

/** What a pod for one operating system cannot say. */
export function checkOs(spec: PodSpec, at: FieldPath): FieldError[] {
  if (!spec.os) return []
  const { name } = spec.os
  if (!name) return [at.child('os', 'name').required('cannot be empty')]
  if (!systems.includes(name)) return [at.child('os').notSupported(name, systems)]
  const refuse = name === 'linux' ? forLinux : forWindows
  return [
    ...refuse.pod.flatMap(([path, isSet]) => (isSet(spec) ? [at.child(...path.split('.')).forbidden(refuse.sentence)] : [])),
    ...everyContainer(spec, at).flatMap(([{ securityContext }, here]) =>
      refuse.container.flatMap((field) => (securityContext?.[field] === undefined ? [] : [here.child('securityContext', field).forbidden(refuse.sentence)])),
    ),
  ]
}

type Context = NonNullable<PodSpec['securityContext']>
type Rule = readonly [path: string, isSet: (spec: PodSpec) => boolean]

const ofContext = (...names: Array<keyof Context>): Rule[] => names.map((name) => [`securityContext.${name}`, ({ securityContext }) => securityContext?.[name] !== undefined])

const forLinux = {
  sentence: 'windows options cannot be set for a linux pod',
  pod: ofContext('windowsOptions'),
  container: ['windowsOptions'],
} as const

const forWindows = {
  sentence: 'cannot be set for a windows pod',
  pod: [
    ...ofContext('appArmorProfile', 'seLinuxOptions'),
    ['hostUsers', ({ hostUsers }: PodSpec) => hostUsers !== undefined],
    ['hostPID', ({ hostPID }: PodSpec) => hostPID === true],
    ['hostIPC', ({ hostIPC }: PodSpec) => hostIPC === true],
    ...ofContext('seccompProfile', 'fsGroup', 'fsGroupChangePolicy'),
    ['securityContext.sysctls', ({ securityContext }: PodSpec) => (securityContext?.sysctls ?? []).length > 0],
    ['shareProcessNamespace', ({ shareProcessNamespace }: PodSpec) => shareProcessNamespace !== undefined],
    ...ofContext('runAsUser', 'runAsGroup', 'supplementalGroups', 'supplementalGroupsPolicy', 'seLinuxChangePolicy'),
  ] satisfies Rule[] as readonly Rule[],
  container: [
    'appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup',
  ],
} as const

/** Containers of Windows that are processes of their node are so all together, and on its network. */
export function checkHostProcess(spec: PodSpec, at: FieldPath): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  const containers = everyContainer(spec, at)
  const own = containers.map(([{ securityContext }]) => securityContext?.windowsOptions?.hostProcess)
  const errors = containers.flatMap(([, here], i) => {
    const value = own[i]
    if (ofPod === undefined || value === undefined || value === ofPod) return []
    return [here.child('securityContext', 'windowsOptions', 'hostProcess').invalid(value, `pod hostProcess value must be identical if both are specified, was ${ofPod}`)]
  })
  const count = own.filter((value) => value ?? ofPod).length
  if (count === 0) return errors
  if (count !== containers.length) errors.push(at.invalid('', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'))
  if (!spec.hostNetwork) errors.push(at.child('hostNetwork').invalid(false, 'hostNetwork must be true if pod contains any hostProcess containers'))
  return errors
}
