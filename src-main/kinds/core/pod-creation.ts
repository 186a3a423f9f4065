import type { AppArmorProfile, Container, LabelSelector, LabelSelectorRequirement, Pod, PodAffinity } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { sameValue } from '../same-value.ts'
import { dropDisabledFields } from './disabled-fields.ts'
import { adoptedProfile } from './pod-annotations.ts'
import { qosClassOf } from './pod-qos.ts'

/** What the server makes of a new pod, besides its defaults. May be done again. Changes `pod`. */
export function prepareNewPod(pod: Pod): void {
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod), ...(pod.spec?.schedulingGates?.length ? { conditions: [gated(pod)] } : {}) }
  dropDisabledFields(pod.spec)
  const { affinity, topologySpreadConstraints } = pod.spec ?? {}
  if (affinity?.podAffinity) settleAffinity(affinity.podAffinity, pod)
  if (affinity?.podAntiAffinity) settleAffinity(affinity.podAntiAffinity, pod)
  for (const constraint of topologySpreadConstraints ?? []) settleKeys(constraint, pod)
  if (pod.metadata.annotations) adoptAppArmor(pod, pod.metadata.annotations)
}

const gated = ({ metadata }: Pod): NonNullable<NonNullable<Pod['status']>['conditions']>[number] => ({
  type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates',
  ...(metadata.creationTimestamp ? { lastTransitionTime: metadata.creationTimestamp } : {}),
})

interface Keyed {
  labelSelector?: LabelSelector
  matchLabelKeys?: string[]
  mismatchLabelKeys?: string[]
}

function settleAffinity(affinity: PodAffinity, pod: Pod): void {
  for (const { podAffinityTerm } of affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []) if (podAffinityTerm) settleKeys(podAffinityTerm, pod)
  for (const term of affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []) settleKeys(term, pod)
}

/** Labels of which the value is the pod's own become part of the selector. Changes `keyed`. */
function settleKeys(keyed: Keyed, { metadata: { labels } }: Pod): void {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = keyed
  if (!labelSelector || matchLabelKeys.length + mismatchLabelKeys.length === 0) return
  const wanted = [...matchLabelKeys.map((key) => [key, 'In'] as const), ...mismatchLabelKeys.map((key) => [key, 'NotIn'] as const)]
  const known = labelSelector.matchExpressions ?? []
  const byKey = Map.groupBy(known, ({ key }) => key)
  const added = wanted.flatMap(([key, operator]): LabelSelectorRequirement[] => {
    const value = lookup(labels, key)
    const requirement = { key, operator, values: [value ?? ''] }
    return value === undefined || byKey.get(key)?.some((one) => sameValue(one, requirement)) ? [] : [requirement]
  })
  if (added.length > 0) keyed.labelSelector = { ...labelSelector, matchExpressions: [...known, ...added] }
}

/** Who still says an AppArmor profile by an annotation means the field. */
function adoptAppArmor({ spec }: Pod, annotations: Readonly<Record<string, string>>): void {
  if (!spec || spec.os?.name === 'windows') return
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...((spec.ephemeralContainers ?? []) as Container[])]) {
    const profile: AppArmorProfile | undefined = container.securityContext?.appArmorProfile ? undefined : adoptedProfile(annotations, container.name)
    if (profile && !sameValue(profile, spec.securityContext?.appArmorProfile)) container.securityContext = { ...container.securityContext, appArmorProfile: profile }
  }
}
