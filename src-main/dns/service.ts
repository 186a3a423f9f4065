import type { Client } from '../client/client.ts'
import { service as serviceKind } from '../kinds/core/service.ts'
import { endpointSlice as sliceKind } from '../kinds/discovery/endpoint-slice.ts'
import type { EndpointSlice, Service } from '../kinds/generated/types.ts'
import type { Kind } from '../kinds/kind.ts'
import { refOf, type KubeObject } from '../kinds/meta.ts'
import { isAlreadyExists } from '../kinds/status-error.ts'

export interface DnsAddress {
  /** Which pods' resolv.conf names; 10.96.0.10 by default. */
  readonly clusterIP: string
  /** Where `startDns` listens, as the proxy reaches it. Not loopback: an EndpointSlice may not hold that. */
  readonly address: string
  readonly port: number
}

/** `kube-system/kube-dns`, with an endpoint that nobody selects: the proxy makes the ClusterIP lead to the DNS server. */
export function dnsObjects({ clusterIP, address, port }: DnsAddress): { service: Service; endpointSlice: EndpointSlice } {
  const labels = { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' }
  const named = [{ name: 'dns', protocol: 'UDP' }, { name: 'dns-tcp', protocol: 'TCP' }] as const
  return {
    service: {
      apiVersion: serviceKind.apiVersion,
      kind: serviceKind.kind,
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
      spec: { clusterIP, clusterIPs: [clusterIP], type: 'ClusterIP', ports: named.map((p) => ({ ...p, port: 53, targetPort: port })) },
    },
    endpointSlice: {
      apiVersion: sliceKind.apiVersion,
      kind: sliceKind.kind,
      metadata: {
        name: 'kube-dns', namespace: 'kube-system',
        labels: { 'kubernetes.io/service-name': 'kube-dns', 'endpointslice.kubernetes.io/managed-by': 'wheelhouse.dev' },
      },
      addressType: 'IPv4',
      ports: named.map((p) => ({ ...p, port })),
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
    },
  }
}

/** Creates the objects; those of an earlier run get the new address. Rejects with a StatusError. */
export async function publishDns(client: Client, dns: DnsAddress): Promise<void> {
  const { service, endpointSlice } = dnsObjects(dns)
  await createOrPatch(client, serviceKind, service, { spec: { ports: service.spec?.ports } })
  await createOrPatch(client, sliceKind, endpointSlice, { ports: endpointSlice.ports, endpoints: endpointSlice.endpoints })
}

async function createOrPatch<T extends KubeObject>(client: Client, kind: Kind<T>, object: T, changes: object): Promise<void> {
  try {
    await client.create(kind, object)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    await client.patch(kind, refOf(object), { type: 'merge', body: changes })
  }
}
