import { describe, expect, it } from 'vitest'
import { horizontalPodAutoscalerV1, horizontalPodAutoscalerV2Beta2 } from '../../src-main/kinds/autoscaling/horizontal-pod-autoscaler-v1.ts'
import { horizontalPodAutoscaler } from '../../src-main/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { cronJob, cronJobV1Beta1 } from '../../src-main/kinds/batch/cron-job.ts'
import { event as coreEvent } from '../../src-main/kinds/core/event.ts'
import { endpointSliceV1Beta1 } from '../../src-main/kinds/discovery/endpoint-slice-v1beta1.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { event } from '../../src-main/kinds/events/event.ts'
import { kinds } from '../../src-main/kinds/index.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { Kinds } from '../../src-main/kinds/kinds.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { ingressV1Beta1 } from '../../src-main/kinds/networking/ingress-v1beta1.ts'
import { ingress } from '../../src-main/kinds/networking/ingress.ts'
import { podDisruptionBudget, podDisruptionBudgetV1Beta1 } from '../../src-main/kinds/policy/pod-disruption-budget.ts'
import type { Verbs } from '../../src-main/api/verbs.ts'
import { context, listener, refusal, registry } from './registry-fixture.ts'
import { eventually } from '../fixtures/eventually.ts'
import { served } from './served-fixture.ts'

const ref = { namespace: 'default', name: 'a' }
type Json = Record<string, unknown>

const made = async (verbs: Verbs, kind: AnyKind, body: object, name = 'a'): Promise<Json> =>
  (await verbs.create(kind, 'default', { metadata: { name }, ...body }, context())).object as unknown as Json
const seen = async (verbs: Verbs, kind: AnyKind): Promise<KubeObject & Json> => (await verbs.get(kind, ref)).object as unknown as KubeObject & Json

const newEvent = {
  eventTime: '2026-01-01T00:00:00.000000Z', regarding: { kind: 'Pod', namespace: 'default', name: 'web' }, note: 'hello', reason: 'Started', action: 'Start',
  type: 'Normal', reportingController: 'example.com/one', reportingInstance: 'one-1', series: { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' },
}

describe('an Event of events.k8s.io', () => {
  it('is an Event of core, under the names that it has there', async () => {
    const { verbs } = await registry()
    const created = await made(verbs, event, newEvent)
    const stored = await seen(verbs, coreEvent)
    expect(created).toMatchObject({ apiVersion: 'events.k8s.io/v1', kind: 'Event', note: 'hello', regarding: { name: 'web' } })
    expect(stored).toMatchObject({ apiVersion: 'v1', involvedObject: { name: 'web' }, message: 'hello', reportingComponent: 'example.com/one', series: { count: 2 } })
    expect(stored).not.toHaveProperty('note')
    expect(stored.metadata).toEqual((created as unknown as KubeObject).metadata)
  })

  it('shows what core clients wrote', async () => {
    const { verbs } = await registry()
    await made(verbs, coreEvent, {
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' }, message: 'm', count: 3, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:02Z',
      source: { component: 'kubelet', host: 'n1' },
    })
    expect(await seen(verbs, event)).toMatchObject({
      note: 'm', deprecatedCount: 3, deprecatedFirstTimestamp: '2026-01-01T00:00:00Z', deprecatedLastTimestamp: '2026-01-01T00:00:02Z', deprecatedSource: { component: 'kubelet', host: 'n1' },
    })
  })

  it('is watched, selected and deleted through either group', async () => {
    const { verbs, store } = await registry()
    const [old, now] = [listener(), listener()]
    await verbs.watch(coreEvent, { resourceVersion: String(store.revision) }, old.tell)
    await verbs.watch(event, { resourceVersion: String(store.revision), fieldSelector: [{ key: 'regarding.name', operator: '=', values: ['web'] }] }, now.tell)
    await made(verbs, event, newEvent)
    await made(verbs, event, { ...newEvent, regarding: { ...newEvent.regarding, name: 'other' } }, 'b')
    await verbs.delete(coreEvent, ref, {}, context())
    expect(old.seen).toEqual(['ADDED a', 'ADDED b', 'DELETED a'])
    expect(now.seen).toEqual(['ADDED a', 'DELETED a'])
    expect(now.told.map((told) => told.type !== 'BOOKMARK' && told.item.object.apiVersion)).toEqual(['events.k8s.io/v1', 'events.k8s.io/v1'])
    const { items } = await verbs.list(event, {})
    expect(items.map(({ object }) => [object.metadata.name, object.apiVersion])).toEqual([['b', 'events.k8s.io/v1']])
  })

  it('is held to the new rules, in the old words', async () => {
    const { verbs } = await registry()
    const { eventTime: _eventTime, ...undated } = newEvent
    const error = await refusal(made(verbs, event, { ...undated, deprecatedCount: 1, series: { count: 1 } }))
    expect(error.message).toBe('Event "a" is invalid: [series.count: Invalid value: "": should be at least 2, series.lastObservedTime: Required value, eventTime: Required value, count: Invalid value: "": needs to be unset]')
    await made(verbs, event, newEvent)
    const changed = await refusal(verbs.patch(event, ref, { type: 'merge', body: { note: 'other' } }, context()))
    expect(changed.message).toContain('message: Invalid value: "other": field is immutable')
    expect((await refusal(verbs.get(event, { ...ref, name: 'none' }))).message).toBe('events "none" not found')
  })

  it('counts a series through a patch, and keeps each manager’s own version', async () => {
    const { verbs } = await registry()
    await verbs.create(event, 'default', { metadata: { name: 'a' }, ...newEvent }, context({ fieldManager: 'new' }))
    await verbs.patch(coreEvent, ref, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } }, context({ fieldManager: 'old' }))
    await verbs.patch(event, ref, { type: 'strategic', body: { series: { count: 3, lastObservedTime: '2026-01-01T00:00:05.000000Z' } } }, context({ fieldManager: 'counter' }))
    const { metadata, series } = await seen(verbs, coreEvent)
    expect(series).toEqual({ count: 3, lastObservedTime: '2026-01-01T00:00:05.000000Z' })
    const entries = metadata.managedFields ?? []
    const managers = Object.fromEntries(entries.map((entry) => [entry.manager, entry]))
    expect(entries.map(({ manager, apiVersion }) => [manager, apiVersion]).sort()).toEqual([['counter', 'events.k8s.io/v1'], ['new', 'events.k8s.io/v1'], ['old', 'v1']])
    expect(managers['new']?.fieldsV1).toHaveProperty('f:note')
  })
})

describe('an owner in another version', () => {
  it('loses what somebody changes under another name', async () => {
    const { verbs } = await registry()
    const body = { spec: { backend: { serviceName: 'one', servicePort: 80 } } }
    await verbs.create(ingressV1Beta1, 'default', { metadata: { name: 'a' }, ...body }, context({ fieldManager: 'old' }))
    const defaultBackend = { service: { name: 'two', port: { number: 81 } } }
    const applied = { apiVersion: ingress.apiVersion, kind: 'Ingress', metadata: { name: 'a' }, spec: { defaultBackend } }
    const error = await refusal(verbs.patch(ingress, ref, { type: 'apply', body: structuredClone(applied) }, context({ fieldManager: 'new' })))
    expect(error.reason).toBe('Conflict')
    expect(error.message).toContain('conflicts with "old" using networking.k8s.io/v1beta1')
    await verbs.patch(ingress, ref, { type: 'apply', body: applied, force: true }, context({ fieldManager: 'new' }))
    const { metadata, spec } = await seen(verbs, ingressV1Beta1)
    expect(spec).toMatchObject({ backend: { serviceName: 'two', servicePort: 81 } })
    const owns = Object.fromEntries((metadata.managedFields ?? []).map(({ manager, fieldsV1 }) => [manager, JSON.stringify(fieldsV1)]))
    expect(owns['old']).not.toContain('f:serviceName')
    expect(owns['new']).toContain('f:defaultBackend')
  })
})

const autoscaler = { scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }, maxReplicas: 5 }
const memory = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } }
const external = { type: 'External', external: { metric: { name: 'queue', selector: { matchLabels: { a: 'b' } } }, target: { type: 'Value', value: '30' } } }

describe('a HorizontalPodAutoscaler of version 1', () => {
  it('has the processor’s target as a field', async () => {
    const { verbs } = await registry()
    await made(verbs, horizontalPodAutoscalerV1, { spec: { ...autoscaler, targetCPUUtilizationPercentage: 70 } })
    const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }
    expect((await seen(verbs, horizontalPodAutoscaler))['spec']).toEqual({ ...autoscaler, minReplicas: 1, metrics: [cpu] })
    expect((await seen(verbs, horizontalPodAutoscalerV1))['spec']).toEqual({ ...autoscaler, minReplicas: 1, targetCPUUtilizationPercentage: 70 })
    expect((await seen(verbs, horizontalPodAutoscalerV2Beta2))).toMatchObject({ apiVersion: 'autoscaling/v2beta2', spec: { metrics: [cpu] } })
    // who takes the figure away has the one that is assumed, which a dry run says too
    const { object: wished } = await verbs.update(horizontalPodAutoscalerV1, ref, { metadata: { name: 'a' }, spec: autoscaler }, context({ dryRun: true }))
    expect((wished as unknown as Json)['spec']).toEqual({ ...autoscaler, minReplicas: 1, targetCPUUtilizationPercentage: 80 })
  })

  it('keeps what it has no field for in annotations, through updates too', async () => {
    const { verbs } = await registry()
    const behavior = { scaleDown: { stabilizationWindowSeconds: 60, policies: [{ type: 'Pods', value: 4, periodSeconds: 60 }] } }
    await made(verbs, horizontalPodAutoscaler, { spec: { ...autoscaler, metrics: [memory, external], behavior } })
    const before = await seen(verbs, horizontalPodAutoscaler)
    const old = await seen(verbs, horizontalPodAutoscalerV1)
    expect(JSON.parse(old.metadata.annotations!['autoscaling.alpha.kubernetes.io/metrics']!)).toEqual([
      { type: 'Resource', resource: { name: 'memory', targetAverageValue: '1Gi' } },
      { type: 'External', external: { metricName: 'queue', metricSelector: { matchLabels: { a: 'b' } }, targetValue: '30' } },
    ])
    await verbs.patch(horizontalPodAutoscalerV1, ref, { type: 'merge', body: { spec: { maxReplicas: 9 } } }, context())
    const after = await seen(verbs, horizontalPodAutoscaler)
    expect(after['spec']).toEqual({ ...(before['spec'] as Json), maxReplicas: 9 })
    expect(after.metadata.annotations).toBeUndefined()
  })
})

describe('a beta', () => {
  it('of the same shape shows the same objects', async () => {
    const { verbs } = await registry()
    const template = { spec: { template: { spec: { containers: [{ name: 'c', image: 'busybox' }], restartPolicy: 'Never' } } } }
    const created = await made(verbs, cronJobV1Beta1, { spec: { schedule: '* * * * *', jobTemplate: template } })
    expect(created).toMatchObject({ apiVersion: 'batch/v1beta1', spec: { concurrencyPolicy: 'Allow' } })
    expect(await seen(verbs, cronJob)).toMatchObject({ apiVersion: 'batch/v1' })
    const next = { ...created, spec: { ...(created['spec'] as Json), suspend: true } }
    await verbs.update(cronJobV1Beta1, ref, next, context())
    expect(await seen(verbs, cronJob)).toMatchObject({ spec: { suspend: true }, metadata: { generation: 2 } })
  })

  it('of a budget with an empty selector selects nothing, and says so in version 1', async () => {
    const { verbs } = await registry()
    await made(verbs, podDisruptionBudgetV1Beta1, { spec: { minAvailable: 1, selector: {} } })
    expect((await seen(verbs, podDisruptionBudgetV1Beta1))['spec']).toEqual({ minAvailable: 1, selector: {} })
    expect((await seen(verbs, podDisruptionBudget))['spec']).toMatchObject({ selector: { matchExpressions: [{ key: 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match', operator: 'Exists' }] } })
  })

  it('of an EndpointSlice has the node and the zone in its topology', async () => {
    const { verbs } = await registry()
    const topology = { 'kubernetes.io/hostname': 'n1', 'topology.kubernetes.io/zone': 'z', mine: 'x' }
    await made(verbs, endpointSliceV1Beta1, { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], topology }] })
    expect((await seen(verbs, endpointSlice))['endpoints']).toEqual([{ addresses: ['10.0.0.1'], conditions: {}, nodeName: 'n1', zone: 'z', deprecatedTopology: { mine: 'x' } }])
    expect((await seen(verbs, endpointSliceV1Beta1))['endpoints']).toEqual([{ addresses: ['10.0.0.1'], conditions: {}, nodeName: 'n1', topology }])
  })

  it('of an Ingress has its backends flat', async () => {
    const { verbs } = await registry()
    const rules = [{ host: 'a.example', http: { paths: [{ path: '/', backend: { serviceName: 'web', servicePort: 'http' } }] } }]
    await made(verbs, ingressV1Beta1, { spec: { rules } })
    expect((await seen(verbs, ingress))['spec']).toEqual({
      rules: [{ host: 'a.example', http: { paths: [{ path: '/', pathType: 'ImplementationSpecific', backend: { service: { name: 'web', port: { name: 'http' } } } }] } }],
    })
    expect((await seen(verbs, ingressV1Beta1))['spec']).toMatchObject({ rules })
    expect((await refusal(made(verbs, ingressV1Beta1, { spec: { rules: [{ http: { paths: [{ path: '/' }] } }] } }, 'b'))).code).toBe(422)
  })

  it('is deprecated, and every answer says so', async () => {
    const { call } = await served()
    const sentence = 'batch/v1beta1 CronJob is deprecated in v1.21+, unavailable in v1.25+; use batch/v1 CronJob'
    const listed = await call('/apis/batch/v1beta1/namespaces/default/cronjobs')
    expect(listed.headers['warning']).toBe(`299 - "${sentence}"`)
    expect((await call('/apis/batch/v1/namespaces/default/cronjobs')).headers['warning']).toBeUndefined()
  })
})

describe('versions of the same objects', () => {
  it('are listed, the preferred one first, and counted once', async () => {
    const { call } = await served()
    const groups = (await call('/apis')).json<{ groups: Array<{ name: string; preferredVersion: { version: string }; versions: Array<{ version: string }> }> }>().groups
    const versions = Object.fromEntries(groups.map(({ name, versions: each }) => [name, each.map(({ version }) => version)]))
    expect(versions).toMatchObject({
      autoscaling: ['v2', 'v1', 'v2beta2'], batch: ['v1', 'v1beta1'], policy: ['v1', 'v1beta1'], 'networking.k8s.io': ['v1', 'v1beta1'], 'discovery.k8s.io': ['v1', 'v1beta1'],
      'events.k8s.io': ['v1'],
    })
    expect(groups.every(({ preferredVersion, versions: each }) => preferredVersion.version === each[0]?.version)).toBe(true)
    const { objects } = new Kinds(kinds)
    expect(objects.filter(({ kind }) => kind === 'Event').map(({ apiVersion }) => apiVersion)).toEqual(['v1'])
    expect(objects.filter(({ stored }) => stored?.kind)).toEqual([])
  })

  it('have a document of their own', async () => {
    const { call } = await served()
    for (const group of ['events.k8s.io/v1', 'autoscaling/v1', 'batch/v1beta1', 'networking.k8s.io/v1beta1']) {
      const { components } = (await call(`/openapi/v3/apis/${group}`)).json<{ components: { schemas: Record<string, Json> } }>()
      const [name = '', version] = group.split('/')
      const gvks = Object.values(components.schemas).flatMap((schema) => (schema['x-kubernetes-group-version-kind'] ?? []) as Array<{ group: string; version: string; kind: string }>)
      expect(gvks.filter((gvk) => gvk.group === name && gvk.version === version && !/List|Options/.test(gvk.kind))).not.toEqual([])
    }
    const v2 = (await call('/openapi/v2')).json<{ definitions: Record<string, Json> }>()
    expect(v2.definitions['io.k8s.api.batch.v1.CronJob']?.['x-kubernetes-group-version-kind']).toEqual([
      { group: 'batch', kind: 'CronJob', version: 'v1' }, { group: 'batch', kind: 'CronJob', version: 'v1beta1' },
    ])
  })

  it('are shown in tables alike', async () => {
    const { call, verbs } = await served()
    await made(verbs, event, newEvent)
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const table = async (path: string) => (await call(path, { headers: { accept } })).json<{ rows: Array<{ cells: unknown[] }> }>().rows.map(({ cells }) => cells.slice(1))
    expect(await table('/apis/events.k8s.io/v1/namespaces/default/events')).toEqual(await table('/api/v1/namespaces/default/events'))
  })
})

it('ends a watch with the reason when its objects cannot be converted', async () => {
  const { verbs, store } = await registry()
  const broken: AnyKind = { ...cronJob, stored: { toStored: (object) => object, fromStored: (stored) => stored, ask: () => Promise.reject(new Error('no answer')) } }
  const failing: AnyKind = { ...broken, stored: { ...broken.stored!, fromStored: () => { throw new Error('no answer') } } }
  const told = listener()
  let reason: unknown
  await verbs.watch(failing, { resourceVersion: String(store.revision) }, told.tell, (error) => (reason = error))
  await made(verbs, cronJob, { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { containers: [{ name: 'c', image: 'busybox' }], restartPolicy: 'Never' } } } } } })
  await eventually('the watch to end', () => reason !== undefined)
  expect(told.seen).toEqual([])
})
