import { describe, expect, it } from 'vitest'
import { publishKubernetesService } from '../../src-main/api/bootstrap.ts'
import type { Verbs } from '../../src-main/api/verbs.ts'
import { type Service, service } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { ipAddress } from '../../src-main/kinds/networking/ip-address.ts'
import { type ServiceCIDR, serviceCidr } from '../../src-main/kinds/networking/service-cidr.ts'
import { context, registry } from './registry-fixture.ts'

const web = { name: 'web', namespace: 'default' }
const names = async (verbs: Verbs): Promise<string[]> => (await verbs.list(ipAddress, {})).items.map(({ object }) => object.metadata.name ?? '')
const made = async (verbs: Verbs, spec: object = {}): Promise<Service> =>
  (await verbs.create(service, 'default', { metadata: { name: 'web' }, spec: { ports: [{ port: 80 }], ...spec } }, context())).object as Service

describe('the IPAddress of a ClusterIP', () => {
  it('is there with the Service and says whose it is', async () => {
    const { verbs } = await registry()
    const name = (await made(verbs)).spec?.clusterIP ?? ''
    expect((await verbs.get(ipAddress, { name })).object).toMatchObject({
      metadata: { labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
    })
  })

  it('goes with the Service, and with its type', async () => {
    const { verbs } = await registry()
    await made(verbs)
    await verbs.patch(service, web, { type: 'merge', body: { spec: { type: 'ExternalName', externalName: 'a.example' } } }, context())
    expect(await names(verbs)).toEqual([])
    await verbs.delete(service, web, {}, context())
    await made(verbs)
    expect(await names(verbs)).toHaveLength(1)
    await verbs.delete(service, web, {}, context())
    expect(await names(verbs)).toEqual([])
  })

  it('is none for a headless Service and for a dry run', async () => {
    const { verbs } = await registry()
    await made(verbs, { clusterIP: 'None' })
    await verbs.create(service, 'default', { metadata: { name: 'dry' }, spec: { ports: [{ port: 80 }] } }, context({ dryRun: true }))
    expect(await names(verbs)).toEqual([])
  })

  it('keeps an address from Services when somebody else holds it', async () => {
    const { verbs } = await registry()
    const spec = { parentRef: { group: 'gateway.networking.k8s.io', resource: 'gateways', namespace: 'default', name: 'edge' } }
    await verbs.create(ipAddress, undefined, { metadata: { name: '10.96.7.7' }, spec }, context())
    await expect(made(verbs, { clusterIP: '10.96.7.7' })).rejects.toThrow('provided IP is already allocated')
  })
})

it('the range of ClusterIPs is a ServiceCIDR that is ready', async () => {
  const { verbs } = await registry()
  const { spec, status } = (await verbs.get(serviceCidr, { name: 'kubernetes' })).object as ServiceCIDR
  expect(spec).toEqual({ cidrs: ['10.96.0.0/16'] })
  expect(status?.conditions).toMatchObject([{ type: 'Ready', status: 'True' }])
})

it('the kubernetes Service of a machine without a network is there and has no endpoint', async () => {
  const { verbs } = await registry()
  await publishKubernetesService(verbs, { clusterIP: '10.96.0.1', address: '127.0.0.1', port: 6443 })
  expect((await verbs.get(endpointSlice, { namespace: 'default', name: 'kubernetes' })).object).not.toHaveProperty('endpoints.0')
  expect(await names(verbs)).toEqual(['10.96.0.1'])
})
