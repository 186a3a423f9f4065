import { equalJson } from '../base/json.ts'
import type { Deployment } from '../kinds/apps/deployment.ts'
import { replicaSet as replicaSetKind, type ReplicaSet } from '../kinds/apps/replica-set.ts'
import { deployment as deploymentKind } from '../kinds/apps/deployment.ts'
import { controllerRef } from '../kinds/meta.ts'
import { maxSurge, wished } from './rollout-limits.ts'
import { hashLabel, sameTemplate, templateHash } from './template-hash.ts'

export const revisionKey = 'deployment.kubernetes.io/revision'
const historyKey = 'deployment.kubernetes.io/revision-history'
export const desiredKey = 'deployment.kubernetes.io/desired-replicas'
export const maxKey = 'deployment.kubernetes.io/max-replicas'
/** Annotations of a Deployment that say something about it alone. */
const notCopied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionKey,
  historyKey,
  desiredKey,
  maxKey,
  'deprecated.deployment.rollback.to',
])

export const sizeOf = ({ spec }: ReplicaSet): number => spec?.replicas ?? 0
export const total = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number =>
  sets.reduce((sum, set) => sum + of(set), 0)
export const isActiveSet = (set: ReplicaSet): boolean => sizeOf(set) > 0
/** An int64, as in Kubernetes; 0 when it has none, or none that is a number. */
export function revisionOf({ metadata }: ReplicaSet): bigint {
  const text = metadata.annotations?.[revisionKey] ?? ''
  return /^[+-]?\d{1,19}$/.test(text) ? BigInt(text) : 0n
}
export const byRevision = (a: ReplicaSet, b: ReplicaSet): number => (revisionOf(a) < revisionOf(b) ? -1 : revisionOf(a) > revisionOf(b) ? 1 : 0)

const createdAt = ({ metadata }: ReplicaSet): string => metadata.creationTimestamp ?? ''
export const byAge = (a: ReplicaSet, b: ReplicaSet): number =>
  createdAt(a).localeCompare(createdAt(b)) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '')

/** The oldest set that makes the wished pods, and all others. */
export function divide(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): { current?: ReplicaSet; old: ReplicaSet[] } {
  const sorted = [...sets].sort(byAge)
  const current = sorted.find(({ spec }) => sameTemplate(spec?.template, deployment.spec?.template))
  return { ...(current ? { current } : {}), old: sorted.filter((set) => set !== current) }
}

export const scaleAnnotations = (deployment: Deployment): Record<string, string> => ({
  [desiredKey]: String(wished(deployment)),
  [maxKey]: String(wished(deployment) + maxSurge(deployment)),
})

/** The set of the current template with its annotations and settings brought up to date, the size left alone. */
export function upToDate(deployment: Deployment, set: ReplicaSet, old: readonly ReplicaSet[]): ReplicaSet {
  const annotations = { ...set.metadata.annotations, ...copied(deployment) }
  const before = revisionOf(set)
  const revision = nextRevision(old)
  if (before < revision) {
    annotations[revisionKey] = String(revision)
    if (before > 0) annotations[historyKey] = [annotations[historyKey], before].filter(Boolean).join(',')
  }
  const { minReadySeconds } = deployment.spec ?? {}
  if (equalJson(annotations, set.metadata.annotations) && (minReadySeconds ?? 0) === (set.spec?.minReadySeconds ?? 0))
    return set
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec!, minReadySeconds } }
}

const nextRevision = (old: readonly ReplicaSet[]): bigint => old.map(revisionOf).reduce((a, b) => (a > b ? a : b), 0n) + 1n

const copied = ({ metadata }: Deployment): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !notCopied.has(key)))

/** A set for the wished template, not yet created. */
export function newSet(deployment: Deployment, old: readonly ReplicaSet[], replicas: number): ReplicaSet {
  const spec = deployment.spec!
  const hash = { [hashLabel]: templateHash(spec.template, deployment.status?.collisionCount) }
  const labels = { ...spec.template.metadata?.labels, ...hash }
  return {
    apiVersion: replicaSetKind.apiVersion,
    kind: replicaSetKind.kind,
    metadata: {
      name: `${deployment.metadata.name}-${hash[hashLabel]}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: { ...copied(deployment), [revisionKey]: String(nextRevision(old)), ...scaleAnnotations(deployment) },
      ownerReferences: [controllerRef(deploymentKind, deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, ...hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  }
}
