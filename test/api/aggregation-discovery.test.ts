import { expect, test } from 'vitest'
import { planLocal } from '../../src-main/api/aggregation/local-services.ts'
import { upgraded } from '../../src-main/api/aggregation/openapi-upgrade.ts'
import { merge } from '../../src-main/api/aggregation/specs.ts'
import { apiService, type APIService } from '../../src-main/kinds/apiregistration/api-service.ts'
import { customResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import { kinds } from '../../src-main/kinds/index.ts'
import { defineKind } from '../../src-main/kinds/kind.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { aggregating, available, condition, deploy, expose, extensionServer, group, register, registration } from './extension-server.ts'
import { context, refusal } from './registry-fixture.ts'
import { eventually } from '../fixtures/eventually.ts'

const aggregatedList = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
type Groups = { items: Array<{ metadata: { name?: string }; versions: Array<{ version: string; freshness: string; resources: Array<Record<string, unknown>> }> }> }

async function ready() {
  const extension = await extensionServer()
  const server = await aggregating(extension)
  await deploy(server)
  await register(server, extension)
  await available(server, 'Passed')
  return { extension, server }
}

test('shows an aggregated group in discovery, where its priority puts it', async () => {
  const { server } = await ready()
  const { groups } = (await server.call('/apis')).json<{ groups: Array<{ name: string; preferredVersion: object }> }>()
  const names = groups.map(({ name }) => name)
  expect(names.slice(0, 2)).toEqual(['apiregistration.k8s.io', 'apps'])
  expect(names.indexOf('batch')).toBeGreaterThan(names.indexOf('autoscaling'))
  expect(names.at(-1)).toBe(group)
  expect(groups.at(-1)!.preferredVersion).toEqual({ groupVersion: `${group}/v1alpha1`, version: 'v1alpha1' })
  expect((await server.call(`/apis/${group}`)).json()).toMatchObject({ kind: 'APIGroup', name: group })
  expect((await server.call(`/apis/${group}/v1alpha1`)).json()).toMatchObject({ kind: 'APIResourceList', groupVersion: `${group}/v1alpha1` })
})

test('tells in aggregated discovery what an extension server has, and that it is stale once it does not answer', async () => {
  const { extension, server } = await ready()
  const shown = async () => (await server.call('/apis', { headers: { accept: aggregatedList } })).json<Groups>().items.find(({ metadata }) => metadata.name === group)?.versions[0]
  expect(await shown()).toEqual({
    version: 'v1alpha1', freshness: 'Current',
    resources: [{
      resource: 'flunders', responseKind: { group, version: 'v1alpha1', kind: 'Flunder' }, scope: 'Namespaced', singularResource: 'flunder',
      verbs: ['get', 'list', 'watch', 'create'], shortNames: ['fl'],
      subresources: [{ subresource: 'status', responseKind: { group, version: 'v1alpha1', kind: 'Flunder' }, verbs: ['get'] }],
    }],
  })
  extension.answer = (_req, res) => Boolean(res.writeHead(500).end())
  server.clock.advance(30_000)
  expect((await available(server, 'FailedDiscoveryCheck'))['message']).toBe(`failing or missing response from https://api.wardle.svc:443/apis/${group}/v1alpha1: bad status from https://api.wardle.svc:443/apis/${group}/v1alpha1: 500`)
  expect(await shown()).toMatchObject({ freshness: 'Stale', resources: [{ resource: 'flunders' }] })
})

test('notices that the endpoints are gone, and that they are back', async () => {
  const { server } = await ready()
  await server.verbs.delete(endpointSlice, { namespace: 'wardle', name: 'api-1' }, {}, context())
  expect((await available(server, 'EndpointsNotFound'))['message']).toBe('cannot find endpointslices for service/api in "wardle"')
  await expose(server)
  expect(await available(server, 'Passed')).toMatchObject({ status: 'True', message: 'all checks passed' })
})

test('merges the OpenAPI of an extension server into v2, and links to it from v3', async () => {
  const { server } = await ready()
  const v2 = (await server.call('/openapi/v2')).json<{ paths: object; definitions: object }>()
  expect(Object.keys(v2.paths)).toContain(`/apis/${group}/v1alpha1/flunders`)
  expect(Object.keys(v2.paths)).not.toContain('/apis/other/v1/things')
  // what a server says once for all its paths is said at the paths that are taken over
  expect(v2.paths).toHaveProperty([`/apis/${group}/v1alpha1/flunders`, 'get', 'parameters'], [{ name: 'limit', in: 'query', type: 'integer' }])
  expect(Object.keys(v2.definitions)).toEqual(expect.arrayContaining(['Flunder', 'FlunderSpec', 'io.k8s.api.core.v1.Pod']))
  expect(Object.keys(v2.definitions)).not.toContain('Unused')
  const { paths } = (await server.call('/openapi/v3')).json<{ paths: Record<string, { serverRelativeURL: string }> }>()
  expect((await server.call(paths[`apis/${group}/v1alpha1`]!.serverRelativeURL)).json()).toEqual({ openapi: '3.0.0', info: { title: 'wardle' } })
})

test('gives a definition of a known name and another content a name of its own', () => {
  const own = { paths: {}, definitions: { Thing: { type: 'string' } } }
  const spec = { paths: { '/apis/a/v1/x': { $ref: '#/definitions/Thing' } }, definitions: { Thing: { type: 'object' } } }
  expect(merge(own, spec, '/apis/a/v1')).toEqual({ paths: { '/apis/a/v1/x': { $ref: '#/definitions/Thing_v2' } }, definitions: { Thing: { type: 'string' }, Thing_v2: { type: 'object' } } })
})

test('says in the words of v3 what an extension server publishes as v2 alone', () => {
  expect(upgraded({
    info: { title: 'x' },
    paths: { '/apis/a/v1/x': { post: { consumes: ['application/json'], parameters: [{ in: 'body', name: 'body', schema: { $ref: '#/definitions/T' } }, { in: 'query', name: 'q', type: 'string' }], responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/T' } } } } } },
    definitions: { T: { type: 'object' } },
  })).toEqual({
    openapi: '3.0.0', info: { title: 'x' },
    paths: { '/apis/a/v1/x': { post: {
      parameters: [{ in: 'query', name: 'q', schema: { type: 'string' } }],
      requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/T' } } } },
      responses: { 200: { description: 'OK', content: { '*/*': { schema: { $ref: '#/components/schemas/T' } } } } },
    } } },
    components: { schemas: { T: { type: 'object' } } },
  })
})

test('keeps a local APIService for every group version of its own, but for the aggregator’s', async () => {
  const server = await aggregating(await extensionServer())
  const { items } = await server.verbs.list(apiService, {})
  const names = items.map(({ object }) => object.metadata.name)
  expect(names).toEqual(expect.arrayContaining(['v1.', 'v1.apps', 'v1.flowcontrol.apiserver.k8s.io']))
  expect(names).not.toContain('v1.apiregistration.k8s.io')
  const apps = (await server.verbs.get(apiService, { name: 'v1.apps' })).object
  expect(apps).toMatchObject({ metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } }, spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17_800, versionPriority: 15 } })
  expect(await condition(server, 'v1.apps')).toMatchObject({ type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available' })
  const { rows } = (await server.call('/apis/apiregistration.k8s.io/v1/apiservices', { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })).json<{ rows: Array<{ cells: string[] }> }>()
  expect(rows.map(({ cells }) => cells.slice(0, 3))).toContainEqual(['v1.apps', 'Local', 'True'])
})

test('keeps one for a custom group version too, as long as there is a definition', async () => {
  const server = await aggregating(await extensionServer())
  const exists = async () => (await server.verbs.list(apiService, {})).items.some(({ object }) => object.metadata.name === 'v1.acme.com')
  const kind = { ...defineKind({ group: 'acme.com', version: 'v1', kind: 'Widget', plural: 'widgets', namespaced: true, schema: 'com.acme.v1.Widget' }), custom: customResourceDefinition.custom ?? ({} as never) }
  server.kinds.set('widgets.acme.com', [kind])
  await eventually('the APIService', exists)
  server.kinds.set('widgets.acme.com', [])
  await eventually('it to go', async () => !(await exists()))
})

const local = (name: string, label: string, spec: object): APIService => ({
  apiVersion: apiService.apiVersion, kind: apiService.kind, metadata: { name, labels: { 'kube-aggregator.kubernetes.io/automanaged': label } },
  spec: { groupPriorityMinimum: 1, versionPriority: 1, ...spec },
})

test('leaves an APIService alone that somebody gave a service, whatever its label says', () => {
  const metrics = defineKind({ group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics', plural: 'pods', namespaced: true, schema: '' })
  const replaced = local('v1beta1.metrics.k8s.io', 'true', { group: 'metrics.k8s.io', version: 'v1beta1', service: { namespace: 'kube-system', name: 'metrics-server' } })
  expect(planLocal([metrics], [replaced], true)).toEqual({ create: [], update: [], remove: [] })
  expect(planLocal([metrics], [], false).create.map(({ metadata }) => metadata.name)).toEqual(['v1beta1.metrics.k8s.io'])
})

test('makes what belongs to the start at the start alone', () => {
  expect(planLocal(kinds, [], false).create).toEqual([])
  const gone = local('v1.gone.example.com', 'onstart', { group: 'gone.example.com', version: 'v1' })
  expect(planLocal([], [gone], false).remove).toEqual([])
  expect(planLocal([], [gone], true).remove).toEqual(['v1.gone.example.com'])
})

test.each([
  [{ group: 'other' }, 'metadata.name: Invalid value: "v1alpha1.wardle.example.com": must be `spec.version+"."+spec.group`: "v1alpha1.other"'],
  [{ groupPriorityMinimum: 20_001 }, 'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000'],
  [{ versionPriority: 0 }, 'spec.versionPriority: Invalid value: 0: must be positive and less than 1000'],
  [{ insecureSkipTLSVerify: true }, 'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present'],
  [{ service: undefined, caBundle: 'YWJj' }, 'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle'],
  [{ service: { namespace: 'a', name: 'b', port: 70_000 } }, 'spec.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive'],
])('refuses an APIService with %j', async (spec, message) => {
  const extension = await extensionServer()
  const server = await aggregating(extension)
  const { status } = await refusal(server.verbs.create(apiService, undefined, registration(extension, spec), context()))
  expect(status.message).toContain(message)
})
