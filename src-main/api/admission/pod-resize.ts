import { equalJson } from '../../base/json.ts'
import { amountOf, zeroAmount } from '../../base/amount.ts'
import { node as nodeKind, type Node } from '../../kinds/core/node.ts'
import { podAmounts } from '../../kinds/core/pod-amounts.ts'
import type { Pod } from '../../kinds/core/pod.ts'
import { forbidden, StatusError } from '../../kinds/status-error.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin, AdmissionRequest } from './chain.ts'

/** A resize of a pod that has a node, and changes anything. */
export interface BoundResize {
  readonly pod: Pod
  readonly old: Pod
  readonly node: Node
}

/** @throws StatusError 403 when there is no such node */
export function boundResize({ operation, kind, subresource, name, object, old, read }: AdmissionRequest): BoundResize | undefined {
  if (subresource !== 'resize' || operation !== 'UPDATE' || kind.kind !== 'Pod' || kind.group !== '' || !old) return undefined
  const [pod, before] = [object as Pod, old as Pod]
  const { nodeName } = pod.spec ?? {}
  if (!nodeName || equalJson(pod.spec, before.spec)) return undefined
  const stored = read.get(keyFor(nodeKind, { name: nodeName }))
  if (!stored) throw forbidden(kind, name, `node "${nodeName}" not found`)
  return { pod, old: before, node: objectOf(stored) as Node }
}

/** Refuses at once what a pod's node could never give it. */
export const podResize: AdmissionPlugin = {
  name: 'PodResizeValidator',
  validate(request) {
    const resize = boundResize(request)
    if (!resize) return
    const { pod, node } = resize
    const refuse = (why: string, reason: string): StatusError => {
      const { status } = forbidden(request.kind, request.name, why)
      return new StatusError({ ...status, details: { ...status.details, causes: [{ reason }] } })
    }
    const os = node.metadata.labels?.['kubernetes.io/os']
    if (os !== undefined && os !== 'linux') {
      throw refuse(`pod resize is only supported on linux nodes, node "${node.metadata.name}" is "${os}"`, 'UnsupportedPlatform')
    }
    const short = shortOf(pod, node)
    if (short.length > 0) throw refuse(`node didn't have enough allocatable resources: ${short.join('; ')}`, 'NodeCapacity')
  },
}

/** In what unit Kubernetes tells an amount. */
const units = { cpu: 10n ** 6n, memory: 10n ** 9n } as const

function shortOf(pod: Pod, { status }: Node): string[] {
  const requests = podAmounts(pod, 'requests')
  return (['cpu', 'memory'] as const).flatMap((name) => {
    const { nano: requested } = requests.get(name) ?? zeroAmount
    const { nano: allocatable } = amountOf(status?.allocatable?.[name])
    const told = (nano: bigint) => (nano + units[name] - 1n) / units[name]
    return requested > allocatable ? [`${name}, requested: ${told(requested)}, allocatable: ${told(allocatable)}`] : []
  })
}
