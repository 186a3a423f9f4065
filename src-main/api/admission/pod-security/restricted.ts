import { addedCapabilities, badSeccomp } from './baseline.ts'
import { type Check, type Checked, containersNamed, namesWhere, plural, quoted, setters, sorted, type Violation } from './violation.ts'

/** Since v1.25, what only Linux knows is not asked of pods for Windows. */
const exempt = ({ spec, minor }: Checked): boolean => minor >= 25 && spec.os?.name === 'windows'

function privilegeEscalation({ spec }: Checked): Violation | undefined {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
  if (names.length === 0) return undefined
  return { reason: 'allowPrivilegeEscalation != false', detail: `${containersNamed(names)} must set securityContext.allowPrivilegeEscalation=false` }
}

function capabilities(checked: Checked): Violation | undefined {
  const keeping = namesWhere(checked.spec, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'))
  const details = [
    ...(keeping.length > 0 ? [`${containersNamed(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...[addedCapabilities(checked, ['NET_BIND_SERVICE'])].filter((detail) => detail !== undefined),
  ]
  return details.length > 0 ? { reason: 'unrestricted capabilities', detail: details.join('; ') } : undefined
}

const allowedVolumes = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret']

function volumes({ spec }: Checked): Violation | undefined {
  const bad = (spec.volumes ?? []).flatMap(({ name, ...source }) => {
    const type = Object.keys(source)[0] ?? 'unknown'
    return allowedVolumes.includes(type) ? [] : [{ name, type }]
  })
  if (bad.length === 0) return undefined
  const types = sorted(bad.map(({ type }) => type))
  const who = `${plural('volume', 'volumes', bad.length)} ${quoted(bad.map(({ name }) => name))} ${plural('uses', 'use', bad.length)}`
  return { reason: 'restricted volume types', detail: `${who} ${plural('restricted volume type', 'restricted volume types', types.length)} ${quoted(types)}` }
}

function nonRoot({ spec }: Checked): Violation | undefined {
  const reason = 'runAsNonRoot != true'
  const pod = spec.securityContext?.runAsNonRoot
  const who = setters(pod === false, namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false))
  if (who) return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` }
  const silent = pod ? [] : namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined)
  return silent.length > 0 ? { reason, detail: `pod or ${containersNamed(silent)} must set securityContext.runAsNonRoot=true` } : undefined
}

function rootUser({ spec }: Checked): Violation | undefined {
  const who = setters(spec.securityContext?.runAsUser === 0, namesWhere(spec, ({ securityContext }) => securityContext?.runAsUser === 0))
  return who ? { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` } : undefined
}

function seccomp(checked: Checked): Violation | undefined {
  const reason = 'seccompProfile'
  const bad = badSeccomp(checked)
  if (bad) return { reason, detail: bad }
  const { spec } = checked
  const silent = spec.securityContext?.seccompProfile ? [] : namesWhere(spec, ({ securityContext }) => !securityContext?.seccompProfile)
  if (silent.length === 0) return undefined
  return { reason, detail: `pod or ${containersNamed(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` }
}

/** Today's best practice of hardening, besides what `baseline` asks. By id, which is the order of violations. */
export const restricted: readonly Check[] = [
  { id: 'allowPrivilegeEscalation', since: 8, check: (pod) => (exempt(pod) ? undefined : privilegeEscalation(pod)) },
  { id: 'capabilities_restricted', since: 22, overrides: 'capabilities_baseline', check: (pod) => (exempt(pod) ? undefined : capabilities(pod)) },
  { id: 'restrictedVolumes', since: 0, overrides: 'hostPathVolumes', check: volumes },
  { id: 'runAsNonRoot', since: 0, check: nonRoot },
  { id: 'runAsUser', since: 23, check: rootUser },
  { id: 'seccompProfile_restricted', since: 19, overrides: 'seccompProfile_baseline', check: (pod) => (exempt(pod) ? undefined : seccomp(pod)) },
]
