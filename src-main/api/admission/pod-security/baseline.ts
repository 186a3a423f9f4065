import type { Container, Probe, SELinuxOptions } from '../../../kinds/generated/types.ts'
import { type Check, type Checked, containersNamed, containersOf, namesWhere, plural, quoted, setters, sorted, type Violation } from './violation.ts'

const violation = (reason: string, detail: string | undefined): Violation | undefined => (detail === undefined ? undefined : { reason, detail })

const defaultCapabilities = [
  'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID',
  'SETPCAP', 'SETUID', 'SYS_CHROOT',
]

/** `container "a" must not include "SYS_ADMIN" in securityContext.capabilities.add` */
export function addedCapabilities({ spec }: Checked, allowed: readonly string[]): string | undefined {
  const added = ({ securityContext }: Container) => (securityContext?.capabilities?.add ?? []).filter((name) => !allowed.includes(name))
  const names = namesWhere(spec, (container) => added(container).length > 0)
  if (names.length === 0) return undefined
  const capabilities = sorted(containersOf(spec).flatMap(added))
  return `${containersNamed(names)} must not include ${quoted(capabilities)} in securityContext.capabilities.add`
}

const profiles = ['RuntimeDefault', 'Localhost']

/** `pod must not set securityContext.seccompProfile.type to "Unconfined"` */
export function badSeccomp({ spec }: Checked): string | undefined {
  const typeOf = (context: { seccompProfile?: { type: string } } | undefined) => context?.seccompProfile?.type
  const bad = (type: string | undefined): type is string => type !== undefined && !profiles.includes(type)
  const containers = namesWhere(spec, ({ securityContext }) => bad(typeOf(securityContext)))
  const who = setters(bad(typeOf(spec.securityContext)), containers)
  const types = [typeOf(spec.securityContext), ...containersOf(spec).map(({ securityContext }) => typeOf(securityContext))].filter(bad)
  return who && `${who} must not set securityContext.seccompProfile.type to ${quoted(sorted(types))}`
}

function appArmor({ metadata, spec }: Checked): Violation | undefined {
  const typeOf = (context: { appArmorProfile?: { type: string } } | undefined) => context?.appArmorProfile?.type
  const bad = (type: string | undefined): type is string => type !== undefined && !profiles.includes(type)
  const containers = namesWhere(spec, ({ securityContext }) => bad(typeOf(securityContext)))
  const types = sorted([typeOf(spec.securityContext), ...containersOf(spec).map(({ securityContext }) => typeOf(securityContext))].filter(bad))
  const annotations = Object.entries(metadata.annotations ?? {})
    .filter(([key, value]) => key.startsWith('container.apparmor.security.beta.kubernetes.io/') && !/^(|runtime\/default|localhost\/.*)$/.test(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort()
  const who = [setters(bad(typeOf(spec.securityContext)), containers), annotations.length > 0 ? plural('annotation', 'annotations', annotations.length) : undefined]
  const named = who.filter((part) => part !== undefined)
  if (named.length === 0) return undefined
  const values = [...types, ...annotations]
  return {
    reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
    detail: `${named.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  }
}

function hostPorts({ spec }: Checked): string | undefined {
  const ports = ({ ports: own }: Container) => (own ?? []).flatMap(({ hostPort }) => hostPort || [])
  const names = namesWhere(spec, (container) => ports(container).length > 0)
  const numbers = sorted(containersOf(spec).flatMap(ports).map(String))
  return names.length === 0
    ? undefined
    : `${containersNamed(names)} ${plural('uses', 'use', names.length)} ${plural('hostPort', 'hostPorts', numbers.length)} ${numbers.join(', ')}`
}

function probeHosts({ spec }: Checked): string | undefined {
  const hostsOf = (handler: Pick<Probe, 'httpGet' | 'tcpSocket'> | undefined) => [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host): host is string => Boolean(host))
  const hosts = (container: Container) =>
    [container.livenessProbe, container.readinessProbe, container.startupProbe, container.lifecycle?.postStart, container.lifecycle?.preStop].flatMap(hostsOf)
  const names = sorted(namesWhere(spec, (container) => hosts(container).length > 0))
  const bad = sorted(containersOf(spec).flatMap(hosts))
  return names.length === 0
    ? undefined
    : `${containersNamed(names)} ${plural('uses', 'use', names.length)} ${plural('probe or lifecycle host', 'probe or lifecycle hosts', bad.length)} ${quoted(bad)}`
}

function procMounts({ spec }: Checked): string | undefined {
  const bad = ({ securityContext }: Container) => securityContext?.procMount !== undefined && securityContext.procMount !== 'Default'
  const names = namesWhere(spec, bad)
  const types = sorted(containersOf(spec).filter(bad).map(({ securityContext }) => securityContext?.procMount ?? ''))
  return names.length === 0 ? undefined : `${containersNamed(names)} must not set securityContext.procMount to ${quoted(types)}`
}

function seLinux({ spec, minor }: Checked): string | undefined {
  const allowed = ['', 'container_t', 'container_init_t', 'container_kvm_t', ...(minor >= 31 ? ['container_engine_t'] : [])]
  const bad = (options: SELinuxOptions | undefined) => options !== undefined && (!allowed.includes(options.type ?? '') || Boolean(options.user) || Boolean(options.role))
  const all = [spec.securityContext?.seLinuxOptions, ...containersOf(spec).map(({ securityContext }) => securityContext?.seLinuxOptions)]
  const who = setters(bad(spec.securityContext?.seLinuxOptions), namesWhere(spec, ({ securityContext }) => bad(securityContext?.seLinuxOptions)))
  if (!who) return undefined
  const types = sorted(all.map((options) => options?.type ?? '').filter((type) => !allowed.includes(type)))
  const data = [
    ...(types.length > 0 ? [`${plural('type', 'types', types.length)} ${quoted(types)}`] : []),
    ...(all.some((options) => options?.user) ? ['user may not be set'] : []),
    ...(all.some((options) => options?.role) ? ['role may not be set'] : []),
  ]
  return `${who} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`
}

const safeSysctls: ReadonlyArray<readonly [since: number, names: readonly string[]]> = [
  [0, ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start']],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [29, ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes']],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
]

function sysctls({ spec, minor }: Checked): string | undefined {
  const allowed = safeSysctls.filter(([since]) => since <= minor).flatMap(([, names]) => names)
  const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.includes(name))
  return bad.length === 0 ? undefined : bad.join(', ')
}

function hostProcesses({ spec }: Checked): string | undefined {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true)
  const who = setters(spec.securityContext?.windowsOptions?.hostProcess === true, names)
  return who && `${who} must not set securityContext.windowsOptions.hostProcess=true`
}

function hostNamespaces({ spec }: Checked): string | undefined {
  const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name])
  return used.length === 0 ? undefined : used.map((name) => `${name}=true`).join(', ')
}

function hostPaths({ spec }: Checked): string | undefined {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name)
  return names.length === 0 ? undefined : `${plural('volume', 'volumes', names.length)} ${quoted(names)}`
}

function privileged({ spec }: Checked): string | undefined {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.privileged === true)
  return names.length === 0 ? undefined : `${containersNamed(names)} must not set securityContext.privileged=true`
}

/** What keeps known ways to the node shut. By id, which is the order of violations. */
export const baseline: readonly Check[] = [
  { id: 'appArmorProfile', since: 0, check: appArmor },
  { id: 'capabilities_baseline', since: 0, check: (pod) => violation('non-default capabilities', addedCapabilities(pod, defaultCapabilities)) },
  { id: 'hostNamespaces', since: 0, check: (pod) => violation('host namespaces', hostNamespaces(pod)) },
  { id: 'hostPathVolumes', since: 0, check: (pod) => violation('hostPath volumes', hostPaths(pod)) },
  { id: 'hostPorts', since: 0, check: (pod) => violation('hostPort', hostPorts(pod)) },
  { id: 'hostProbesAndHostLifecycle', since: 34, check: (pod) => violation('probe or lifecycle host', probeHosts(pod)) },
  { id: 'privileged', since: 0, check: (pod) => violation('privileged', privileged(pod)) },
  { id: 'procMount', since: 0, check: (pod) => violation('procMount', procMounts(pod)) },
  { id: 'seLinuxOptions', since: 0, check: (pod) => violation('seLinuxOptions', seLinux(pod)) },
  { id: 'seccompProfile_baseline', since: 19, check: (pod) => violation('seccompProfile', badSeccomp(pod)) },
  { id: 'sysctls', since: 0, check: (pod) => violation('forbidden sysctls', sysctls(pod)) },
  { id: 'windowsHostProcess', since: 0, check: (pod) => violation('hostProcess', hostProcesses(pod)) },
]
