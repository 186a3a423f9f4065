import type { AnyKind } from '../kinds/kind.ts'
import type { NamespaceCondition } from '../kinds/generated/types.ts'
import { type KubeObject, withCondition } from '../kinds/meta.ts'

/** What is left of one kind in a namespace. */
export interface Content {
  readonly kind: AnyKind
  readonly objects: readonly KubeObject[]
}

/** The conditions of a Terminating namespace, with kube-controller-manager's words. */
export function planConditions(
  old: readonly NamespaceCondition[] | undefined,
  content: readonly Content[],
  failure: string | undefined,
  now: number,
): NamespaceCondition[] {
  const left = content.filter(({ objects }) => objects.length > 0)
  const kinds = left.map(({ kind, objects }) => `${resource(kind)} has ${objects.length} resource instances`)
  const finalizers = new Map<string, number>()
  for (const finalizer of left.flatMap(({ objects }) => objects.flatMap(({ metadata }) => metadata.finalizers ?? []))) {
    finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
  }
  const waiting = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`)
  const next: NamespaceCondition[] = [
    said(
      'NamespaceDeletionDiscoveryFailure',
      undefined,
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ),
    said(
      'NamespaceDeletionGroupVersionParsingFailure',
      undefined,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    failure === undefined
      ? said(
          'NamespaceDeletionContentFailure',
          undefined,
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        )
      : said('NamespaceDeletionContentFailure', failure, 'ContentDeletionFailed'),
    kinds.length === 0
      ? said('NamespaceContentRemaining', undefined, 'ContentRemoved', 'All content successfully removed')
      : said(
          'NamespaceContentRemaining',
          `Some resources are remaining: ${kinds.sort().join(', ')}`,
          'SomeResourcesRemain',
        ),
    waiting.length === 0
      ? said(
          'NamespaceFinalizersRemaining',
          undefined,
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        )
      : said(
          'NamespaceFinalizersRemaining',
          `Some content in the namespace has finalizers remaining: ${waiting.sort().join(', ')}`,
          'SomeFinalizersRemain',
        ),
  ]
  return next.reduce<NamespaceCondition[]>(
    (conditions, condition) => withCondition(conditions, condition, now),
    [...(old ?? [])],
  )
}

/** `pods.`, `deployments.apps`: Kubernetes writes the core group's dot too. */
const resource = ({ plural, group }: AnyKind): string => `${plural}.${group}`

const said = (type: string, problem: string | undefined, reason: string, fine = ''): NamespaceCondition => ({
  type,
  status: problem === undefined ? 'False' : 'True',
  reason,
  message: problem ?? fine,
})
