import { equalJson } from '../base/json.ts'
import type { Seen } from '../client/informer.ts'
import { cleanupFinalizer, customResourceDefinition, type CustomResourceDefinition } from '../kinds/apiextensions/custom-resource-definition.ts'
import { storedKind } from '../kinds/custom.ts'
import { keyOf, type KubeObject, refOf, withCondition } from '../kinds/meta.ts'
import { sameValue } from '../kinds/same-value.ts'
import { type Context, type Controller, again, done, type Result, every } from './controller.ts'
import { planStatus } from './crd-plan.ts'
import { remove } from './deletion.ts'

/** How soon a look is taken again at objects whose finalizers are somebody else's to take away. */
const waitMs = 500

/** Accepts the names of definitions, and empties a definition that is being deleted before it goes. */
export const customResourceDefinitionController: Controller = {
  name: 'customresourcedefinition-controller',
  asServer: true,
  // two at once could both be given the same name
  workers: 1,
  watches: [
    every(customResourceDefinition),
    {
      kind: customResourceDefinition,
      // what one gives back, or is refused no longer, another may have
      *keys({ type, object, old }: Seen<CustomResourceDefinition>, informers) {
        if (type !== 'deleted' && equalJson(object.status?.acceptedNames, old?.status?.acceptedNames)) return
        for (const other of informers.of(customResourceDefinition).list()) {
          if (other.spec.group === object.spec.group) yield keyOf(other)
        }
      },
    },
  ],
  async reconcile(key, context) {
    const crd = await context.read(customResourceDefinition, key)
    if (!crd) return done
    if (crd.metadata.deletionTimestamp) return crd.metadata.finalizers?.includes(cleanupFinalizer) ? empty(crd, context) : done
    const all = await context.readAll(customResourceDefinition)
    const others = all.filter((other) => other.spec.group === crd.spec.group && keyOf(other) !== key)
    const status = planStatus(crd, others, context.clock.now())
    if (!sameValue(status, crd.status)) await context.client.updateStatus(customResourceDefinition, { ...crd, status })
    return done
  },
}

async function empty(crd: CustomResourceDefinition, context: Context): Promise<Result> {
  const { client } = context
  const kind = storedKind(crd)
  const { items } = await client.list<KubeObject>(kind)
  const leaving = items.filter(({ metadata }) => !metadata.deletionTimestamp)
  await Promise.all(leaving.map((object) => remove<KubeObject>(client, kind, object)))
  const { items: left } = items.length > 0 ? await client.list<KubeObject>(kind) : { items }
  if (left.length > 0) {
    await say(crd, 'InstanceDeletionInProgress', 'CustomResource deletion is in progress', context)
    return again(waitMs)
  }
  const said = await say(crd, 'InstanceDeletionCompleted', 'removed all instances', context, 'False')
  const finalizers = said.metadata.finalizers?.filter((name) => name !== cleanupFinalizer)
  const { uid, resourceVersion } = said.metadata
  await client.patch(customResourceDefinition, refOf(said), { type: 'merge', body: { metadata: { uid, resourceVersion, finalizers } } })
  return done
}

async function say(crd: CustomResourceDefinition, reason: string, message: string, { client, clock }: Context, is = 'True'): Promise<CustomResourceDefinition> {
  const conditions = withCondition(crd.status?.conditions, { type: 'Terminating', status: is, reason, message }, clock.now())
  if (sameValue(conditions, crd.status?.conditions)) return crd
  return client.updateStatus(customResourceDefinition, { ...crd, status: { ...crd.status, conditions } })
}
