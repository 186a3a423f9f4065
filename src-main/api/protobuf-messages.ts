import { plainMessage, type ProtobufMessage } from '../kinds/protobuf.ts'
import type { FieldSchema } from '../kinds/schema.ts'

/** What is answered in protobuf and never sent to a server: discovery, metadata alone, computed objects. */

export const metaV1 = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const metrics = 'io.k8s.metrics.pkg.apis.metrics.v1beta1'
export const discoveryV2 = 'io.k8s.api.apidiscovery.v2'

const text: FieldSchema = { type: 'string' }
const time: FieldSchema = { type: 'time' }
const flag: FieldSchema = { type: 'boolean' }
const any: FieldSchema = { type: 'any' }
const quantities: FieldSchema = { type: 'map', items: { type: 'quantity' } }
const listOf = (items: FieldSchema): FieldSchema => ({ type: 'array', items })
const texts = listOf(text)
const object = (ref: string): FieldSchema => ({ type: 'object', ref })
const objects = (ref: string): FieldSchema => listOf(object(ref))
const metadata = ['metadata', object(`${metaV1}.ObjectMeta`)] as const
const listMetadata = ['metadata', object(`${metaV1}.ListMeta`)] as const

/** Their fields in the order of their numbers, by definition name. */
export const wireMessages: ReadonlyMap<string, ProtobufMessage> = new Map([
  [`${metaV1}.PartialObjectMetadata`, plainMessage([metadata])],
  [`${metaV1}.APIVersions`, plainMessage([['versions', texts], ['serverAddressByClientCIDRs', objects(`${metaV1}.ServerAddressByClientCIDR`)]])],
  [`${metaV1}.ServerAddressByClientCIDR`, plainMessage([['clientCIDR', text], ['serverAddress', text]])],
  [`${metaV1}.APIGroupList`, plainMessage([['groups', objects(`${metaV1}.APIGroup`)]])],
  [`${metaV1}.APIGroup`, plainMessage([
    ['name', text], ['versions', objects(`${metaV1}.GroupVersionForDiscovery`)], ['preferredVersion', object(`${metaV1}.GroupVersionForDiscovery`)],
    ['serverAddressByClientCIDRs', objects(`${metaV1}.ServerAddressByClientCIDR`)],
  ])],
  [`${metaV1}.GroupVersionForDiscovery`, plainMessage([['groupVersion', text], ['version', text]])],
  [`${metaV1}.APIResourceList`, plainMessage([['groupVersion', text], ['resources', objects(`${metaV1}.APIResource`)]])],
  [`${metaV1}.APIResource`, plainMessage([
    ['name', text], ['namespaced', flag], ['kind', text], ['verbs', any, 'Verbs'], ['shortNames', texts],
    ['singularName', text], ['categories', texts], ['group', text], ['version', text], ['storageVersionHash', text],
  ])],
  [`${metaV1}.GroupVersionKind`, plainMessage([['group', text], ['version', text], ['kind', text]])],
  [`${discoveryV2}.APIGroupDiscoveryList`, plainMessage([listMetadata, ['items', objects(`${discoveryV2}.APIGroupDiscovery`)]])],
  [`${discoveryV2}.APIGroupDiscovery`, plainMessage([metadata, ['versions', objects(`${discoveryV2}.APIVersionDiscovery`)]])],
  [`${discoveryV2}.APIVersionDiscovery`, plainMessage([['version', text], ['resources', objects(`${discoveryV2}.APIResourceDiscovery`)], ['freshness', text]])],
  [`${discoveryV2}.APIResourceDiscovery`, plainMessage([
    ['resource', text], ['responseKind', object(`${metaV1}.GroupVersionKind`)], ['scope', text], ['singularResource', text], ['verbs', texts],
    ['shortNames', texts], ['categories', texts], ['subresources', objects(`${discoveryV2}.APISubresourceDiscovery`)],
  ])],
  [`${discoveryV2}.APISubresourceDiscovery`, plainMessage([
    ['subresource', text], ['responseKind', object(`${metaV1}.GroupVersionKind`)], ['acceptedTypes', objects(`${metaV1}.GroupVersionKind`)], ['verbs', texts],
  ])],
  [`${metrics}.NodeMetrics`, plainMessage([metadata, ['timestamp', time], ['window', any, 'Duration'], ['usage', quantities]])],
  [`${metrics}.PodMetrics`, plainMessage([metadata, ['timestamp', time], ['window', any, 'Duration'], ['containers', objects(`${metrics}.ContainerMetrics`)]])],
  [`${metrics}.ContainerMetrics`, plainMessage([['name', text], ['usage', quantities]])],
])
