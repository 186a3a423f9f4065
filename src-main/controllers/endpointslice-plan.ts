import { equalJson } from '../base/json.ts'
import type { NewObject } from '../client/client.ts'
import { service as serviceKind, type Service } from '../kinds/core/service.ts'
import type { EndpointSlice } from '../kinds/discovery/endpoint-slice.ts'
import type { Endpoint } from '../kinds/generated/types.ts'
import { controllerRef } from '../kinds/meta.ts'
import type { Backend } from './endpoint-pods.ts'

export const serviceLabel = 'kubernetes.io/service-name'
export const managerLabel = 'endpointslice.kubernetes.io/managed-by'
export const manager = 'endpointslice-controller.k8s.io'
/** kube-controller-manager's --max-endpoints-per-slice. */
const perSlice = 100

export interface SlicePlan {
  readonly create: ReadonlyArray<NewObject<EndpointSlice>>
  readonly update: readonly EndpointSlice[]
  readonly remove: readonly EndpointSlice[]
}

/** The endpoints of one address family that offer the same ports: they may share a slice. */
interface Group {
  readonly addressType: EndpointSlice['addressType']
  readonly ports: EndpointSlice['ports']
  readonly endpoints: Map<string, Endpoint>
}

/**
 * What to do so that the slices show the backends. An endpoint stays in the slice it is in; newcomers fill the gaps, so
 * that a change touches as few slices as possible.
 *
 * @param existing  the slices this controller manages for the Service
 */
export function planSlices(
  service: Service,
  backends: readonly Backend[],
  existing: readonly EndpointSlice[],
): SlicePlan {
  const plan = {
    create: [] as Array<NewObject<EndpointSlice>>,
    update: [] as EndpointSlice[],
    remove: [] as EndpointSlice[],
  }
  const labels = labelsOf(service)
  const unused = new Set(existing.filter(({ metadata }) => !metadata.deletionTimestamp))
  for (const group of groupsOf(service, backends)) {
    const mine = [...unused].filter((slice) => slice.addressType === group.addressType && samePorts(slice, group))
    const waiting = new Map(group.endpoints)
    const kept = mine.map((slice) => ({ slice, endpoints: keepIn(slice, group, waiting) }))
    for (const { endpoints } of kept) moveInto(endpoints, waiting)
    // an empty slice goes, unless it is the one that says there is nothing
    const shown = kept.filter(
      ({ endpoints }, index) => endpoints.length > 0 || (group.endpoints.size === 0 && index === 0),
    )
    for (const { slice, endpoints } of shown) {
      unused.delete(slice)
      if (equalJson(slice.endpoints ?? [], endpoints) && equalJson(slice.metadata.labels, labels)) continue
      plan.update.push({ ...slice, metadata: { ...slice.metadata, labels }, endpoints })
    }
    while (waiting.size > 0 || (group.endpoints.size === 0 && shown.length === 0)) {
      const endpoints: Endpoint[] = []
      moveInto(endpoints, waiting)
      plan.create.push(newSlice(service, labels, group, endpoints))
      if (endpoints.length === 0) break
    }
  }
  plan.remove.push(...unused)
  return plan
}

const samePorts = (slice: EndpointSlice, group: Group): boolean => equalJson(slice.ports ?? [], group.ports)

/** The slice's endpoints that are still wished, as they are now; takes them from `waiting`. */
function keepIn(slice: EndpointSlice, group: Group, waiting: Map<string, Endpoint>): Endpoint[] {
  return (slice.endpoints ?? []).flatMap((old) => {
    const id = identity(old)
    const wished = waiting.has(id) ? group.endpoints.get(id) : undefined
    waiting.delete(id)
    return wished ?? []
  })
}

function moveInto(endpoints: Endpoint[], waiting: Map<string, Endpoint>): void {
  for (const [id, endpoint] of waiting) {
    if (endpoints.length >= perSlice) return
    endpoints.push(endpoint)
    waiting.delete(id)
  }
}

const identity = ({ addresses, targetRef }: Endpoint): string => `${targetRef?.uid} ${addresses.join()}`

function groupsOf(service: Service, backends: readonly Backend[]): Group[] {
  const groups = new Map<string, Group>()
  const families: ReadonlyArray<EndpointSlice['addressType']> = service.spec?.ipFamilies?.length ? service.spec.ipFamilies : ['IPv4']
  for (const addressType of families) {
    for (const backend of backends) {
      const ip = backend.ips.find((address) => address.includes(':') === (addressType === 'IPv6'))
      if (!ip) continue
      const ports = backend.ports.map((port) => ({ ...port, name: port.name ?? '' }))
      const key = `${addressType} ${JSON.stringify(ports)}`
      const group = groups.get(key) ?? { addressType, ports, endpoints: new Map() }
      groups.set(key, group)
      const endpoint = endpointOf(service, backend, ip)
      group.endpoints.set(identity(endpoint), endpoint)
    }
    const some = [...groups.values()].some((group) => group.addressType === addressType)
    if (!some) groups.set(addressType, { addressType, ports: [], endpoints: new Map() })
  }
  return [...groups.values()]
}

function endpointOf(
  { spec }: Service,
  { ready, terminating, hostname, nodeName, targetRef }: Backend,
  ip: string,
): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready: spec?.publishNotReadyAddresses || (ready && !terminating), serving: ready, terminating },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef,
  }
}

const labelsOf = ({ metadata, spec }: Service): Record<string, string> => ({
  ...metadata.labels,
  ...(spec?.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
  [serviceLabel]: metadata.name ?? '',
  [managerLabel]: manager,
})

const newSlice = (
  service: Service,
  labels: Record<string, string>,
  { addressType, ports }: Group,
  endpoints: Endpoint[],
): NewObject<EndpointSlice> => ({
  metadata: {
    generateName: `${service.metadata.name}-`,
    namespace: service.metadata.namespace,
    labels,
    ownerReferences: [controllerRef(serviceKind, service)],
  },
  addressType,
  endpoints,
  ports,
})
