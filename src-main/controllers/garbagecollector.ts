import { equalJson } from '../base/json.ts'
import type { Informers, Seen } from '../client/informer.ts'
import type { OwnerReference } from '../kinds/generated/types.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { Kinds } from '../kinds/kinds.ts'
import { keyOf, type KubeObject, refKey, refOf } from '../kinds/meta.ts'
import { isNotFound } from '../kinds/status-error.ts'
import { type Context, type Controller, done, type Watch } from './controller.ts'
import { remove } from './deletion.ts'
import {
  foreground,
  type GarbagePlan,
  isWaiting,
  orphan,
  type OwnerState,
  planGarbage,
  referencesTo,
} from './garbage-plan.ts'

interface Found {
  readonly kind: AnyKind
  readonly object: KubeObject
}

/** Kinds that come and go by themselves and own nothing. */
const childless: ReadonlySet<string> = new Set(['Event', 'Lease', 'Endpoints', 'EndpointSlice'])
const isCollected = ({ verbs }: AnyKind): boolean =>
  ['list', 'watch', 'delete'].every((verb) => verbs.some((own) => own === verb))
/** Nobody owns an Event, and there are many. */
const ownedOf = (kinds: Kinds): AnyKind[] => kinds.objects.filter((kind) => isCollected(kind) && kind.kind !== 'Event')

/** Objects of several kinds share one queue, so the key says the kind too. */
const queueKey = (kind: AnyKind, object: { metadata: KubeObject['metadata'] }): string =>
  `${kind.apiVersion} ${kind.kind} ${keyOf(object)}`

const watch = (kind: AnyKind): Watch => ({
  kind,
  *keys({ type, object, old }: Seen<KubeObject>, informers: Informers, kinds: Kinds) {
    const references = object.metadata.ownerReferences
    const changed = !old || !equalJson(references, old.metadata.ownerReferences)
    if (type !== 'deleted' && (isCollecting(object) || (changed && references))) yield queueKey(kind, object)
    if ((type === 'deleted' || (isWaiting(object) && !(old && isWaiting(old)))) && !childless.has(kind.kind)) {
      for (const dependent of dependentsOf(object, informers, kinds)) yield queueKey(dependent.kind, dependent.object)
    }
    if (type === 'deleted' || changed) yield* waitingOwners(old ?? object, informers, kinds)
  },
})

const isCollecting = ({ metadata: { deletionTimestamp, finalizers = [] } }: KubeObject): boolean =>
  deletionTimestamp !== undefined && finalizers.some((name) => name === foreground || name === orphan)

/** Everything that names the object as an owner: in its namespace, or anywhere when it has none. */
function* dependentsOf({ metadata }: KubeObject, informers: Informers, kinds: Kinds): Generator<Found> {
  for (const kind of ownedOf(kinds)) {
    for (const object of informers.of<KubeObject>(kind).list(metadata.namespace)) {
      if (object.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid)) yield { kind, object }
    }
  }
}

function* waitingOwners({ metadata }: KubeObject, informers: Informers, kinds: Kinds): Generator<string> {
  for (const reference of metadata.ownerReferences ?? []) {
    const kind = kindOf(reference, kinds)
    if (
      kind &&
      informers.of<KubeObject>(kind).get(ownerKey(kind, reference, metadata.namespace))?.metadata.deletionTimestamp
    ) {
      yield `${kind.apiVersion} ${kind.kind} ${ownerKey(kind, reference, metadata.namespace)}`
    }
  }
}

const kindOf = ({ apiVersion, kind }: OwnerReference, kinds: Kinds): AnyKind | undefined => {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
  return kinds.objects.find((known) => known.kind === kind && known.group === group && isCollected(known))
}

const ownerKey = (kind: AnyKind, { name }: OwnerReference, namespace: string | undefined): string =>
  refKey(kind.namespaced && namespace ? { namespace, name } : { name })

/** Follows owner references: dependents of what is gone go too, or before it, or are set free, as the deletion asked. */
export const garbagecollectorController: Controller = {
  name: 'garbage-collector',
  workers: 20,
  watches: [],
  watchEach: (kind) => (isCollected(kind) ? watch(kind) : undefined),
  async reconcile(key, context) {
    const [apiVersion, kindName, objectKey = ''] = key.split(' ')
    const kind = context.kinds.objects.find((known) => known.apiVersion === apiVersion && known.kind === kindName)
    const object = kind && (await context.read<KubeObject>(kind, objectKey))
    if (!kind || !object) return done
    const owners = await Promise.all(
      (object.metadata.ownerReferences ?? []).map((reference) => stateOf(reference, object, context)),
    )
    const asked = isCollecting(object) || owners.includes('waitsForDependents')
    const dependents = asked ? await freshDependents(object, context) : []
    await apply(
      planGarbage(
        object,
        owners,
        dependents.map((found) => found.object),
      ),
      { kind, object },
      dependents,
      context,
    )
    return done
  },
}

/** A cache may not have seen an owner made a moment ago, so absence is asked of the server. */
async function stateOf(
  reference: OwnerReference,
  dependent: KubeObject,
  { read, client, kinds }: Context,
): Promise<OwnerState> {
  const kind = kindOf(reference, kinds)
  if (!kind || (kind.namespaced && !dependent.metadata.namespace)) return 'unknown'
  const key = ownerKey(kind, reference, dependent.metadata.namespace)
  let owner = await read<KubeObject>(kind, key)
  if (owner?.metadata.uid !== reference.uid) {
    const { namespace } = dependent.metadata
    owner = await client
      .get<KubeObject>(kind, { ...(kind.namespaced ? { namespace } : {}), name: reference.name })
      .catch((error: unknown) => {
        if (isNotFound(error)) return undefined
        throw error
      })
  }
  if (owner?.metadata.uid !== reference.uid) return 'absent'
  return isWaiting(owner) ? 'waitsForDependents' : 'present'
}

async function freshDependents({ metadata }: KubeObject, { readAll, kinds }: Context): Promise<Found[]> {
  const found = await Promise.all(
    ownedOf(kinds).map(async (kind) =>
      (await readAll<KubeObject>(kind, metadata.namespace))
        .filter((object) => referencesTo(object, metadata.uid).length > 0)
        .map((object) => ({ kind, object })),
    ),
  )
  return found.flat()
}

async function apply(
  plan: GarbagePlan,
  { kind, object }: Found,
  dependents: readonly Found[],
  context: Context,
): Promise<void> {
  const { client } = context
  switch (plan.act) {
    case 'nothing':
    case 'awaitDependents':
      // each dependent is queued on its own, and its end queues this object again
      return
    case 'disown':
    case 'unblockOwners':
      return patchMetadata({ kind, object }, { ownerReferences: plan.ownerReferences }, context)
    case 'delete':
      return remove<KubeObject>(client, kind, object, {
        propagationPolicy: plan.propagationPolicy,
        preconditions: { resourceVersion: object.metadata.resourceVersion },
      })
    case 'orphanDependents':
      await Promise.all(
        dependents.map((dependent) => {
          const ownerReferences = dependent.object.metadata.ownerReferences?.filter(
            ({ uid }) => uid !== object.metadata.uid,
          )
          return patchMetadata(dependent, { ownerReferences }, context)
        }),
      )
      return patchMetadata(
        { kind, object },
        { finalizers: object.metadata.finalizers?.filter((name) => name !== orphan) },
        context,
      )
    case 'release':
      return patchMetadata(
        { kind, object },
        { finalizers: object.metadata.finalizers?.filter((name) => name !== plan.finalizer) },
        context,
      )
  }
}

/** Fails with Conflict when the object changed since it was looked at. */
async function patchMetadata({ kind, object }: Found, change: object, { client }: Context): Promise<void> {
  const body = { metadata: { uid: object.metadata.uid, resourceVersion: object.metadata.resourceVersion, ...change } }
  try {
    await client.patch<KubeObject>(kind, refOf(object), { type: 'merge', body })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
