import { type Clock, timestamp } from '../base/clock.ts'
import type { Recorder } from '../client/recorder.ts'
import type { Pod, PodCondition, PodStatus } from '../kinds/generated/types.ts'
import { conditionOf } from '../kinds/meta.ts'
import { sameValue } from '../kinds/same-value.ts'
import { adoptedAllocation, type Allocation, allocationOf, byTurn, type Capacity, planAdmission, withAllocation } from './allocation.ts'
import { resizeMessage } from './resize-message.ts'

/** A pod on this node. */
export interface Member {
  /** As its object wishes it. */
  readonly pod: Pod
  readonly status: PodStatus | undefined
  /** The pod as it is granted, with what its containers have still where that is more. */
  holding(granted: Pod): Pod
  /** Its wish is what it has now. */
  wasGranted(): void
  wake(): void
}

interface Entry {
  readonly member: Member
  granted: Allocation
  /** The wish that was judged last and not granted. */
  refused: Allocation | undefined
  /** It is to be judged, again or for the first time. */
  waits: boolean
  pending: PodCondition | undefined
  inProgress: PodCondition | undefined
}

interface Deps {
  readonly clock: Clock
  readonly recorder: Recorder
  capacity(): Capacity
}

export const resizeConditions: ReadonlySet<string> = new Set(['PodResizePending', 'PodResizeInProgress'])

/**
 * What the pods of one node were granted of it. A pod has what it came with; a resize is granted when there is room for it,
 * waits while there is none, and is refused when there never will be. The pods' statuses are its memory over a restart.
 */
export class Allocations {
  readonly #deps: Deps
  readonly #entries = new Map<string, Entry>()
  #open = false

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** All pods are known by now: before, resizes only wait. */
  open(): void {
    this.#open = true
    this.retry()
  }

  adopt(member: Member): void {
    const { metadata, status } = member.pod
    this.#entries.set(metadata.uid ?? '', {
      member,
      granted: adoptedAllocation(member.pod),
      refused: undefined,
      waits: false,
      pending: conditionOf(status?.conditions, 'PodResizePending'),
      inProgress: conditionOf(status?.conditions, 'PodResizeInProgress'),
    })
  }

  forget(uid: string): void {
    if (this.#entries.delete(uid)) this.retry()
  }

  /** The pod as it was granted so far. */
  of(pod: Pod): Pod {
    const entry = this.#entry(pod)
    return entry ? withAllocation(pod, entry.granted) : pod
  }

  /** The same, after a wish that is new was judged. */
  judged(pod: Pod): Pod {
    const entry = this.#entry(pod)
    if (!entry) return pod
    const before = withAllocation(pod, entry.granted)
    if (before === pod) {
      Object.assign(entry, { refused: undefined, waits: false, pending: undefined })
      return pod
    }
    if (entry.refused && sameValue(plain(entry.refused), plain(allocationOf(pod)))) return before
    entry.waits = true
    this.#retry(entry)
    return withAllocation(pod, entry.granted)
  }

  /** Looks again at what waits: there may be room now. */
  retry(): void {
    this.#retry(undefined)
  }

  conditions(pod: Pod): PodCondition[] {
    const entry = this.#entry(pod)
    return [entry?.pending, entry?.inProgress].filter((condition) => condition !== undefined)
  }

  /** Whether its containers have by now what the pod was granted. */
  progress(pod: Pod, done: boolean): void {
    const entry = this.#entry(pod)
    if (!entry) return
    if (!done) entry.inProgress ??= this.#condition('PodResizeInProgress', undefined, generationOf(pod))
    else if (entry.inProgress) {
      const { observedGeneration = generationOf(pod) } = entry.inProgress
      entry.inProgress = undefined
      this.#deps.recorder.event(pod, 'Normal', 'ResizeCompleted', resizeMessage('Pod resize completed', withAllocation(pod, entry.granted), observedGeneration))
      this.retry()
    }
  }

  /** What was granted could not be given, for now. */
  failed(pod: Pod, message: string): void {
    const entry = this.#entry(pod)
    if (!entry) return
    const before = entry.inProgress
    const generation = before?.observedGeneration ?? generationOf(pod)
    if (before?.reason === 'Error' && before.message === message) return
    entry.inProgress = this.#condition('PodResizeInProgress', before, generation, { reason: 'Error', message })
    this.#deps.recorder.event(pod, 'Warning', 'ResizeError', resizeMessage('Pod resize error', withAllocation(pod, entry.granted), generation, message))
  }

  #entry = (pod: Pod): Entry | undefined => this.#entries.get(pod.metadata.uid ?? '')

  #retry(current: Entry | undefined): void {
    if (!this.#open) return
    const waiting = [...this.#entries.values()].filter(({ waits }) => waits).map((entry) => {
      const wish = entry.member.pod
      return { entry, wish, granted: withAllocation(wish, entry.granted), since: entry.pending?.lastTransitionTime ?? undefined }
    })
    for (const { entry, wish } of waiting.sort(byTurn)) if (this.#judge(entry, wish) && entry !== current) entry.member.wake()
  }

  /** Whether anything is other than before. */
  #judge(entry: Entry, wish: Pod): boolean {
    const generation = generationOf(wish)
    const others = [...this.#entries.values()].filter((each) => each !== entry && isActive(each.member)).map(({ member, granted }) => member.holding(withAllocation(member.pod, granted)))
    const verdict = planAdmission(wish, others, this.#deps.capacity())
    const asked = allocationOf(wish)
    if (verdict.fits) {
      Object.assign(entry, { granted: asked, refused: undefined, waits: false, pending: undefined })
      entry.inProgress = this.#condition('PodResizeInProgress', undefined, generation)
      entry.member.wasGranted()
      this.#deps.recorder.event(wish, 'Normal', 'ResizeStarted', resizeMessage('Pod resize started', wish, generation))
      return true
    }
    const { reason, message } = verdict
    Object.assign(entry, { refused: asked, waits: reason === 'Deferred' })
    const before = entry.pending
    if (before?.reason === reason && before.message === message && before.observedGeneration === generation) return false
    entry.pending = this.#condition('PodResizePending', before, generation, { reason, message })
    this.#deps.recorder.event(wish, 'Warning', `Resize${reason}`, resizeMessage(`Pod resize ${reason}`, wish, generation, message))
    return true
  }

  #condition(type: string, before: PodCondition | undefined, observedGeneration: number, why: { reason?: string; message?: string } = {}): PodCondition {
    const now = timestamp(this.#deps.clock.now())
    const lastTransitionTime = before && before.reason === why.reason ? before.lastTransitionTime : now
    return { type, status: 'True', lastProbeTime: now, lastTransitionTime, ...why, observedGeneration }
  }
}

const generationOf = ({ metadata }: Pod): number => metadata.generation ?? 0

const plain = ({ whole, containers }: Allocation): object => ({ whole, containers: Object.fromEntries(containers) })

const isActive = ({ pod, status }: Member): boolean => !['Succeeded', 'Failed'].includes(status?.phase ?? pod.status?.phase ?? '')
