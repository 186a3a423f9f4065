import type { ContainerCreateOptions, HostConfig } from 'dockerode'
import type { Container, Pod } from '../kinds/generated/types.ts'
import { cpuPeriod, limitsOf } from './amounts.ts'
import { dockerName, labelsOf, type Owner, podLabels } from './docker-labels.ts'
import { pullReference } from './docker-images.ts'
import type { ContainerLimits, ContainerSpec } from './runtime.ts'

/** Kubelet's containerLogMaxSize and containerLogMaxFiles. */
const logFiles = { 'max-size': '10m', 'max-file': '5' }

/** What the engine is asked to make for one container of a pod. */
export function containerOptions(spec: ContainerSpec, owner: Owner): ContainerCreateOptions {
  const { pod, container, attempt, sandboxId, command, args } = spec
  const user = userOf(pod, container)
  return {
    name: dockerName(container.name, pod, attempt),
    Image: pullReference(container.image ?? ''),
    ...(command ? { Entrypoint: [...command] } : {}),
    ...(args ? { Cmd: [...args] } : {}),
    Env: spec.env.map(({ name, value }) => `${name}=${value}`),
    ...(container.workingDir ? { WorkingDir: container.workingDir } : {}),
    ...(user === undefined ? {} : { User: user }),
    Tty: container.tty ?? false,
    OpenStdin: container.stdin ?? false,
    StdinOnce: container.stdinOnce ?? false,
    ...(container.lifecycle?.stopSignal ? { StopSignal: container.lifecycle.stopSignal } : {}),
    // probes are the kubelet's
    Healthcheck: { Test: ['NONE'] },
    Labels: labelsOf(pod, owner, attempt, {
      [podLabels.type]: 'container',
      [podLabels.container]: container.name,
      [podLabels.sandbox]: sandboxId,
      [podLabels.image]: container.image ?? '',
    }),
    HostConfig: hostConfig(spec),
  }
}

function hostConfig({ pod, container, sandboxId, targetId, mounts }: ContainerSpec): HostConfig {
  const own = `container:${sandboxId}`
  const { securityContext: security } = container
  const podPidMode = pod.spec?.hostPID ? 'host' : pod.spec?.shareProcessNamespace ? own : undefined
  const pidMode = targetId === undefined ? podPidMode : `container:${targetId}`
  return {
    NetworkMode: own,
    IpcMode: pod.spec?.hostIPC ? 'host' : own,
    ...(pidMode ? { PidMode: pidMode } : {}),
    Mounts: mounts.map((mount) => ({
      Type: 'bind', Source: mount.source, Target: mount.target, ReadOnly: mount.readOnly,
      ...(mount.propagation ? { BindOptions: { Propagation: mount.propagation } } : {}),
    })),
    LogConfig: { Type: 'json-file', Config: logFiles },
    ...limitOptions(limitsOf(container.resources, pod.spec?.resources)),
    OomScoreAdj: oomScore(pod, container),
    Privileged: security?.privileged ?? false,
    ReadonlyRootfs: security?.readOnlyRootFilesystem ?? false,
    CapAdd: security?.capabilities?.add ?? [],
    CapDrop: security?.capabilities?.drop ?? [],
    SecurityOpt: securityOptions(pod, container),
    GroupAdd: [...(pod.spec?.securityContext?.supplementalGroups ?? []), pod.spec?.securityContext?.fsGroup ?? []].flat().map(String),
  }
}

function userOf(pod: Pod, container: Container): string | undefined {
  const user = container.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser
  const group = container.securityContext?.runAsGroup ?? pod.spec?.securityContext?.runAsGroup
  if (user === undefined) return undefined
  return group === undefined ? String(user) : `${user}:${group}`
}

function securityOptions(pod: Pod, container: Container): string[] {
  const seccomp = container.securityContext?.seccompProfile ?? pod.spec?.securityContext?.seccompProfile
  return [
    ...(container.securityContext?.allowPrivilegeEscalation === false ? ['no-new-privileges'] : []),
    ...(seccomp?.type === 'Unconfined' ? ['seccomp=unconfined'] : []),
  ]
}

/** How the engine is told, at first and for a container that runs. */
export const limitOptions = ({ cpuShares, cpuQuota, memoryBytes }: ContainerLimits): Pick<HostConfig, 'CpuShares' | 'CpuPeriod' | 'CpuQuota' | 'Memory' | 'MemorySwap'> => ({
  CpuShares: cpuShares,
  ...(cpuQuota ? { CpuPeriod: cpuPeriod, CpuQuota: cpuQuota } : {}),
  // as much as memory: no swap beside it
  ...(memoryBytes ? { Memory: memoryBytes, MemorySwap: memoryBytes } : {}),
})

/**
 * Kubelet's order of who dies first when memory is short, without its negative values for guaranteed pods: those need
 * CAP_SYS_RESOURCE, which not every engine has.
 */
function oomScore(pod: Pod, container: Container): number {
  switch (pod.status?.qosClass) {
    case 'Guaranteed':
      return 0
    case 'BestEffort':
      return 1000
    default:
      return container.resources?.requests?.memory === undefined ? 999 : 500
  }
}
