import type { Informers } from '../client/informer.ts'
import { namespace as namespaceKind } from '../kinds/core/namespace.ts'
import { pod } from '../kinds/core/pod.ts'
import { service as serviceKind } from '../kinds/core/service.ts'
import { endpointSlice } from '../kinds/discovery/endpoint-slice.ts'
import type { EndpointSlice } from '../kinds/generated/types.ts'
import { keyOf } from '../kinds/meta.ts'
import type { Records } from './zone.ts'

const serviceNameLabel = 'kubernetes.io/service-name'

/** The zone's records, as the informers show them at the moment of the question. `close` ends the index. */
export function recordsOf(informers: Informers): Records & { close(): void } {
  const services = informers.of(serviceKind)
  const namespaces = informers.of(namespaceKind)
  const pods = informers.of(pod)
  const byService = new Map<string, Map<string, EndpointSlice>>()
  const ownerOf = (slice: EndpointSlice) => `${slice.metadata.namespace}/${slice.metadata.labels?.[serviceNameLabel] ?? ''}`

  const close = informers.of(endpointSlice).subscribe(({ type, object, old }) => {
    if (old) byService.get(ownerOf(old))?.delete(keyOf(old))
    if (old && byService.get(ownerOf(old))?.size === 0) byService.delete(ownerOf(old))
    if (type === 'deleted') return
    const owner = ownerOf(object)
    byService.set(owner, (byService.get(owner) ?? new Map<string, EndpointSlice>()).set(keyOf(object), object))
  })

  const first = <T, R>(items: Iterable<T>, find: (item: T) => R | undefined): R | undefined => {
    for (const item of items) {
      const found = find(item)
      if (found !== undefined) return found
    }
    return undefined
  }
  return {
    close,
    service: (namespace, name) => services.get(`${namespace}/${name}`),
    slices: (namespace, name) => [...(byService.get(`${namespace}/${name}`)?.values() ?? [])],
    hasNamespace: (name) => namespaces.get(name) !== undefined,
    // reverse questions are rare: looking through everything is cheap enough, and cannot go stale
    serviceAt: (address) => first(services.list(), (s) => (s.spec?.clusterIP === address ? s : undefined)),
    podNamespaceAt: (address) =>
      first(pods.list(), (p) => (p.status?.podIP === address && !p.spec?.hostNetwork ? p.metadata.namespace : undefined)),
    endpointAt: (address) => first(services.list(), (service) => {
      if (service.spec?.clusterIP !== 'None') return undefined
      const slices = byService.get(keyOf(service))?.values() ?? []
      const endpoint = first(slices, (slice) => slice.endpoints?.find((e) => e.addresses.includes(address)))
      return endpoint && { service, endpoint }
    }),
  }
}
