import { each, oneOf, oneOfIfAny, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { AppArmorProfile, PodSpec, SeccompProfile, SecurityContext, Sysctl } from '../generated/types.ts'
import { isValidId } from '../validation.ts'
import { descending } from './paths.ts'
import { checkWindowsOptions } from './windows-options.ts'

const checkId = (id: number | undefined, at: FieldPath): FieldError[] => (id === undefined ? [] : say(at, id, isValidId(id)))

/** Of a container; `hostUsers` says whether its pod's users are those of the node. */
export function checkSecurityContext(context: SecurityContext | undefined, at: FieldPath, hostUsers: boolean): FieldError[] {
  if (!context) return []
  const { procMount, allowPrivilegeEscalation, privileged, capabilities } = context
  const errors = [
    ...checkId(context.runAsUser, at.child('runAsUser')),
    ...checkId(context.runAsGroup, at.child('runAsGroup')),
    ...oneOfIfAny(procMount, ['Default', 'Unmasked'], at.child('procMount')),
  ]
  if (hostUsers && procMount === 'Unmasked') errors.push(at.child('procMount').invalid(procMount, '`hostUsers` must be false to use `Unmasked`'))
  errors.push(...checkSeccomp(context.seccompProfile, at.child('seccompProfile')))
  if (allowPrivilegeEscalation === false) {
    const refuse = (other: string) => at.invalid(asInternal(context), `cannot set \`allowPrivilegeEscalation\` to false and ${other}`)
    if (privileged) errors.push(refuse('`privileged` to true'))
    if (capabilities?.add?.includes('CAP_SYS_ADMIN')) errors.push(refuse('`capabilities.Add` CAP_SYS_ADMIN'))
  }
  return [...errors, ...checkWindowsOptions(context.windowsOptions, at.child('windowsOptions')), ...checkAppArmor(context.appArmorProfile, at.child('appArmorProfile'))]
}

/** Kubernetes prints its internal type, whose fields have no names for JSON. */
const asInternal = (context: SecurityContext): unknown => ({
  Capabilities: context.capabilities ? { Add: context.capabilities.add ?? null, Drop: context.capabilities.drop ?? null } : null,
  Privileged: context.privileged ?? null, SELinuxOptions: context.seLinuxOptions ?? null, WindowsOptions: context.windowsOptions ?? null,
  RunAsUser: context.runAsUser ?? null, RunAsGroup: context.runAsGroup ?? null, RunAsNonRoot: context.runAsNonRoot ?? null,
  ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null, AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
  ProcMount: context.procMount ?? null, SeccompProfile: context.seccompProfile ?? null, AppArmorProfile: context.appArmorProfile ?? null,
})

export function checkPodSecurityContext(spec: PodSpec, at: FieldPath): FieldError[] {
  const { securityContext: context = {}, hostPID, shareProcessNamespace } = spec
  const errors = [
    ...checkId(context.fsGroup, at.child('fsGroup')),
    ...checkId(context.runAsUser, at.child('runAsUser')),
    ...checkId(context.runAsGroup, at.child('runAsGroup')),
    ...each(context.supplementalGroups, at.child('supplementalGroups'), checkId),
  ]
  if (hostPID && shareProcessNamespace) errors.push(at.child('shareProcessNamespace').invalid(true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  return [
    ...errors,
    ...checkSysctls(context.sysctls, spec, at.child('sysctls')),
    ...oneOfIfAny(context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], at.child('fsGroupChangePolicy')),
    ...checkSeccomp(context.seccompProfile, at.child('seccompProfile')),
    ...checkWindowsOptions(context.windowsOptions, at.child('windowsOptions')),
    ...checkAppArmor(context.appArmorProfile, at.child('appArmorProfile')),
    ...oneOfIfAny(context.supplementalGroupsPolicy, ['Merge', 'Strict'], at.child('supplementalGroupsPolicy')),
    // MountOption belongs to SELinuxMount, which is off in Kubernetes 1.36
    ...oneOfIfAny(context.seLinuxChangePolicy, ['Recursive'], at.child('seLinuxChangePolicy')),
  ]
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

function checkSeccomp(profile: SeccompProfile | undefined, at: FieldPath): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile: path } = profile
  const errors = type ? oneOf(type, profileTypes, at.child('type')) : [at.child('type').required('type is required when seccompProfile is set')]
  const here = at.child('localhostProfile')
  if (type === 'Localhost') return [...errors, ...(path === undefined ? [here.required('must be set when seccomp type is Localhost')] : descending(path, here))]
  return path === undefined ? errors : [...errors, here.invalid({ Type: type ?? '', LocalhostProfile: path }, 'can only be set when seccomp type is Localhost')]
}

/** PATH_MAX of Linux without the end of the text. */
const longestPath = 4095

function checkAppArmor(profile: AppArmorProfile | undefined, at: FieldPath): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile: name } = profile
  if (!type) return [at.child('type').required('type is required when appArmorProfile is set')]
  if (!profileTypes.includes(type)) return [at.child('type').notSupported(type, profileTypes)]
  const here = at.child('localhostProfile')
  if (type !== 'Localhost') return name === undefined ? [] : [here.invalid(name, 'can only be set when AppArmor type is Localhost')]
  if (!name) return [here.required('must be set when AppArmor type is Localhost')]
  const errors = name.trim() === name ? [] : [here.invalid(name, 'must not be padded with whitespace')]
  return Buffer.byteLength(name) > longestPath ? [...errors, here.tooLong(longestPath)] : errors
}

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const sysctlSyntax = String.raw`^(${segment}[\./])*${segment}$`
const sysctlName = new RegExp(sysctlSyntax)
const longestSysctl = 253
const ofNetwork = /^net[./]/
const ofIPC = /^(kernel[./](shm|msg|sem)|fs[./]mqueue[./])/

function checkSysctls(sysctls: readonly Sysctl[] | undefined, { hostNetwork, hostIPC }: PodSpec, list: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(sysctls, list, ({ name = '' }, item) => {
    const at = item.child('name')
    const errors: FieldError[] = []
    if (!name) errors.push(at.required())
    else if (name.length > longestSysctl || !sysctlName.test(name)) errors.push(at.invalid(name, `must have at most ${longestSysctl} characters and match regex ${sysctlSyntax}`))
    else if (seen.has(name)) errors.push(at.duplicate(name))
    if (hostNetwork && ofNetwork.test(name)) errors.push(at.invalid(name, "may not be specified when 'hostNetwork' is true"))
    else if (hostIPC && ofIPC.test(name)) errors.push(at.invalid(name, "may not be specified when 'hostIPC' is true"))
    seen.add(name)
    return errors
  })
}
