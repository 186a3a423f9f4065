import type { Clock } from '../base/clock.ts'
import { equalJson } from '../base/json.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Client } from '../client/client.ts'
import type { Informers, Seen } from '../client/informer.ts'
import type { Recorder } from '../client/recorder.ts'
import { node as nodeKind, type Node } from '../kinds/core/node.ts'
import { pod as podKind, type Pod } from '../kinds/core/pod.ts'
import { binding as bindingKind, type Binding } from '../kinds/core/binding.ts'
import { conditionOf, keyOf, refOf, withCondition } from '../kinds/meta.ts'
import { isConflict, isNotFound } from '../kinds/status-error.ts'
import { objections, unschedulableMessage } from './filters.ts'
import { NodeStates, type NodeView } from './node-state.ts'
import { needsOf } from './pod-needs.ts'
import { SchedulingQueue } from './queue.ts'
import { SchedulerMetrics } from './scheduler-metrics.ts'
import { best } from './scores.ts'
import { Verdicts } from './verdicts.ts'

export interface SchedulerDependencies {
  readonly client: Client
  readonly informers: Informers
  readonly recorder: Recorder
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** Pods that name it in `spec.schedulerName` are its own; `default-scheduler` unless said. */
  readonly schedulerName?: string
  /** Where to tell, for whoever shows it, why pods wait. */
  readonly verdicts?: Verdicts
  /** Where to count what becomes of the pods. */
  readonly metrics?: SchedulerMetrics
}

/** Bindings under way at once; the store commits those that wait together. */
const bindingsAtOnce = 128

/** Gives every pending pod a node, until the signal aborts. */
export async function runScheduler(deps: SchedulerDependencies): Promise<void> {
  const { informers, clock, signal, schedulerName = 'default-scheduler', verdicts = new Verdicts(), metrics = new SchedulerMetrics() } = deps
  const states = new NodeStates()
  const queue = new SchedulingQueue(clock)
  const pods = informers.of(podKind)
  metrics.watch(() => ({ ...queue.waiting, gated: [...pods.list()].filter((pod) => isMine(pod, schedulerName) && isGated(pod)).length }))
  const stopping = [
    informers.of(nodeKind).subscribe((seen) => followNode(seen, states, queue)),
    pods.subscribe((seen) => followPod(seen, schedulerName, states, queue, verdicts)),
    () => queue.close(),
  ]
  const stop = () => stopping.forEach((end) => end())
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  // a node that is not listed yet must not make pods look unschedulable, nor one's pods make it look empty
  await Promise.all([informers.of(nodeKind).waitFor(0, signal), pods.waitFor(0, signal)])

  const binding = new Set<Promise<void>>()
  for (let turn = 0, key = await queue.take(); key !== undefined; key = await queue.take(), turn++) {
    const pod = pods.get(key)
    if (!pod || !isPending(pod, schedulerName)) {
      queue.drop(key)
      continue
    }
    const began = performance.now()
    const { attempt, since } = queue.attemptOf(key)
    const { node, nodes } = choose(pod, states.views(), turn)
    metrics.chosen(secondsSince(began))
    if (node !== undefined) states.assume(pod, node)
    else {
      verdicts.set(key, { at: clock.now(), message: unschedulableMessage(nodes), nodes })
      queue.park(key)
      metrics.attempted('unschedulable', schedulerName, secondsSince(began))
    }
    const effect =
      node !== undefined
        ? bind(pod, node, states, queue, deps).then((bound) => {
            metrics.attempted(bound ? 'scheduled' : 'error', schedulerName, secondsSince(began))
            if (bound) metrics.scheduled(attempt, (clock.now() - since) / 1000)
          })
        : tellUnschedulable(pod, unschedulableMessage(nodes), deps)
    binding.add(effect)
    void effect.finally(() => binding.delete(effect))
    if (binding.size >= bindingsAtOnce) await Promise.race(binding)
  }
  await Promise.all(binding)
}

const secondsSince = (began: number): number => (performance.now() - began) / 1000

const isPending = (pod: Pod, schedulerName: string): boolean => isMine(pod, schedulerName) && !isGated(pod)

const isGated = ({ spec }: Pod): boolean => Boolean(spec?.schedulingGates?.length)

const isMine = ({ metadata, spec, status }: Pod, schedulerName: string): boolean =>
  !spec?.nodeName &&
  !metadata.deletionTimestamp &&
  (spec?.schedulerName ?? 'default-scheduler') === schedulerName &&
  status?.phase !== 'Failed' &&
  status?.phase !== 'Succeeded'

/** Pure: the node for the pod, or why each one is none. */
export function choose(
  pod: Pod,
  views: Iterable<NodeView>,
  turn: number,
): { node?: string; nodes: Map<string, readonly string[]> } {
  const needs = needsOf(pod)
  const fitting: NodeView[] = []
  const nodes = new Map<string, readonly string[]>()
  for (const view of views) {
    const reasons = objections(pod, needs, view)
    if (reasons.length === 0) fitting.push(view)
    else nodes.set(view.node.metadata.name ?? '', reasons)
  }
  const node = best(pod, needs, fitting, turn)?.node.metadata.name
  return { ...(node === undefined ? {} : { node }), nodes }
}

function followNode({ type, object, old }: Seen<Node>, states: NodeStates, queue: SchedulingQueue): void {
  if (type === 'deleted') return states.removeNode(object.metadata.name ?? '')
  states.setNode(object)
  // what heartbeats change makes no room
  const room = ({ metadata, spec, status }: Node) => [
    metadata.labels,
    spec?.taints,
    spec?.unschedulable,
    status?.allocatable,
  ]
  if (!old || !equalJson(room(object), room(old))) queue.wake()
}

function followPod(
  { type, object, old }: Seen<Pod>,
  schedulerName: string,
  states: NodeStates,
  queue: SchedulingQueue,
  verdicts: Verdicts,
): void {
  const key = keyOf(object)
  const smaller = type !== 'deleted' && states.setPod(object)
  if (type === 'deleted') states.removePod(object.metadata.uid ?? '')
  const finished = type === 'deleted' || object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed'
  if (smaller || (finished && object.spec?.nodeName)) queue.wake()
  if (type !== 'deleted' && isPending(object, schedulerName)) {
    // a changed wish (a toleration, a selector) is a new one
    if (old && !equalJson(old.spec, object.spec)) queue.drop(key)
    return queue.add(key, object.spec?.priority ?? 0)
  }
  queue.drop(key)
  verdicts.drop(key)
}

/** Resolves with whether the pod is bound. */
async function bind(
  pod: Pod,
  node: string,
  states: NodeStates,
  queue: SchedulingQueue,
  deps: SchedulerDependencies,
): Promise<boolean> {
  const { client, informers, recorder, log, signal } = deps
  const { name, namespace, uid = '' } = pod.metadata
  const binding: Binding = {
    apiVersion: bindingKind.apiVersion,
    kind: bindingKind.kind,
    metadata: { name, namespace, uid },
    target: { apiVersion: nodeKind.apiVersion, kind: nodeKind.kind, name: node },
  }
  try {
    await client.createSubresource(podKind, refOf(pod), 'binding', binding)
    recorder.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${keyOf(pod)} to ${node}`)
    return true
  } catch (error) {
    states.removePod(uid)
    // somebody else may have bound it
    const current = informers.of(podKind).get(keyOf(pod))
    if (current) states.setPod(current)
    queue.wake()
    if (signal.aborted) return false
    if (isNotFound(error) || isConflict(error))
      log.debug('pod not bound', { pod: keyOf(pod), error: errorMessage(error) })
    else {
      log.warn('pod not bound', { pod: keyOf(pod), node, error: errorMessage(error) })
      recorder.event(pod, 'Warning', 'FailedScheduling', `binding rejected: ${errorMessage(error)}`)
    }
    queue.retry(keyOf(pod))
    return false
  }
}

async function tellUnschedulable(
  pod: Pod,
  message: string,
  { client, recorder, clock, log, signal }: SchedulerDependencies,
): Promise<void> {
  recorder.event(pod, 'Warning', 'FailedScheduling', message)
  const old = conditionOf(pod.status?.conditions, 'PodScheduled')
  if (old?.status === 'False' && old.reason === 'Unschedulable' && old.message === message) return
  const [condition] = withCondition(
    old ? [old] : [],
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
    clock.now(),
  )
  try {
    const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } }
    await client.patch(podKind, refOf(pod), { type: 'strategic', body }, { subresource: 'status' })
  } catch (error) {
    if (!signal.aborted && !isNotFound(error))
      log.warn('pod condition not written', { pod: keyOf(pod), error: errorMessage(error) })
  }
}
