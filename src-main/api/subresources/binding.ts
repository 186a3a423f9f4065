import { field } from '../../kinds/field-error.ts'
import type { Binding } from '../../kinds/core/binding.ts'
import { pod as podKind, type Pod } from '../../kinds/core/pod.ts'
import { type PodCondition } from '../../kinds/generated/types.ts'
import { withCondition } from '../../kinds/meta.ts'
import { aggregate } from '../../kinds/selector-text.ts'
import { conflict, plainFailure } from '../../kinds/status-error.ts'

/** @throws StatusError 500, as Kubernetes has it, when the binding names no node */
export function checkBinding({ target }: Binding): void {
  const at = field('target')
  const errors = []
  const { kind, name } = (target as Partial<Binding['target']> | undefined) ?? {}
  if (kind && kind !== 'Node')
    errors.push(at.child('kind').notSupported(kind, ['Node', '<empty>']))
  if (!name) errors.push(at.child('name').required())
  if (errors.length > 0) throw plainFailure(aggregate(errors).message)
}

/** The pod on its node. @throws StatusError 409 when it cannot be bound (any more) */
export function planBinding(pod: Readonly<Pod>, { metadata, target }: Binding, now: number): Pod {
  const name = pod.metadata.name ?? ''
  const refuse = (cause: string) => conflict({ ...podKind, plural: 'pods/binding' }, name, cause)
  if (metadata.uid && metadata.uid !== pod.metadata.uid) {
    throw refuse(`Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${pod.metadata.uid}`)
  }
  const { resourceVersion: version } = metadata
  if (version && version !== pod.metadata.resourceVersion) {
    throw refuse(`Precondition failed: ResourceVersion in precondition: ${version}, ResourceVersion in object meta: ${pod.metadata.resourceVersion}`)
  }
  if (pod.metadata.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
  if (pod.spec?.nodeName) throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`)
  if (pod.spec?.schedulingGates?.length) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`)
  const merged = (list: 'annotations' | 'labels') => {
    const all = { ...pod.metadata[list], ...metadata[list] }
    return Object.keys(all).length > 0 ? { [list]: all } : {}
  }
  const scheduled: PodCondition = { type: 'PodScheduled', status: 'True' }
  const { nominatedNodeName: _done, ...status } = pod.status ?? {}
  return {
    ...pod,
    metadata: { ...pod.metadata, ...merged('labels'), ...merged('annotations') },
    spec: { ...pod.spec!, nodeName: target.name },
    status: { ...status, conditions: withCondition(status.conditions, scheduled, now) },
  }
}
