import type { Node, Pod } from '../../src-main/kinds/generated/types.ts'
import { count, quantity } from './format.ts'
import type { Attention, State } from './state.ts'

/** The kubelet of a simulated node labels it so. */
const simulatedLabel = 'wheelhouse.dev/simulated'
export const isSimulated = (node: Node | undefined): boolean => node?.metadata.labels?.[simulatedLabel] === 'true'

export function nodeState(node: Node): State {
  const ready = node.status?.conditions?.find((c) => c.type === 'Ready')
  if (ready?.status === 'True') return node.spec?.unschedulable ? { mark: 'attention', word: 'Ready,SchedulingDisabled' } : { mark: 'ready', word: 'Ready' }
  return { mark: ready ? 'failed' : 'unknown', word: ready ? 'NotReady' : 'Unknown' }
}

export function nodeSentence(node: Node, pods: number): string {
  const { word } = nodeState(node)
  const simulated = isSimulated(node) ? ' Simulated: its pods exist only as objects, no containers run.' : ''
  return (word === 'NotReady' || word === 'Unknown' ? 'Not ready: it takes no new pods.' : `${word === 'Ready' ? 'Ready' : 'Ready, but closed to new pods'}, with ${count(pods, 'pod')}.`) + simulated
}

export function nodeAttention(node: Node): Attention[] {
  return (node.status?.conditions ?? []).flatMap((c): Attention[] => {
    if (c.type === 'Ready' && c.status !== 'True') return [{ mark: 'failed', what: `${node.metadata.name} is not ready.`, todo: 'Is its container engine running? It recovers by itself when the engine answers.', raw: c.message }]
    if (c.type !== 'Ready' && c.status === 'True') return [{ mark: 'attention', what: `${node.metadata.name} reports ${c.type}.`, raw: c.message }]
    return []
  })
}

export interface Amounts {
  cpu: number
  memory: number
}

/** What may be requested on the node. */
export const allocatable = (node: Node): Amounts => ({
  cpu: quantity(node.status?.allocatable?.cpu ?? node.status?.capacity?.cpu),
  memory: quantity(node.status?.allocatable?.memory ?? node.status?.capacity?.memory),
})

/** The sum of requests, or of limits, of a pod's containers; 0 where none says one. */
export function podAmounts(pod: Pod, which: 'requests' | 'limits'): Amounts {
  const sum = (resource: string) => (pod.spec?.containers ?? []).reduce((n, c) => n + quantity(c.resources?.[which]?.[resource]), 0)
  return { cpu: sum('cpu'), memory: sum('memory') }
}

export const requestedOn = (pods: readonly Pod[]): Amounts =>
  pods.filter((p) => p.status?.phase !== 'Succeeded' && p.status?.phase !== 'Failed').map((p) => podAmounts(p, 'requests'))
    .reduce((a, b) => ({ cpu: a.cpu + b.cpu, memory: a.memory + b.memory }), { cpu: 0, memory: 0 })
