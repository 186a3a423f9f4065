import type { Endpoint, EndpointSlice } from '../generated/types.ts'
import type { Kind } from '../kind.ts'
import { otherVersion } from '../versions.ts'
import { endpointSlice } from './endpoint-slice.ts'

type OlderEndpoint = Omit<Endpoint, 'deprecatedTopology' | 'zone'> & { topology?: Topology }
type OlderSlice = Omit<EndpointSlice, 'endpoints'> & { endpoints?: OlderEndpoint[] }

const zoneLabel = 'topology.kubernetes.io/zone'
const hostLabel = 'kubernetes.io/hostname'

/** What is a field of its own today was an entry in `topology`; the rest of it, this version alone can write. */
const { prepareCreate: _prepareCreate, prepareUpdate: _prepareUpdate, ...kind } = otherVersion<OlderSlice, EndpointSlice>(endpointSlice, {
  version: 'v1beta1', schema: 'io.k8s.api.discovery.v1beta1.EndpointSlice', deprecated: { since: '1.21', until: '1.25' },
  toStored: ({ endpoints, ...slice }) => ({ ...slice, ...(endpoints ? { endpoints: endpoints.map(endpointOf) } : {}) }) as EndpointSlice,
  fromStored: ({ endpoints, ...slice }) => ({ ...slice, ...(endpoints ? { endpoints: endpoints.map(olderOf) } : {}) }),
})

export const endpointSliceV1Beta1: Kind<OlderSlice> = kind

/** May be long, and is left as it is where nothing in it has become a field. */
type Topology = Record<string, string>

function endpointOf({ topology = {}, nodeName, ...endpoint }: OlderEndpoint): Endpoint {
  const { zone, host, rest } = parted(topology)
  const node = nodeName ?? host
  return {
    ...endpoint,
    ...(Object.keys(rest).length > 0 ? { deprecatedTopology: rest } : {}),
    ...(node === undefined ? {} : { nodeName: node }),
    ...(zone === undefined ? {} : { zone }),
  }
}

function parted(topology: Topology): { zone?: string | undefined; host?: string | undefined; rest: Topology } {
  if (!Object.hasOwn(topology, zoneLabel) && !Object.hasOwn(topology, hostLabel)) return { rest: topology }
  const { [zoneLabel]: zone, [hostLabel]: host, ...rest } = topology
  return { zone, host, rest }
}

function olderOf({ deprecatedTopology = {}, nodeName, zone, ...endpoint }: Endpoint): OlderEndpoint {
  const topology: Topology = nodeName === undefined && zone === undefined ? deprecatedTopology : {
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
