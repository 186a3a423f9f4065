import type { Clock } from '../../base/clock.ts'
import { equalJson } from '../../base/json.ts'
import { errorMessage, type Logger } from '../../base/log.ts'
import { Counters, type Family, gauge } from '../../base/metric-families.ts'
import type { QueueMetrics } from '../../base/queue-metrics.ts'
import { WorkQueue } from '../../base/workqueue.ts'
import { apiService, localCondition, type APIService } from '../../kinds/apiregistration/api-service.ts'
import { service as serviceKind } from '../../kinds/core/service.ts'
import { endpointSlice } from '../../kinds/discovery/endpoint-slice.ts'
import type { EndpointSlice, Service } from '../../kinds/generated/types.ts'
import { type Condition, type KubeObject, withCondition } from '../../kinds/meta.ts'
import { sameValue } from '../../kinds/same-value.ts'
import { isConflict, isNotFound } from '../../kinds/status-error.ts'
import { labelSelector } from '../../base/selector.ts'
import { asServer } from '../server-user.ts'
import type { Verbs, WatchHandle } from '../verbs.ts'
import { isAvailable } from './forward.ts'

export interface AvailabilityOptions {
  readonly verbs: Verbs
  readonly clock: Clock
  readonly log: Logger
  /** Where to tell how the queue of servers to be asked does. */
  readonly queues?: QueueMetrics | undefined
  /** Asks the extension server for its discovery; rejects with the sentence of the condition. */
  probe(object: Readonly<APIService>): Promise<void>
}

/** How often a server that nothing has changed about is asked again. */
const resyncMs = 30_000
const serviceName = 'kubernetes.io/service-name'

type Found = { readonly service?: Readonly<Service>; readonly slices: ReadonlyArray<Readonly<EndpointSlice>> }

/** What can be told without asking the server; undefined when it has to be asked. Pure. */
export function planAvailable({ spec }: Readonly<APIService>, { service, slices }: Found): Condition | undefined {
  const wanted = spec?.service
  if (!wanted) return { ...localCondition }
  const { name, namespace, port = 443 } = wanted
  const no = (reason: string, message: string): Condition => ({ type: 'Available', status: 'False', reason, message })
  const quoted = JSON.stringify(namespace)
  if (!service) return no('ServiceNotFound', `service/${name} in ${quoted} is not present`)
  if ((service.spec?.type ?? 'ClusterIP') !== 'ClusterIP') return undefined
  const found = service.spec?.ports?.find((each) => each.port === port)
  if (!found) return no('ServicePortError', `service/${name} in ${quoted} is not listening on port ${port}`)
  if (slices.length === 0) return no('EndpointsNotFound', `cannot find endpointslices for service/${name} in ${quoted}`)
  const portName = found.name ?? ''
  const active = slices.some(({ ports, endpoints }) =>
    ports?.some((each) => (each.name ?? '') === portName) && endpoints?.some(({ addresses, conditions }) => addresses.length > 0 && conditions?.ready !== false))
  return active ? undefined : no('MissingEndpoints', `endpointslices for service/${name} in ${quoted} have no addresses with port name ${JSON.stringify(portName)}`)
}

/** Keeps the Available condition of every APIService what it is: on each change of it, its Service or endpoints, and now and then. */
export async function watchAvailability({ verbs, clock, log, probe, queues }: AvailabilityOptions): Promise<WatchHandle & { families(): Family[] }> {
  const queue = new WorkQueue(clock)
  queues?.watch('RemoteAvailabilityController', queue)
  const unavailable = new Counters('aggregator_unavailable_apiservice_total', 'Counter of APIServices which are marked as unavailable broken down by APIService name and reason.')
  const known = new Map<string, Readonly<APIService>>()
  const related = (namespace: string, name: string): void => {
    for (const [key, { spec }] of known) if (spec?.service?.name === name && spec.service.namespace === namespace) queue.add(key)
  }

  async function condition(object: Readonly<APIService>): Promise<Condition> {
    const told = planAvailable(object, await found(verbs, object))
    if (told) return told
    try {
      await probe(object)
      return { type: 'Available', status: 'True', reason: 'Passed', message: 'all checks passed' }
    } catch (error) {
      return { type: 'Available', status: 'False', reason: 'FailedDiscoveryCheck', message: errorMessage(error) }
    }
  }

  async function check(name: string): Promise<boolean> {
    const object = known.get(name)
    if (!object) return true
    const next = await condition(object)
    const conditions = withCondition(object.status?.conditions, next, clock.now())
    if (next.status !== 'True' && isAvailable(object)) unavailable.add({ name, reason: next.reason ?? '' })
    if (!sameValue(conditions, object.status?.conditions)) {
      await verbs.update(apiService, { name }, structuredClone({ ...object, status: { ...object.status, conditions } }), asServer(), 'status')
    }
    return next.reason !== 'FailedDiscoveryCheck'
  }

  async function work(): Promise<void> {
    for (let name = await queue.take(); name !== undefined; name = await queue.take()) {
      try {
        if (await check(name)) {
          queue.forget(name)
          if (known.get(name)?.spec?.service) queue.addAfter(name, resyncMs)
        } else queue.retry(name)
      } catch (error) {
        // somebody else changed or deleted it meanwhile: that change is looked at next
        if (!isConflict(error) && !isNotFound(error)) log.warn('APIService not checked', { name, error: errorMessage(error) })
        queue.retry(name)
      } finally {
        queue.done(name)
      }
    }
  }

  const handles = [
    await verbs.watch(apiService, {}, (told) => {
      if (told.type === 'BOOKMARK') return
      const object = told.item.object as KubeObject as APIService
      const name = object.metadata.name ?? ''
      if (told.type === 'DELETED') return void known.delete(name)
      const before = known.get(name)
      known.set(name, object)
      if (!before || !equalJson(before.spec, object.spec) || before.metadata.uid !== object.metadata.uid) queue.add(name)
    }),
    await verbs.watch(serviceKind, {}, (told) => {
      if (told.type !== 'BOOKMARK') related(told.item.object.metadata.namespace ?? '', told.item.object.metadata.name ?? '')
    }),
    await verbs.watch(endpointSlice, {}, (told) => {
      if (told.type === 'BOOKMARK') return
      const { namespace = '', labels } = told.item.object.metadata
      related(namespace, labels?.[serviceName] ?? '')
    }),
  ]
  const workers = [work(), work()]
  const gauges = gauge('aggregator_unavailable_apiservice', 'Gauge of APIServices which are marked as unavailable broken down by APIService name.', 0)
  return {
    families: () => [{ ...gauges, samples: [...known].map(([name, object]) => ({ labels: { name }, value: isAvailable(object) ? 0 : 1 })) }, unavailable.family()],
    close() {
      for (const handle of handles) handle.close()
      queue.close()
      void Promise.all(workers)
    },
  }
}

async function found(verbs: Verbs, { spec }: Readonly<APIService>): Promise<Found> {
  if (!spec?.service) return { slices: [] }
  const { name = '', namespace = '' } = spec.service
  try {
    const service = (await verbs.get(serviceKind, { namespace, name })).object as KubeObject & Service
    const { items } = await verbs.list(endpointSlice, { namespace, labelSelector: labelSelector({ matchLabels: { [serviceName]: name } }) })
    return { service, slices: items.map(({ object }) => object as KubeObject & EndpointSlice) }
  } catch (error) {
    if (isNotFound(error)) return { slices: [] }
    throw error
  }
}
