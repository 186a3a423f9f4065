import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import type { Endpoint, EndpointSlice, ServiceSpec } from '../../src-main/kinds/generated/types.ts'
import { createWorld, type World } from '../client/world.ts'

/** A shop with a ClusterIP, a headless Service, two aliases and a pod. */
export async function shop(): Promise<World> {
  const world = createWorld()
  const svc = (name: string, spec: ServiceSpec) => world.put(service, { metadata: { name, namespace: 'shop' }, spec })
  const slice = (name: string, endpoints: Endpoint[], ports: EndpointSlice['ports']) =>
    world.put(endpointSlice, {
      metadata: { name: `${name}-1`, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } }, addressType: 'IPv4', endpoints, ports,
    })
  await world.put(namespace, { metadata: { name: 'shop' } })
  await svc('web', { clusterIP: '10.96.0.5', ports: [{ name: 'http', port: 80, targetPort: 8080 }, { name: 'stats', port: 9000, protocol: 'UDP' }] })
  await slice('web', [{ addresses: ['172.18.0.9'] }], [{ name: 'http', port: 8080 }])
  await svc('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432 }] })
  await slice('db', [
    { addresses: ['172.18.0.2'], hostname: 'db-0' },
    { addresses: ['172.18.0.3'] },
    { addresses: ['172.18.0.4'], hostname: 'db-2', conditions: { ready: false } },
  ], [{ name: 'sql', port: 5432, protocol: 'TCP' }])
  await svc('empty', { clusterIP: 'None', ports: [{ name: 'x', port: 1 }] })
  await svc('alias', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' })
  await svc('outside', { type: 'ExternalName', externalName: 'example.org' })
  await world.put(pod, { metadata: { name: 'p', namespace: 'shop' }, status: { podIP: '172.18.0.30' } })
  return world
}
