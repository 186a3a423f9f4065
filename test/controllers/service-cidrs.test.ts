import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canGo, serviceCidrs } from '../../src-main/controllers/service-cidrs.ts'
import { type Service, service } from '../../src-main/kinds/core/service.ts'
import { conditionOf } from '../../src-main/kinds/meta.ts'
import { type ServiceCIDR, serviceCidr } from '../../src-main/kinds/networking/service-cidr.ts'
import { isNotFound } from '../../src-main/kinds/status-error.ts'
import { type ControlPlane, startControlPlane } from '../fixtures/control-plane.ts'
import { eventually } from '../fixtures/eventually.ts'
import { fakeClock, type FakeClock } from '../fixtures/fake-clock.ts'

describe('a ServiceCIDR', { timeout: 30_000 }, () => {
  let clock: FakeClock
  let plane: ControlPlane
  beforeEach(async () => {
    clock = fakeClock()
    plane = await startControlPlane({ controllers: [serviceCidrs], clock })
  })
  afterEach(async () => {
    expect(plane.complaints).toEqual([])
    await plane.stop()
  })
  const more = { name: 'more' }
  const ready = async (): Promise<string | undefined> => conditionOf((await plane.client.get(serviceCidr, more)).status?.conditions, 'Ready')?.message
  const make = (name: string, cidr: string): Promise<ServiceCIDR> => plane.client.create(serviceCidr, { metadata: { name }, spec: { cidrs: [cidr] } })
  const web = (clusterIP?: string): Promise<Service> => plane.client.create(service, { metadata: { name: 'web', namespace: 'default' }, spec: { ports: [{ port: 80 }], ...(clusterIP ? { clusterIP } : {}) } })

  it('is protected and says that it is ready, and addresses come from it', async () => {
    await make('more', '10.200.0.0/24')
    await eventually('a ready range', async () => (await ready()) === 'Kubernetes Service CIDR is ready')
    expect((await plane.client.get(serviceCidr, more)).metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer'])
    expect((await web()).spec?.clusterIP).toMatch(/^10\.200\.0\.\d+$/)
  })

  it('that is going gives out no more addresses, and goes when the last one of a Service is given back', async () => {
    await make('more', '10.200.0.0/24')
    await eventually('a ready range', ready)
    await make('other', '10.201.0.0/24')
    await web('10.200.0.7')
    await plane.client.delete(serviceCidr, more)
    await eventually('a range that waits', async () => (await ready())?.startsWith('There are still IPAddresses referencing the ServiceCIDR'))
    await expect(plane.client.create(service, { metadata: { name: 'late', namespace: 'default' }, spec: { ports: [{ port: 80 }], clusterIP: '10.200.0.8' } }))
      .rejects.toThrow('Service "late" is invalid: spec.clusterIPs: Invalid value: ["10.200.0.8"]: failed to allocate IP 10.200.0.8: the provided network does not match the current range')
    await plane.client.patch(service, { namespace: 'default', name: 'web' }, { type: 'merge', body: { metadata: { labels: { still: 'fine' } } } })
    await plane.client.delete(service, { namespace: 'default', name: 'web' })
    const freed = clock.now()
    await eventually('the range to go', async () => {
      clock.advance(1000)
      return plane.client.get(serviceCidr, more).then(() => false, isNotFound)
    })
    expect(clock.now() - freed).toBeGreaterThanOrEqual(9_000)
  })
})

describe('a range of addresses can go', () => {
  const range = (name: string, ...cidrs: string[]): ServiceCIDR => ({ metadata: { name }, spec: { cidrs } }) as ServiceCIDR
  const small = range('small', '10.96.1.0/24')
  it('when no address is in it', () => {
    expect(canGo(small, [small], ['10.96.2.1'])).toBe(true)
    expect(canGo(small, [small], ['10.96.1.1'])).toBe(false)
  })
  it('when a larger one holds it, or other ones all its addresses', () => {
    expect(canGo(small, [small, range('large', '10.96.0.0/16')], ['10.96.1.1'])).toBe(true)
    expect(canGo(small, [small, range('half', '10.96.1.0/25')], ['10.96.1.1'])).toBe(true)
    expect(canGo(small, [small, range('half', '10.96.1.0/25')], ['10.96.1.200'])).toBe(false)
  })
  it('but not on one that is going too', () => {
    const going = range('large', '10.96.0.0/16')
    going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
    expect(canGo(small, [small, going], ['10.96.1.1'])).toBe(false)
  })
  it('in both families', () => {
    const both = range('both', '10.96.1.0/24', 'fd00:1::/112')
    expect(canGo(both, [both], ['fd00:1::7'])).toBe(false)
    expect(canGo(both, [both, range('six', 'fd00:1::/108')], ['fd00:1::7'])).toBe(true)
  })
})
