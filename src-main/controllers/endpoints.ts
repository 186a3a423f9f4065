import { equalJson } from '../base/json.ts'
import { endpoints as endpointsKind, type Endpoints } from '../kinds/core/endpoints.ts'
import { pod as podKind } from '../kinds/core/pod.ts'
import { service as serviceKind, type Service } from '../kinds/core/service.ts'
import type { EndpointAddress, EndpointSubset } from '../kinds/generated/types.ts'
import { parseKey } from '../kinds/meta.ts'
import { isTerminatingNamespace } from '../kinds/status-error.ts'
import { type Context, type Controller, done, every } from './controller.ts'
import { remove } from './deletion.ts'
import { type Backend, backendsOf, selectsPods, servicesOfPods } from './endpoint-pods.ts'

const managerLabel = 'endpoints.kubernetes.io/managed-by'
const manager = 'endpoint-controller'
const headless = 'service.kubernetes.io/headless'

/** The labels and subsets a Service's Endpoints shall have. */
export function planEndpoints(
  service: Service,
  backends: readonly Backend[],
): Pick<Endpoints, 'subsets'> & { labels: Record<string, string> } {
  const { spec } = service
  const byPorts = new Map<string, Required<EndpointSubset>>()
  for (const backend of backends) {
    const open = spec?.publishNotReadyAddresses ?? false
    if (backend.terminating && !open) continue
    // without a port there is nowhere to send to, except in DNS
    if (backend.ports.length === 0 && !(spec?.clusterIP === 'None' && !spec.ports?.length)) continue
    const key = JSON.stringify(backend.ports)
    const subset = byPorts.get(key) ?? {
      addresses: [],
      notReadyAddresses: [],
      ports: backend.ports.map((port) => ({ ...port })),
    }
    byPorts.set(key, subset)
    ;(backend.ready || open ? subset.addresses : subset.notReadyAddresses).push(addressOf(backend))
  }
  const labels = {
    ...service.metadata.labels,
    ...(spec?.clusterIP === 'None' ? { [headless]: '' } : {}),
    [managerLabel]: manager,
  }
  return { labels, subsets: [...byPorts.values()].map(withoutEmpty) }
}

const addressOf = ({ ips, hostname, nodeName, targetRef }: Backend): EndpointAddress => ({
  ip: ips[0] ?? '',
  ...(hostname ? { hostname } : {}),
  ...(nodeName ? { nodeName } : {}),
  targetRef,
})

const withoutEmpty = (subset: EndpointSubset): EndpointSubset =>
  Object.fromEntries(Object.entries(subset).filter(([, list]) => list.length > 0))

/** Writes a Service's Endpoints, for clients that do not know EndpointSlices. */
export const endpointsController: Controller = {
  name: 'endpoint-controller',
  watches: [every(serviceKind), servicesOfPods, every(endpointsKind)],
  async reconcile(key, context) {
    const service = await context.read(serviceKind, key)
    const existing = await context.read(endpointsKind, key)
    const ours = existing?.metadata.labels?.[managerLabel] === manager
    // Endpoints that somebody made without a Service stay
    if (!service && existing && ours) await remove(context.client, endpointsKind, existing)
    if (service && selectsPods(service)) {
      const pods = await context.readAll(podKind, service.metadata.namespace)
      await write(key, existing, planEndpoints(service, backendsOf(service, pods)), context)
    }
    return done
  },
}

async function write(
  key: string,
  existing: Endpoints | undefined,
  { labels, subsets }: ReturnType<typeof planEndpoints>,
  { client }: Context,
): Promise<void> {
  if (existing) {
    if (equalJson(existing.subsets ?? [], subsets) && equalJson(existing.metadata.labels, labels)) return
    await client.update(endpointsKind, { ...existing, metadata: { ...existing.metadata, labels }, subsets })
    return
  }
  try {
    await client.create(endpointsKind, { metadata: { ...parseKey(key), labels }, subsets })
  } catch (error) {
    if (!isTerminatingNamespace(error)) throw error
  }
}
