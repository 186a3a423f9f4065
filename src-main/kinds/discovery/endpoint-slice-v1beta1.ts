import type { Endpoint, EndpointSlice } from '../generated/types.ts'
import type { Kind } from '../kind.ts'
import { otherVersion } from '../versions.ts'
import { endpointSlice } from './endpoint-slice.ts'

type OlderEndpoint = Omit<Endpoint, 'deprecatedTopology' | 'zone'> & { topology?: Record<string, string> }
type OlderSlice = Omit<EndpointSlice, 'endpoints'> & { endpoints?: OlderEndpoint[] }

const zoneLabel = 'topology.kubernetes.io/zone'
const hostLabel = 'kubernetes.io/hostname'

/** What is a field of its own today was an entry in `topology`. */
export const endpointSliceV1Beta1: Kind<OlderSlice> = otherVersion<OlderSlice, EndpointSlice>(endpointSlice, {
  version: 'v1beta1', schema: 'io.k8s.api.discovery.v1beta1.EndpointSlice', deprecated: { since: '1.21', until: '1.25' },
  toStored: ({ endpoints, ...slice }) => ({ ...slice, ...(endpoints ? { endpoints: endpoints.map(endpointOf) } : {}) }) as EndpointSlice,
  fromStored: ({ endpoints, ...slice }) => ({ ...slice, ...(endpoints ? { endpoints: endpoints.map(olderOf) } : {}) }),
})

function endpointOf({ topology = {}, nodeName, ...endpoint }: OlderEndpoint): Endpoint {
  const { [zoneLabel]: zone, [hostLabel]: host, ...rest } = topology
  const node = nodeName ?? host
  return {
    ...endpoint,
    ...(Object.keys(rest).length > 0 ? { deprecatedTopology: rest } : {}),
    ...(node === undefined ? {} : { nodeName: node }),
    ...(zone === undefined ? {} : { zone }),
  }
}

function olderOf({ deprecatedTopology = {}, nodeName, zone, ...endpoint }: Endpoint): OlderEndpoint {
  const topology = {
    ...deprecatedTopology,
    ...(nodeName === undefined ? {} : { [hostLabel]: nodeName }),
    ...(zone === undefined ? {} : { [zoneLabel]: zone }),
  }
  return {
    ...endpoint,
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(Object.keys(topology).length > 0 ? { topology } : {}),
  }
}
