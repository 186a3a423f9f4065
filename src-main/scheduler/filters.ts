import type { Pod } from '../kinds/core/pod.ts'
import { tolerates } from '../kinds/core/taints.ts'
import { meetsAffinity } from './node-affinity.ts'
import type { NodeView } from './node-state.ts'
import type { HostPort, Needs } from './pod-needs.ts'

/** Why the pod cannot run on the node, in Kubernetes' words; nothing when this filter lets it pass. */
type Filter = (pod: Pod, needs: Needs, view: NodeView) => readonly string[]

const pass: readonly string[] = []
const tolerated = (pod: Pod, taint: Parameters<typeof tolerates>[1]) =>
  pod.spec?.tolerations?.some((toleration) => tolerates(toleration, taint)) ?? false

const unschedulable: Filter = (pod, _needs, { node }) =>
  node.spec?.unschedulable && !tolerated(pod, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })
    ? ['node(s) were unschedulable']
    : pass

const taints: Filter = (pod, _needs, { node }) => {
  const taint = node.spec?.taints?.find((each) => each.effect !== 'PreferNoSchedule' && !tolerated(pod, each))
  return taint ? [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`] : pass
}

const affinity: Filter = (pod, _needs, { node }) =>
  meetsAffinity(pod, node) ? pass : ["node(s) didn't match Pod's node affinity/selector"]

const clash = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '' || b.ip === '')

const ports: Filter = (_pod, needs, view) => {
  if (needs.ports.length === 0) return pass
  const taken = view.ports
  return needs.ports.some((wanted) => taken.some((port) => clash(wanted, port)))
    ? ["node(s) didn't have free ports for the requested pod ports"]
    : pass
}

const resources: Filter = (_pod, needs, { allocatable, requested, pods }) => {
  const reasons = pods + 1 > (allocatable.get('pods') ?? 0) ? ['Too many pods'] : []
  for (const [resource, wanted] of needs.requests) {
    if (wanted > 0 && wanted > (allocatable.get(resource) ?? 0) - (requested.get(resource) ?? 0))
      reasons.push(`Insufficient ${resource}`)
  }
  return reasons
}

/** In the order of Kubernetes' default profile: the first that objects speaks for the node. */
const filters: readonly Filter[] = [unschedulable, taints, affinity, ports, resources]

/** Why the node cannot take the pod; empty when it can. */
export function objections(pod: Pod, needs: Needs, view: NodeView): readonly string[] {
  for (const filter of filters) {
    const reasons = filter(pod, needs, view)
    if (reasons.length > 0) return reasons
  }
  return pass
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
export function unschedulableMessage(verdicts: ReadonlyMap<string, readonly string[]>): string {
  if (verdicts.size === 0) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const reason of [...verdicts.values()].flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return `0/${verdicts.size} nodes are available: ${parts.join(', ')}.`
}
