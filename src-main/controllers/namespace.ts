import { errorMessage } from '../base/log.ts'
import type { Informers, Seen } from '../client/informer.ts'
import { namespace as namespaceKind, type Namespace } from '../kinds/core/namespace.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { keyOf, type KubeObject, refOf } from '../kinds/meta.ts'
import { sameValue } from '../kinds/same-value.ts'
import { type Context, type Controller, done, every, type Watch } from './controller.ts'
import { remove } from './deletion.ts'
import { type Content, planConditions } from './namespace-plan.ts'

const finalizer = 'kubernetes'
const isDeletable = ({ namespaced, verbs }: AnyKind): boolean =>
  namespaced && ['list', 'watch', 'delete'].every((verb) => verbs.some((own) => own === verb))

/** What leaves a namespace that is ending lets it look whether it is empty. */
const leaving = (kind: AnyKind): Watch => ({
  kind,
  *keys({ type, object: { metadata } }: Seen<KubeObject>, informers: Informers) {
    const { namespace = '' } = metadata
    if (type === 'deleted' && informers.of(namespaceKind).get(namespace)?.metadata.deletionTimestamp) yield namespace
  },
})

/** Empties a namespace that is being deleted, then lets it go. */
export const namespaceController: Controller = {
  name: 'namespace-controller',
  watches: [every(namespaceKind)],
  watchEach: (kind) => (isDeletable(kind) ? leaving(kind) : undefined),
  async reconcile(key, context) {
    const namespace = await context.read(namespaceKind, key)
    if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes(finalizer)) return done
    const failures: string[] = []
    await deleteContent(key, failures, context)
    const content = await contentOf(key, context)
    const current = await writeConditions(namespace, content, failures[0], context)
    if (failures.length > 0) throw new Error(failures[0])
    if (content.every(({ objects }) => objects.length === 0)) await finalize(current, context)
    return done
  },
}

/** Read through the client and not from caches: nothing may be overlooked. */
const contentOf = (namespace: string, { client, kinds }: Context): Promise<Content[]> =>
  Promise.all(
    kinds.objects.filter(isDeletable).map(async (kind) => ({
      kind,
      objects: (await client.list<KubeObject>(kind, { namespace })).items,
    })),
  )

async function deleteContent(namespace: string, failures: string[], context: Context): Promise<void> {
  const content = await contentOf(namespace, context)
  const all = content.flatMap(({ kind, objects }) =>
    objects.filter(({ metadata }) => !metadata.deletionTimestamp).map((object) => ({ kind, object })),
  )
  const outcomes = await Promise.allSettled(
    all.map(({ kind, object }) =>
      remove<KubeObject>(context.client, kind, object, { propagationPolicy: 'Background' }),
    ),
  )
  for (const outcome of outcomes) if (outcome.status === 'rejected') failures.push(errorMessage(outcome.reason))
}

async function writeConditions(
  namespace: Namespace,
  content: readonly Content[],
  failure: string | undefined,
  { client, clock }: Context,
): Promise<Namespace> {
  const conditions = planConditions(namespace.status?.conditions, content, failure, clock.now())
  if (sameValue(conditions, namespace.status?.conditions)) return namespace
  return client.updateStatus(namespaceKind, { ...namespace, status: { ...namespace.status, conditions } })
}

async function finalize(namespace: Namespace, { client, log }: Context): Promise<void> {
  const finalizers = namespace.spec?.finalizers?.filter((name) => name !== finalizer)
  await client.patch(
    namespaceKind,
    refOf(namespace),
    { type: 'merge', body: { spec: { finalizers } } },
    { subresource: 'finalize' },
  )
  log.info('namespace deleted', { namespace: keyOf(namespace) })
}
