import type { ContainerCreateOptions } from 'dockerode'
import type { Pod } from '../kinds/generated/types.ts'
import { dockerName, labelsOf, type Owner, podLabels } from './docker-labels.ts'
import type { SandboxSpec } from './runtime.ts'

/** What the engine is asked to make: the container that owns the pod's network, IPC, host name and resolv.conf. */
export function sandboxOptions({ pod, attempt, hostname, dns }: SandboxSpec, owner: Owner, network: string, image: string): ContainerCreateOptions {
  const hostNetwork = pod.spec?.hostNetwork === true
  const { exposed, bindings } = hostNetwork ? { exposed: {}, bindings: {} } : hostPorts(pod)
  return {
    name: dockerName('POD', pod, attempt),
    Image: image,
    ...(hostNetwork ? {} : { Hostname: hostname }),
    Labels: labelsOf(pod, owner, attempt, { [podLabels.type]: 'podsandbox', [podLabels.container]: 'POD' }),
    ExposedPorts: exposed,
    HostConfig: {
      NetworkMode: hostNetwork ? 'host' : network,
      IpcMode: pod.spec?.hostIPC ? 'host' : 'shareable',
      ...(pod.spec?.hostPID ? { PidMode: 'host' } : {}),
      PortBindings: bindings,
      CpuShares: 2,
      // 600 bytes that only sleep: a filter and a log would cost more than they protect
      SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'],
      CapDrop: ['ALL'],
      LogConfig: { Type: 'none', Config: {} },
      Sysctls: Object.fromEntries((pod.spec?.securityContext?.sysctls ?? []).map(({ name = '', value = '' }) => [name, value])),
      ...(dns ? { Dns: [...dns.nameservers], DnsSearch: dns.searches.length > 0 ? [...dns.searches] : ['.'], DnsOptions: [...dns.options] } : {}),
    },
  }
}

function hostPorts(pod: Pod): { exposed: Record<string, object>; bindings: Record<string, Array<{ HostIp: string; HostPort: string }>> } {
  const exposed: Record<string, object> = {}
  const bindings: Record<string, Array<{ HostIp: string; HostPort: string }>> = {}
  for (const port of pod.spec?.containers.flatMap((c) => c.ports ?? []) ?? []) {
    if (!port.hostPort) continue
    const key = `${port.containerPort}/${(port.protocol ?? 'TCP').toLowerCase()}`
    exposed[key] = {}
    ;(bindings[key] ??= []).push({ HostIp: port.hostIP ?? '', HostPort: String(port.hostPort) })
  }
  return { exposed, bindings }
}
