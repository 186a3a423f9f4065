import { pod as podKind } from '../kinds/core/pod.ts'
import { service as serviceKind } from '../kinds/core/service.ts'
import { endpointSlice as sliceKind, type EndpointSlice } from '../kinds/discovery/endpoint-slice.ts'
import { isTerminatingNamespace } from '../kinds/status-error.ts'
import type { Seen } from '../client/informer.ts'
import { type Context, type Controller, done, every, type Watch } from './controller.ts'
import { remove } from './deletion.ts'
import { backendsOf, selectsPods, servicesOfPods } from './endpoint-pods.ts'
import { manager, managerLabel, planSlices, serviceLabel, type SlicePlan } from './endpointslice-plan.ts'

const serviceOfSlices: Watch = {
  kind: sliceKind,
  *keys({ object, old }: Seen<EndpointSlice>) {
    for (const slice of [object, old]) {
      const name = slice?.metadata.labels?.[serviceLabel]
      if (name) yield `${object.metadata.namespace}/${name}`
    }
  },
}

/** Writes the EndpointSlices from which proxies and DNS learn where a Service's pods are. */
export const endpointsliceController: Controller = {
  name: 'endpointslice-controller',
  watches: [every(serviceKind), servicesOfPods, serviceOfSlices],
  async reconcile(key, context) {
    const service = await context.read(serviceKind, key)
    // the slices of a Service that is gone go with it: it owns them
    if (!service || service.metadata.deletionTimestamp || !selectsPods(service)) return done
    const { namespace, name } = service.metadata
    const slices = (await context.readAll(sliceKind, namespace)).filter(
      ({ metadata: { labels } }) => labels?.[serviceLabel] === name && labels?.[managerLabel] === manager,
    )
    await applySlices(
      planSlices(service, backendsOf(service, await context.readAll(podKind, namespace)), slices),
      context,
    )
    return done
  },
}

/** Creates first: an endpoint that moves between slices is shown twice rather than not at all. */
async function applySlices(plan: SlicePlan, { client }: Context): Promise<void> {
  try {
    for (const slice of plan.create) await client.create(sliceKind, slice)
  } catch (error) {
    if (isTerminatingNamespace(error)) return
    throw error
  }
  for (const slice of plan.update) await client.update(sliceKind, slice)
  for (const slice of plan.remove) await remove(client, sliceKind, slice)
}
