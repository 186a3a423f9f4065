import type { Binding } from '../../kinds/core/binding.ts'
import { node as nodeKind } from '../../kinds/core/node.ts'
import type { Pod } from '../../kinds/core/pod.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin, AdmissionRequest } from './chain.ts'

const copied = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone'] as const

/** Lets a pod carry where its node stands: what binds it to the node brings these labels along. */
export const podTopologyLabels: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  everywhere: true,
  admit(request) {
    const nodeName = nodeNameOf(request)
    const stored = nodeName ? request.read.get(keyFor(nodeKind, { name: nodeName })) : undefined
    const labels = stored && objectOf(stored).metadata.labels
    if (!labels) return
    const { metadata } = request.object
    for (const label of copied) {
      const value = labels[label]
      if (value !== undefined) metadata.labels = { ...metadata.labels, [label]: value }
    }
  },
}

/** The node that a new pod or a binding names. */
function nodeNameOf({ operation, kind, subresource, object }: AdmissionRequest): string | undefined {
  if (operation !== 'CREATE' || kind.group !== '') return undefined
  if (kind.kind === 'Pod' && !subresource) return (object as Pod).spec?.nodeName
  const isBinding = kind.kind === 'Binding' || (kind.kind === 'Pod' && subresource === 'binding')
  const { target } = object as Partial<Binding>
  return isBinding && target?.kind === 'Node' ? target.name : undefined
}
