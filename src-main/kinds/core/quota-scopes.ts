import { matches, type Requirement } from '../../base/selector.ts'
import type { PodAffinityTerm, PodSpec, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../generated/types.ts'
import type { AnyKind } from '../kind.ts'
import type { KubeObject } from '../meta.ts'
import type { PersistentVolumeClaim } from './persistent-volume-claim.ts'
import { qosClassOf } from './pod-qos.ts'
import type { Pod } from './pod.ts'

export type ScopeTest = (kind: Pick<AnyKind, 'group' | 'plural'>, object: Readonly<KubeObject>) => boolean

/** Whether an object is within all the scopes of a quota; every object is when it has none. */
export function scopesOf({ scopes = [], scopeSelector }: ResourceQuotaSpec): ScopeTest {
  const wanted: ScopedResourceSelectorRequirement[] = [
    ...scopes.map((scopeName) => ({ scopeName, operator: 'Exists' as const })),
    ...(scopeSelector?.matchExpressions ?? []),
  ]
  if (wanted.length === 0) return () => true
  return ({ group, plural }, object) => {
    if (group !== '') return false
    if (plural === 'pods') return wanted.every((scope) => podIsIn(object as Pod, scope))
    return plural === 'persistentvolumeclaims' && wanted.every((scope) => claimIsIn(object as PersistentVolumeClaim, scope))
  }
}

function podIsIn(pod: Readonly<Pod>, scope: ScopedResourceSelectorRequirement): boolean {
  const { spec } = pod
  switch (scope.scopeName) {
    case 'Terminating':
      return (spec?.activeDeadlineSeconds ?? -1) >= 0
    case 'NotTerminating':
      return (spec?.activeDeadlineSeconds ?? -1) < 0
    case 'BestEffort':
      return qosClassOf(pod) === 'BestEffort'
    case 'NotBestEffort':
      return qosClassOf(pod) !== 'BestEffort'
    case 'PriorityClass':
      return named(scope, spec?.priorityClassName ? [spec.priorityClassName] : [])
    case 'CrossNamespacePodAffinity':
      return affinityTerms(spec).some(({ namespaces, namespaceSelector }) => (namespaces?.length ?? 0) > 0 || namespaceSelector !== undefined)
    default:
      return false
  }
}

function claimIsIn({ spec, status }: Readonly<PersistentVolumeClaim>, scope: ScopedResourceSelectorRequirement): boolean {
  if (scope.scopeName !== 'VolumeAttributesClass') return false
  const names = [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName]
  return named(scope, names.filter((name): name is string => Boolean(name)))
}

const operators: Readonly<Record<string, Requirement['operator']>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }

function named({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement, names: readonly string[]): boolean {
  const requirement = { key: scopeName, operator: operators[operator] ?? 'exists', values }
  const each = names.length > 0 ? names.map((name) => ({ [scopeName]: name })) : [{}]
  return each.some((labels) => matches([requirement], labels))
}

function affinityTerms(spec: PodSpec | undefined): PodAffinityTerm[] {
  return [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ])
}
