import { computed, type ComputedRef } from 'vue'
import { nodes, pods, services } from '../api/kinds.ts'
import { nodeState } from '../state/node.ts'
import { podState } from '../state/pod.ts'
import { serviceState } from '../state/service.ts'
import type { Mark } from '../state/state.ts'
import { useResourceList } from './useResourceList.ts'

const needs = ({ mark }: { mark: Mark }): boolean => mark === 'failed' || mark === 'attention'

/** How many objects of a section need attention. */
export function useAttentionCounts(): ComputedRef<{ workloads: number; services: number; nodes: number }> {
  const podList = useResourceList(pods)
  const nodeList = useResourceList(nodes)
  const serviceList = useResourceList(services)
  return computed(() => ({
    workloads: podList.items.value.filter((p) => needs(podState(p))).length,
    nodes: nodeList.items.value.filter((n) => needs(nodeState(n))).length,
    services: serviceList.items.value.filter((s) => needs(serviceState(s, podList.items.value))).length,
  }))
}
