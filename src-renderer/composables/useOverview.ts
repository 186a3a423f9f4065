import { computed } from 'vue'
import type { Pod } from '../../src-main/kinds/generated/types.ts'
import { deployments, events, nodes, pods, services, type KindInfo } from '../api/kinds.ts'
import { refOf, type Ref } from '../api/resources.ts'
import { nodeAttention } from '../state/node.ts'
import { podAttention, podState } from '../state/pod.ts'
import { serviceAttention } from '../state/service.ts'
import { byUrgency, urgency, type Attention, type Mark } from '../state/state.ts'
import { workloadAttention } from '../state/workload.ts'
import { useScopedList } from './useResourceList.ts'

/** Something to look at, and the object it is about. */
export interface Finding extends Attention {
  kind: KindInfo
  ref: Ref
  /** How many pods of one owner say the same. */
  times: number
}

/** What the whole cluster says, for the first page. */
export function useOverview() {
  const podList = useScopedList(pods)
  const nodeList = useScopedList(nodes)
  const deploymentList = useScopedList(deployments)
  const serviceList = useScopedList(services)
  const eventList = useScopedList(events)

  const findings = computed<Finding[]>(() =>
    merge([
      ...nodeList.items.value.flatMap((o) => nodeAttention(o).map((a) => ({ ...a, kind: nodes as KindInfo, ref: refOf(o), times: 1 }))),
      ...deploymentList.items.value.flatMap((o) => workloadAttention(o).map((a) => ({ ...a, kind: deployments as KindInfo, ref: refOf(o), times: 1 }))),
      ...podList.items.value.flatMap((o) => podAttention(o).map((a) => ({ ...a, kind: pods as KindInfo, ref: refOf(o), times: 1 }))),
      ...serviceList.items.value.flatMap((o) => serviceAttention(o, podList.items.value, undefined).map((a) => ({ ...a, kind: services as KindInfo, ref: refOf(o), times: 1 }))),
    ]),
  )
  const states = computed(() => countStates(podList.items.value))
  const loaded = computed(() => podList.loaded.value && nodeList.loaded.value)
  return { findings, states, loaded, pods: podList.items, nodes: nodeList.items, deployments: deploymentList.items, services: serviceList.items, events: eventList.items }
}

/** The same sentence about pods of the same owner is one finding. */
function merge(findings: Finding[]): Finding[] {
  const groups = new Map<string, Finding>()
  for (const finding of findings) {
    const known = groups.get(`${finding.kind.plural} ${finding.ref.namespace} ${finding.what}`)
    if (known) known.times++
    else groups.set(`${finding.kind.plural} ${finding.ref.namespace} ${finding.what}`, { ...finding })
  }
  return [...groups.values()].sort(byUrgency)
}

function countStates(all: readonly Pod[]): Array<{ mark: Mark; count: number }> {
  return urgency.map((mark) => ({ mark, count: all.filter((p) => podState(p).mark === mark).length })).filter((s) => s.count)
}
