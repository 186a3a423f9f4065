import type { Node } from '../../kinds/core/node.ts'
import type { AdmissionPlugin } from './chain.ts'

const key = 'node.kubernetes.io/not-ready'
const effect = 'NoSchedule'

/** No pod is placed on a node before it says that it is ready: the node controller takes the taint off then. */
export const nodeTaint: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  admit({ operation, kind, subresource, object }) {
    if (operation !== 'CREATE' || kind.kind !== 'Node' || kind.group !== '' || subresource) return
    const spec = ((object as Node).spec ??= {})
    if (spec.taints?.some((taint) => taint.key === key && taint.effect === effect)) return
    spec.taints = [...(spec.taints ?? []), { key, effect }]
  },
}
