import { describe, expect, test } from 'vitest'
import { addressIn, addressText, pickAddress, serviceRange } from '../../src-main/api/admission/address-range.ts'
import { publishKubernetesService } from '../../src-main/api/bootstrap.ts'
import { endpoints } from '../../src-main/kinds/core/endpoints.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { service, type Service } from '../../src-main/kinds/core/service.ts'
import { context, type Fixture, podNamed, refusal, registry } from './registry-fixture.ts'

const web = { namespace: 'default', name: 'web' }
const serviceNamed = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: { ports: [{ port: 80 }], selector: { app: name }, ...spec },
})

async function created({ verbs }: Fixture, name: string, spec: object = {}): Promise<NonNullable<Service['spec']>> {
  return ((await verbs.create(service, 'default', serviceNamed(name, spec), context())).object as Service).spec!
}

describe('pods', () => {
  test('run as the default service account and tolerate a lost node for five minutes', async () => {
    const { verbs } = await registry()
    const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }
    const { object } = await verbs.create(pod, 'default', podNamed('web', { tolerations: [own] }), context())
    const { spec } = object as Pod
    expect(spec).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default' })
    expect(spec?.tolerations).toEqual([
      own,
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    ])
    // who replaces the pod by the manifest it came from takes no toleration away
    const { tolerations, ...unmentioned } = spec!
    const replaced = await verbs.update(pod, web, { metadata: { name: 'web' }, spec: { ...unmentioned, tolerations: [own] } }, context())
    expect((replaced.object as Pod).spec?.tolerations).toEqual(tolerations)
  })
})

describe('services', () => {
  test('get addresses and ports that nobody else has, however many are created at once', async () => {
    const fixture = await registry({
      serviceCidr: '10.96.0.0/24',
      nodePorts: { low: 30000, high: 30049 },
      random: () => 0,
    })
    const specs = await Promise.all(
      Array.from({ length: 40 }, (_, i) => created(fixture, `s${i}`, { type: 'NodePort' })),
    )
    expect(new Set(specs.map((spec) => spec.clusterIP)).size).toBe(40)
    expect(new Set(specs.map((spec) => spec.ports![0]!.nodePort)).size).toBe(40)
    expect(specs[0]).toMatchObject({
      clusterIP: '10.96.0.17',
      clusterIPs: ['10.96.0.17'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    })
  })

  test('may ask for an address and a port, and are told why they cannot have them', async () => {
    const fixture = await registry()
    await created(fixture, 'dns', { clusterIP: '10.96.0.10', type: 'NodePort', ports: [{ port: 53, nodePort: 30053 }] })
    const why = async (spec: object) => (await refusal(created(fixture, 'other', spec))).message
    expect(await why({ clusterIP: '10.96.0.10' })).toBe(
      'Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    )
    expect(await why({ clusterIP: '10.97.0.1' })).toBe(
      'Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.97.0.1"]: failed to allocate IP 10.97.0.1: the provided network does not match the current range',
    )
    expect(await why({ type: 'NodePort', ports: [{ port: 80, nodePort: 30053 }] })).toBe(
      'Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 30053: provided port is already allocated',
    )
    expect(await why({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })).toBe(
      'Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    )
  })

  test('keep their address through updates that do not mention it, and free it when deleted', async () => {
    const fixture = await registry()
    const { verbs } = fixture
    const spec = await created(fixture, 'web', { type: 'NodePort' })
    const updated = await verbs.update(
      service,
      web,
      serviceNamed('web', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080 }] }),
      context(),
    )
    expect((updated.object as Service).spec).toMatchObject({
      clusterIP: spec.clusterIP,
      ports: [{ nodePort: spec.ports![0]!.nodePort }],
    })
    const narrowed = await verbs.patch(
      service,
      web,
      { type: 'merge', body: { spec: { type: 'ClusterIP' } } },
      context(),
    )
    expect((narrowed.object as Service).spec).toMatchObject({ type: 'ClusterIP', clusterIP: spec.clusterIP })
    expect((narrowed.object as Service).spec!.ports![0]).not.toHaveProperty('nodePort')
    await verbs.delete(service, web, {}, context())
    expect((await created(fixture, 'next', { clusterIP: spec.clusterIP })).clusterIP).toBe(spec.clusterIP)
  })

  test('refuse another address, also from clients that know only one of them, and let it be cleared', async () => {
    const fixture = await registry()
    const { verbs } = fixture
    const spec = await created(fixture, 'web')
    const patch = (clusterIP: string | null) =>
      verbs.patch(service, web, { type: 'merge', body: { spec: { clusterIP } } }, context())
    expect((await refusal(patch('10.96.0.99'))).message).toBe(
      'Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.99"]: may not change once set',
    )
    expect((await refusal(patch('1.2.3.4'))).message).toBe('Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["1.2.3.4"]: may not change once set')
    expect(((await patch(null)).object as Service).spec).toMatchObject({ clusterIP: spec.clusterIP, clusterIPs: spec.clusterIPs })
  })

  test('have no address when headless or external', async () => {
    const fixture = await registry()
    expect(await created(fixture, 'headless', { clusterIP: 'None' })).toMatchObject({
      clusterIP: 'None',
      clusterIPs: ['None'],
    })
    expect(
      await created(fixture, 'external', { type: 'ExternalName', externalName: 'example.com', ports: [] }),
    ).not.toHaveProperty('clusterIP')
  })

  test('include the way to the API server, which moves with it', async () => {
    const { verbs } = await registry()
    await publishKubernetesService(verbs, { clusterIP: '10.96.0.1', address: '192.168.1.5', port: 6443 })
    await publishKubernetesService(verbs, { clusterIP: '10.96.0.1', address: '192.168.1.5', port: 7443 })
    const ref = { namespace: 'default', name: 'kubernetes' }
    expect((await verbs.get(service, ref)).object).toMatchObject({
      spec: { clusterIP: '10.96.0.1', ports: [{ port: 443 }] },
    })
    expect((await verbs.get(endpoints, ref)).object).toMatchObject({
      subsets: [{ addresses: [{ ip: '192.168.1.5' }], ports: [{ port: 7443 }] }],
    })
  })
})

describe('address ranges', () => {
  test('leave network and broadcast alone and give the low part out last', () => {
    const range = serviceRange('10.96.0.0/28')
    expect([addressText(range.first), addressText(range.last)]).toEqual(['10.96.0.1', '10.96.0.14'])
    const taken = new Set<number>()
    for (let i = 0; i < 14; i++)
      taken.add(
        pickAddress(
          range,
          (address) => taken.has(address),
          () => 0.5,
        )!,
      )
    expect(taken.size).toBe(14)
    expect(
      pickAddress(
        range,
        (address) => taken.has(address),
        () => 0.5,
      ),
    ).toBeUndefined()
    expect(addressIn('10.96.0.256')).toBeUndefined()
  })
})
