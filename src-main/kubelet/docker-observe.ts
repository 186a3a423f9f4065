import type { ContainerInfo, ContainerInspectInfo, HostConfig } from 'dockerode'
import { podLabels } from './docker-labels.ts'
import type { ContainerLimits, ObservedContainer, ObservedPod, ObservedSandbox } from './runtime.ts'

/** The engine's list, grouped by pod; times and exit codes are not in it. */
export function observedPods(list: readonly ContainerInfo[]): Map<string, ObservedPod> {
  const pods = new Map<string, { -readonly [K in keyof ObservedPod]: ObservedPod[K] } & { containers: ObservedContainer[] }>()
  for (const c of list) {
    const label = (name: string): string => c.Labels[name] ?? ''
    const uid = label(podLabels.uid)
    let pod = pods.get(uid)
    if (!pod) pods.set(uid, (pod = { uid, namespace: label(podLabels.namespace), name: label(podLabels.name), containers: [] }))
    const attempt = Number(label(podLabels.attempt))
    if (label(podLabels.type) === 'podsandbox') {
      if (!pod.sandbox || attempt > pod.sandbox.attempt) pod.sandbox = sandboxOf(c, attempt)
      continue
    }
    pod.containers.push({
      id: c.Id,
      name: label(podLabels.container),
      attempt,
      state: stateOf(c.State),
      image: label(podLabels.image),
      imageId: c.ImageID,
      createdAt: c.Created * 1000,
    })
  }
  return pods
}

const sandboxOf = (c: ContainerInfo, attempt: number): ObservedSandbox => {
  const ip = Object.values(c.NetworkSettings?.Networks ?? {})[0]?.IPAddress
  return { id: c.Id, attempt, running: c.State === 'running', createdAt: c.Created * 1000, ...(ip ? { ip } : {}) }
}

const stateOf = (state: string): ObservedContainer['state'] =>
  state === 'created' ? 'created' : state === 'running' || state === 'paused' || state === 'restarting' ? 'running' : 'exited'

/** Go's zero time is no time. */
const time = (text: string): number | undefined => (text.startsWith('0001') ? undefined : Date.parse(text))

const limitsOf = ({ CpuShares: shares, CpuQuota: quota, Memory: memory }: HostConfig): ContainerLimits => ({
  // 0 is the engine's own default
  cpuShares: shares || 1024,
  ...(quota && quota > 0 ? { cpuQuota: quota } : {}),
  ...(memory && memory > 0 ? { memoryBytes: memory } : {}),
})

/** With what only an inspection tells. */
export function observedContainer(listed: ObservedContainer, found: ContainerInspectInfo): ObservedContainer {
  const { State: state } = found
  const startedAt = time(state.StartedAt)
  return {
    ...listed,
    // one that is removed before it ever ran has not ended: an end is final in a pod's status
    state: startedAt === undefined ? 'created' : stateOf(state.Status),
    createdAt: Date.parse(found.Created),
    startedAt,
    finishedAt: time(state.FinishedAt),
    exitCode: state.ExitCode,
    oomKilled: state.OOMKilled,
    limits: limitsOf(found.HostConfig),
    ...(state.Error ? { message: state.Error } : {}),
  }
}
