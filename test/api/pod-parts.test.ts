import { describe, expect, test } from 'vitest'
import { limitRange } from '../../src-main/kinds/core/limit-range.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { resourceQuota } from '../../src-main/kinds/core/resource-quota.ts'
import { context, podNamed, refusal, registry } from './registry-fixture.ts'

const web = { namespace: 'default', name: 'web' }
const running = { containers: [{ name: 'main', image: 'busybox', resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } } }] }

async function withPod(spec: object = running) {
  const fixture = await registry()
  const { verbs } = fixture
  await verbs.create(pod, 'default', podNamed('web', structuredClone(spec)), context())
  const change = async (subresource: string, body: object) =>
    (await verbs.patch(pod, web, { type: 'strategic', body: { spec: body } }, context(), subresource)).object as Pod
  const why = async (subresource: string, body: object) => (await refusal(change(subresource, body))).message
  return { ...fixture, change, why }
}

describe('ephemeral containers', () => {
  const debug = (more: object = {}) => ({ ephemeralContainers: [{ name: 'debug', image: 'busybox', targetContainerName: 'main', ...more }] })

  test('are added through their own door, and nothing else is', async () => {
    const { change, verbs } = await withPod()
    const changed = await change('ephemeralcontainers', { ...debug(), activeDeadlineSeconds: 5 })
    expect(changed.spec?.ephemeralContainers).toEqual([
      expect.objectContaining({ name: 'debug', imagePullPolicy: 'Always', terminationMessagePath: '/dev/termination-log' }),
    ])
    expect(changed.spec).not.toHaveProperty('activeDeadlineSeconds')
    expect(changed.metadata.generation).toBe(2)
    expect((await verbs.get(pod, web, undefined, 'ephemeralcontainers')).object).toEqual(changed)
    const both = { ephemeralContainers: [...(changed.spec?.ephemeralContainers ?? []), { name: 'more', image: 'busybox' }] }
    expect((await change('ephemeralcontainers', both)).spec?.ephemeralContainers).toHaveLength(2)
  })

  test('stay as they are, and have no part in the service', async () => {
    const { change, why, verbs } = await withPod()
    expect(await why('ephemeralcontainers', debug({ ports: [{ containerPort: 80 }] }))).toBe(
      'Pod "web" is invalid: spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
    )
    expect(await why('ephemeralcontainers', debug({ targetContainerName: 'nobody' }))).toBe(
      'Pod "web" is invalid: spec.ephemeralContainers[0].targetContainerName: Not found: "nobody"',
    )
    expect(await why('ephemeralcontainers', debug({ name: 'main' }))).toContain('spec.ephemeralContainers[0].name: Duplicate value: "main"')
    await change('ephemeralcontainers', debug())
    expect(await why('ephemeralcontainers', debug({ image: 'other' }))).toContain('existing ephemeral containers "debug" may not be changed')
    const without = verbs.patch(pod, web, { type: 'merge', body: { spec: { ephemeralContainers: [] } } }, context(), 'ephemeralcontainers')
    expect((await refusal(without)).message).toContain('existing ephemeral containers "debug" may not be removed')
    const born = verbs.create(pod, 'default', podNamed('other', debug()), context())
    expect((await refusal(born)).message).toBe('Pod "other" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create')
  })
})

describe('a resize', () => {
  const to = (resources: object) => ({ containers: [{ name: 'main', resources }] })

  test('changes CPU and memory, and nothing else', async () => {
    const { change, why } = await withPod()
    const resized = await change('resize', { ...to({ requests: { cpu: '200m' } }), activeDeadlineSeconds: 5 })
    expect(resized.spec?.containers[0]?.resources).toEqual({ requests: { cpu: '200m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } })
    expect(resized.spec).not.toHaveProperty('activeDeadlineSeconds')
    expect(resized.metadata.generation).toBe(2)
    expect(await why('resize', to({ requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } }))).toBe(
      'Pod "web" is invalid: spec: Forbidden: only cpu and memory resources are mutable',
    )
    expect(await why('resize', to({ limits: { cpu: null } }))).toBe(
      'Pod "web" is invalid: spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
    )
    expect(await why('resize', to({ requests: { cpu: '1', memory: '128Mi' } }))).toBe(
      'Pod "web" is invalid: spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    )
    expect(await why('resize', to({ requests: { cpu: '2' } }))).toContain('must be less than or equal to cpu limit of 1')
    expect(await why('', to({ requests: { cpu: '300m' } }))).toContain('pod updates may not change fields other than')
  })

  test('leaves the containers as they are', async () => {
    const { verbs } = await withPod()
    const why = async (containers: object[]) => (await refusal(verbs.patch(pod, web, { type: 'merge', body: { spec: { containers } } }, context(), 'resize'))).message
    const other = { name: 'other', image: 'busybox', resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } } }
    expect(await why([other])).toBe('Pod "web" is invalid: spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize')
    expect(await why([...running.containers, other])).toBe('Pod "web" is invalid: spec.containers: Forbidden: containers may not be added or removed on resize')
  })

  test('gives a pod more as a whole, and takes nothing away from it', async () => {
    const { change, why } = await withPod({ resources: { requests: { cpu: '100m' }, limits: { cpu: '1' } }, containers: [{ name: 'main', image: 'busybox' }] })
    const resized = await change('resize', { resources: { requests: { cpu: '200m' } } })
    expect(resized.spec?.resources).toEqual({ requests: { cpu: '200m' }, limits: { cpu: '1' } })
    expect(resized.metadata.generation).toBe(2)
    expect(await why('resize', { resources: { limits: { cpu: null } } })).toContain('spec.resources.limits: Forbidden: pod-level resource limits cannot be removed')
  })

  test('reaches init containers, in their amounts alone', async () => {
    const resources = { requests: { cpu: '100m' } }
    const { change, why } = await withPod({ ...running, initContainers: [
      { name: 'side', image: 'busybox', restartPolicy: 'Always', resources }, { name: 'first', image: 'busybox', resources }] })
    const toInit = (name: string, amounts: object) => ({ initContainers: [{ name, resources: { requests: amounts } }] })
    const resized = await change('resize', toInit('side', { cpu: '150m' }))
    expect(resized.spec?.initContainers?.map((container) => container.resources?.requests?.cpu)).toEqual(['150m', '100m'])
    expect((await change('resize', toInit('first', { cpu: '200m' }))).metadata.generation).toBe(3)
    expect(await why('resize', toInit('first', { cpu: null }))).toContain('spec.initContainers[1].resources.requests: Forbidden: resource requests cannot be removed')
    expect(await why('resize', toInit('first', { 'ephemeral-storage': '1Mi' }))).toContain(
      'spec.initContainers[1]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable',
    )
  })

  test('is refused where the node cannot do it', async () => {
    const { verbs, why } = await withPod()
    const containerStatuses = [{ name: 'main', image: 'busybox', imageID: '', ready: true, restartCount: 0, state: { running: {} } }]
    await verbs.patch(pod, web, { type: 'merge', body: { status: { phase: 'Running', containerStatuses } } }, context(), 'status')
    expect(await why('resize', to({ requests: { cpu: '200m' } }))).toBe(
      'Pod "web" is invalid: spec: Forbidden: Pod running on node without support for resize',
    )
  })

  test('is refused at once where the node could never give so much, or does not say that it can', async () => {
    const { verbs, why, change } = await withPod({ ...running, nodeName: 'n1', initContainers: [{ name: 'first', image: 'busybox', resources: { requests: { cpu: '100m' } } }] })
    expect(await why('resize', to({ requests: { cpu: '200m' } }))).toBe('pods "web" is forbidden: node "n1" not found')
    const n1 = { metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'linux' } }, status: { allocatable: { cpu: '500m', memory: '100Mi' } } }
    await verbs.create(node, undefined, n1, context())
    const error = await refusal(change('resize', to({ requests: { cpu: '900m', memory: '120Mi' } })))
    expect(error.message).toBe(
      'pods "web" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 900, allocatable: 500; memory, requested: 125829120, allocatable: 104857600',
    )
    expect(error.status).toMatchObject({ reason: 'Forbidden', code: 403, details: { name: 'web', kind: 'pods', causes: [{ reason: 'NodeCapacity' }] } })
    await change('resize', to({ requests: { cpu: '200m' } }))
    const init = { initContainers: [{ name: 'first', resources: { requests: { cpu: '150m' } } }] }
    expect(await why('resize', init)).toBe(
      'pods "web" is forbidden: pod update requires features InPlacePodVerticalScalingInitContainers which are not available on node "n1"',
    )
    const declaredFeatures = ['InPlacePodVerticalScalingInitContainers']
    await verbs.patch(node, { name: 'n1' }, { type: 'merge', body: { status: { declaredFeatures } } }, context(), 'status')
    await change('resize', init)
    await verbs.patch(node, { name: 'n1' }, { type: 'merge', body: { metadata: { labels: { 'kubernetes.io/os': 'windows' } } } }, context())
    const other = await refusal(change('resize', to({ requests: { cpu: '210m' } })))
    expect(other.message).toBe('pods "web" is forbidden: pod resize is only supported on linux nodes, node "n1" is "windows"')
    expect(other.status.details?.causes).toEqual([{ reason: 'UnsupportedPlatform' }])
  })

  test('is refused when it started from another version', async () => {
    const { verbs, change } = await withPod()
    const { object } = await verbs.get(pod, web)
    await change('resize', to({ requests: { cpu: '150m' } }))
    expect(await refusal(verbs.update(pod, web, object, context(), 'resize'))).toMatchObject({ code: 409, reason: 'Conflict' })
  })

  test('is charged with the most that its pod may have meanwhile, and not with what the node refused for good', async () => {
    const { verbs, change } = await withPod()
    await verbs.create(resourceQuota, 'default', { metadata: { name: 'q' }, spec: { hard: { 'requests.cpu': '1' } } }, context())
    const charged = async () => (await refusal(verbs.create(pod, 'default', podNamed('greedy', { containers: [{ ...running.containers[0], resources: { requests: { cpu: '1' } } }] }), context()))).message
    await change('resize', to({ requests: { cpu: '600m' } }))
    const was = { requests: { cpu: '700m', memory: '64Mi' } }
    const containerStatuses = [{ name: 'main', image: 'busybox', imageID: '', ready: true, restartCount: 0, state: { running: {} }, resources: was, allocatedResources: { cpu: '500m' } }]
    await verbs.patch(pod, web, { type: 'merge', body: { status: { phase: 'Running', containerStatuses } } }, context(), 'status')
    expect(await charged()).toContain('used: requests.cpu=700m')
    await change('resize', to({ requests: { cpu: '800m' } }))
    expect(await charged()).toContain('used: requests.cpu=800m')
    const conditions = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }]
    await verbs.patch(pod, web, { type: 'merge', body: { status: { conditions } } }, context(), 'status')
    expect(await charged()).toContain('used: requests.cpu=700m')
  })

  test('stays within the bounds and the quota of its namespace', async () => {
    const { verbs, why, change } = await withPod()
    await verbs.create(limitRange, 'default', { metadata: { name: 'bounds' }, spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } }, context())
    await verbs.create(resourceQuota, 'default', { metadata: { name: 'q' }, spec: { hard: { 'requests.cpu': '500m' } } }, context())
    expect(await why('resize', to({ limits: { cpu: '2' } }))).toBe('pods "web" is forbidden: maximum cpu usage per Container is 1, but limit is 2')
    expect(await why('resize', to({ requests: { cpu: '600m' } }))).toBe(
      'pods "web" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=100m, limited: requests.cpu=500m',
    )
    await change('resize', to({ requests: { cpu: '500m' } }))
  })
})
