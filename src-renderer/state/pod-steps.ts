import type { Event, Pod } from '../../src-main/kinds/generated/types.ts'
import { conditionOf, isReady, podState } from './pod.ts'
import { timeOf } from './event.ts'
import type { Mark } from './state.ts'

export interface Step {
  name: 'Created' | 'Scheduled' | 'Image' | 'Started' | 'Ready'
  mark: Mark
  /** What it came to: a node's name, an image, a duration. */
  detail: string
  time?: string
}

/** The way of a pod from the wish to traffic; the first step that is not done works, waits or has failed. */
export function podSteps(pod: Pod, events: readonly Event[]): Step[] {
  const last = (reason: string) => events.filter((e) => e.reason === reason).at(-1)
  const scheduled = conditionOf(pod, 'PodScheduled')
  const containers = pod.status?.containerStatuses ?? []
  const started = containers.length > 0 && containers.every((c) => c.state?.running || c.state?.terminated || c.lastState?.terminated)
  const pulled = started || containers.some((c) => c.imageID) || !!last('Pulled')
  const startedAt = containers.map((c) => c.state?.running?.startedAt ?? c.state?.terminated?.startedAt).filter(Boolean).sort().at(-1)
  const steps: Array<Omit<Step, 'mark'> & { done: boolean }> = [
    { name: 'Created', done: true, detail: '', time: pod.metadata.creationTimestamp },
    { name: 'Scheduled', done: !!pod.spec?.nodeName, detail: pod.spec?.nodeName ?? '', time: (scheduled?.status === 'True' ? scheduled.lastTransitionTime : null) ?? undefined },
    { name: 'Image', done: pulled, detail: pulled ? pullOf(last('Pulled')?.message) : last('Pulling') ? 'being pulled' : '', time: timeOf(last('Pulled') ?? last('Pulling')) },
    { name: 'Started', done: started, detail: '', time: startedAt ?? undefined },
    { name: 'Ready', done: isReady(pod), detail: '', time: (isReady(pod) ? conditionOf(pod, 'Ready')?.lastTransitionTime : null) ?? undefined },
  ]
  const current = steps.findIndex((s) => !s.done)
  const state = podState(pod).mark
  return steps.map(({ done, ...step }, at) => ({ ...step, mark: done ? 'ready' : at === current ? (state === 'ready' ? 'working' : state) : 'unknown' }))
}

const pullOf = (message: string | undefined): string =>
  !message ? '' : message.includes('already present') ? 'already present' : (/ in ([\d.]+m?s)/.exec(message)?.[1] ?? 'pulled')
