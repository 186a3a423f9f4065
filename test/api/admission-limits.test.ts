import { describe, expect, test } from 'vitest'
import { limitRange, type LimitRange } from '../../src-main/kinds/core/limit-range.ts'
import { persistentVolumeClaim } from '../../src-main/kinds/core/persistent-volume-claim.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { context, podNamed, refusal, registry } from './registry-fixture.ts'

const container = (name: string, resources: object = {}) => ({ name, image: 'busybox', resources })

async function limited(...limits: object[]) {
  const fixture = await registry()
  await fixture.verbs.create(limitRange, 'default', { metadata: { name: 'bounds' }, spec: { limits } }, context())
  const create = async (spec: object, name = 'web') =>
    (await fixture.verbs.create(pod, 'default', podNamed(name, structuredClone(spec)), context())).object as Pod
  const why = async (spec: object) => (await refusal(create(spec))).message
  return { ...fixture, create, why }
}

describe('a LimitRange', () => {
  test('says nothing of defaults that it does not have', async () => {
    const { verbs } = await registry()
    const limits = [{ type: 'Container', maxLimitRequestRatio: { cpu: '2' }, default: {} }]
    const { object } = await verbs.create(limitRange, 'default', { metadata: { name: 'ratio' }, spec: { limits } }, context())
    expect((object as LimitRange).spec).toEqual({ limits: [{ type: 'Container', maxLimitRequestRatio: { cpu: '2' } }] })
    const min = await verbs.create(limitRange, 'default', { metadata: { name: 'min' }, spec: { limits: [{ type: 'Container', min: { cpu: '1' } }] } }, context())
    expect((min.object as LimitRange).spec?.limits).toEqual([{ type: 'Container', min: { cpu: '1' }, defaultRequest: { cpu: '1' } }])
  })

  test('gives containers what they do not say, and notes what it gave', async () => {
    const { create } = await limited({
      type: 'Container',
      default: { cpu: '500m', memory: '256Mi' },
      defaultRequest: { cpu: '100m', memory: '128Mi' },
    })
    const { spec, metadata } = await create({
      containers: [container('bare'), container('own', { limits: { cpu: '300m' } })],
      initContainers: [container('setup')],
    })
    expect(spec!.containers.map(({ resources }) => resources)).toEqual([
      { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
      // a request comes from the limit before the LimitRange is asked
      { requests: { cpu: '300m', memory: '128Mi' }, limits: { cpu: '300m', memory: '256Mi' } },
    ])
    expect(metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu, memory request for container bare; cpu, memory limit for container bare; memory request for container own; memory limit for container own; cpu, memory request for init container setup; cpu, memory limit for init container setup',
    })
  })

  test('refuses containers outside its bounds, every reason once', async () => {
    const { why } = await limited({
      type: 'Container',
      min: { cpu: '100m' },
      max: { cpu: '1', memory: '1Gi' },
      maxLimitRequestRatio: { cpu: '2' },
    })
    const of = (requests: object, limits: object) => why({ containers: [container('main', { requests, limits })] })
    expect(await of({ cpu: '50m', memory: '1Gi' }, { cpu: '100m', memory: '1Gi' })).toBe(
      'pods "web" is forbidden: minimum cpu usage per Container is 100m, but request is 50m',
    )
    expect(await of({ cpu: '500m' }, { cpu: '2000m', memory: '2Gi' })).toBe(
      'pods "web" is forbidden: [maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Container is 1Gi, but limit is 2Gi, cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000]',
    )
    expect(await of({ cpu: '100m' }, { cpu: '200m', memory: '1Gi' }).catch(() => 'admitted')).toBe('admitted')
  })

  test('bounds a pod as a whole', async () => {
    const { create, why } = await limited({ type: 'Pod', max: { cpu: '1' } })
    const half = { limits: { cpu: '600m' } }
    expect(await why({ containers: [container('a', half), container('b', half)] })).toBe(
      'pods "web" is forbidden: maximum cpu usage per Pod is 1, but limit is 1200m',
    )
    expect(await why({ containers: [container('a')] })).toBe(
      'pods "web" is forbidden: maximum cpu usage per Pod is 1.  No limit is specified',
    )
    await create({ containers: [container('a', half)], initContainers: [container('i', half)] })
  })

  test('bounds what claims ask for', async () => {
    const { verbs } = await limited({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } })
    const claim = (storage: string) =>
      verbs.create(
        persistentVolumeClaim,
        'default',
        { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } },
        context(),
      )
    expect((await refusal(claim('3Gi'))).message).toBe(
      'persistentvolumeclaims "data" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    )
    expect((await refusal(claim('500Mi'))).message).toBe(
      'persistentvolumeclaims "data" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
    )
    await claim('2Gi')
  })
})
