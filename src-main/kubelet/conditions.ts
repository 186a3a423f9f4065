import type { ContainerStatus, Pod, PodCondition } from '../kinds/generated/types.ts'
import { conditionOf, withCondition } from '../kinds/meta.ts'
import { resizeConditions } from './allocations.ts'
import { isSidecar } from './plan.ts'

interface ConditionsInput {
  readonly pod: Pod
  readonly phase: string
  readonly resizes: readonly PodCondition[]
  readonly sandboxReady: boolean
  readonly containerStatuses: readonly ContainerStatus[]
  readonly initContainerStatuses: readonly ContainerStatus[]
  readonly now: number
}

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>
const yes: Verdict = { status: 'True' }

/** The kubelet's own conditions, beside those that others wrote. */
export function podConditions(input: ConditionsInput): PodCondition[] {
  const { pod, now } = input
  const containersReady = containersReadyOf(input)
  const own: Record<string, Verdict> = {
    PodReadyToStartContainers: { status: input.sandboxReady ? 'True' : 'False' },
    Initialized: initializedOf(input),
    Ready: readyOf(input, containersReady),
    ContainersReady: containersReady,
    // a pod that names its node itself was never seen by a scheduler
    PodScheduled: yes,
  }
  let conditions: PodCondition[] = [...input.resizes, ...(pod.status?.conditions ?? []).filter(({ type }) => !resizeConditions.has(type))]
  for (const [type, verdict] of Object.entries(own)) {
    const generation = pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }
    conditions = withCondition<PodCondition>(conditions, { type, ...verdict, ...generation }, now)
  }
  return conditions
}

const unready = (statuses: readonly ContainerStatus[]): string[] => statuses.filter((s) => !s.ready).map((s) => s.name)

function initializedOf({ phase, initContainerStatuses }: ConditionsInput): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' }
  const names = unready(initContainerStatuses)
  if (names.length === 0) return yes
  return { status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${names.join(' ')}]` }
}

function containersReadyOf({ pod, phase, containerStatuses, initContainerStatuses }: ConditionsInput): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const sidecars = new Set((pod.spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name))
  const names = unready([...initContainerStatuses.filter(({ name }) => sidecars.has(name)), ...containerStatuses])
  if (names.length === 0) return yes
  return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${names.join(' ')}]` }
}

function readyOf({ pod }: ConditionsInput, containersReady: Verdict): Verdict {
  if (containersReady.status !== 'True') return containersReady
  const messages = (pod.spec?.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = conditionOf(pod.status?.conditions, conditionType)
    if (!gate) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`]
    return gate.status === 'True' ? [] : [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`]
  })
  return messages.length === 0 ? yes : { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') }
}
