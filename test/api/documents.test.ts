import { describe, expect, it } from 'vitest'
import { kinds } from '../../src-main/kinds/index.ts'
import { served } from './served-fixture.ts'

interface Resource { name: string; kind: string; verbs: string[]; group?: string; shortNames?: string[] }
interface Schema { $ref?: string; properties?: Record<string, Schema & Record<string, unknown>>; description?: string }

describe('discovery', () => {
  it('lists groups, versions and resources as the legacy documents', async () => {
    const { call } = await served()
    expect((await call('/api')).json()).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
    const groups = (await call('/apis')).json<{ groups: Array<{ name: string; preferredVersion: object }> }>().groups
    expect(groups.find(({ name }) => name === 'apps')?.preferredVersion).toEqual({ groupVersion: 'apps/v1', version: 'v1' })
    const { resources } = (await call('/api/v1')).json<{ resources: Resource[] }>()
    expect(resources.find(({ name }) => name === 'pods')).toMatchObject({ kind: 'Pod', shortNames: ['po'] })
    expect(resources.find(({ name }) => name === 'pods/log')?.verbs).toEqual(['get'])
    const apps = (await call('/apis/apps/v1')).json<{ resources: Resource[] }>().resources
    expect(apps.find(({ name }) => name === 'deployments/scale')).toMatchObject({ group: 'autoscaling', kind: 'Scale' })
    expect((await call('/apis/nothing.example')).code).toBe(404)
  })

  it('answers some documents whatever the method, as Kubernetes does, and knows no other paths', async () => {
    const { call } = await served()
    const codes = async (...paths: string[]) => Promise.all(paths.map(async (path) => (await call(path, { method: 'PUT' })).code))
    expect(await codes('/', '/apis', '/metrics', '/openapi/v2', '/openapi/v3')).toEqual([200, 200, 200, 200, 200])
    expect(await codes('/api', '/api/v1', '/apis/apps', '/apis/apps/v1', '/version')).toEqual([405, 405, 405, 405, 405])
    expect(await codes('/nothing', '/apis/nothing.example')).toEqual([404, 404])
  })

  it('gives everything in one answer to those who ask, and 304 to those who have it', async () => {
    const { call } = await served()
    const accept = (v: string) => `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`
    for (const version of ['v2', 'v2beta1']) {
      const answer = await call('/apis', { headers: { accept: `${accept('v9')},${accept(version)},application/json` } })
      expect(answer.headers['content-type']).toBe(accept(version))
      const apps = answer.json<{ items: Array<{ metadata: { name: string }; versions: Array<{ resources: Array<{ resource: string; scope: string }> }> }> }>().items.find((i) => i.metadata.name === 'apps')
      expect(apps?.versions[0]?.resources.find(({ resource }) => resource === 'deployments')?.scope).toBe('Namespaced')
      const again = await call('/apis', { headers: { accept: accept(version), 'if-none-match': answer.headers.etag ?? '' } })
      expect(again.code).toBe(304)
    }
  })
})

describe('OpenAPI', () => {
  it('describes every kind, with docs and merge keys, and refers to nothing that is not there', async () => {
    const { call } = await served()
    const document = (await call('/openapi/v2')).json<{ definitions: Record<string, Schema>; paths: Record<string, Record<string, { parameters?: Array<{ name: string }> }>> }>()
    for (const kind of kinds) expect(document.definitions[kind.schema]).toHaveProperty(['x-kubernetes-group-version-kind', 0, 'kind'], kind.kind)
    const containers = document.definitions['io.k8s.api.core.v1.PodSpec']?.properties?.['containers']
    expect(containers).toMatchObject({ 'x-kubernetes-patch-merge-key': 'name', 'x-kubernetes-patch-strategy': 'merge' })
    expect(containers?.description).toMatch(/^List of containers belonging to the pod/)
    const refs = [...JSON.stringify(document).matchAll(/"#\/definitions\/([^"]+)"/g)].map((match) => match[1]!)
    expect(refs.filter((ref) => !Object.hasOwn(document.definitions, ref))).toEqual([])
    const patch = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch']
    expect(patch?.parameters?.map(({ name }) => name)).toEqual(expect.arrayContaining(['dryRun', 'fieldValidation']))
  })

  it('says something of every field, but for those of which Kubernetes says nothing, and keeps its paragraphs', async () => {
    const { call } = await served()
    const { definitions } = (await call('/openapi/v2')).json<{ definitions: Record<string, Schema> }>()
    const fields = Object.entries(definitions).flatMap(([type, { properties = {} }]) => Object.entries(properties).map(([name, field]) => ({ of: `${type.split('.').at(-1)}.${name}`, field })))
    const silent = fields.filter(({ field }) => !field.description).map(({ of }) => of.replace(/^(JSONSchemaProps|ExternalDocumentation)\..*/, '$1'))
    const version = ['buildDate', 'compiler', 'gitCommit', 'gitTreeState', 'gitVersion', 'goVersion', 'platform'].map((name) => `Info.${name}`)
    expect(new Set(silent)).toEqual(new Set(['CertificateSigningRequest.metadata', 'CertificateSigningRequestList.metadata', 'IngressRule.http', 'JSONSchemaProps', 'ExternalDocumentation', 'WatchEvent.type', ...version]))
    expect(definitions['io.k8s.api.core.v1.PodSpec']?.properties?.['dnsPolicy']?.description).toContain('\n\nPossible enum values:\n - `"ClusterFirst"` indicates')
    expect(fields.filter(({ field }) => /\\[*/]|\*_|@deprecated|&#/.test(field.description ?? '')).map(({ of }) => of)).toEqual([])
  })

  it('tells defaults in version 3 alone, and the words of a field in both', async () => {
    const { call } = await served()
    const { definitions } = (await call('/openapi/v2')).json<{ definitions: Record<string, Schema> }>()
    const { schemas } = (await call('/openapi/v3/api/v1')).json<{ components: { schemas: Record<string, Schema> } }>().components
    const [port, newer] = [definitions, schemas].map((types) => types['io.k8s.api.core.v1.ContainerPort']?.properties?.['protocol'])
    expect(port).toMatchObject({ type: 'string', enum: ['SCTP', 'TCP', 'UDP'] })
    expect(port).not.toHaveProperty('default')
    expect(newer).toMatchObject({ default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] })
    expect(schemas['io.k8s.api.core.v1.Pod']?.properties?.['status']).toMatchObject({ default: {}, allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.PodStatus' }] })
    expect(schemas['io.k8s.api.core.v1.SecretKeySelector']).toMatchObject({ 'x-kubernetes-map-type': 'atomic' })
    expect(schemas['io.k8s.api.core.v1.SeccompProfile']).toMatchObject({ 'x-kubernetes-unions': [{ discriminator: 'type', 'fields-to-discriminateBy': { localhostProfile: 'LocalhostProfile' } }] })
    expect(JSON.stringify(definitions)).not.toContain('"default":{}')
  })

  it('calls every operation by a name of its own, in the words of Kubernetes', async () => {
    const { call } = await served()
    const { paths } = (await call('/openapi/v2')).json<{ paths: Record<string, Record<string, { operationId?: string; description?: string; responses?: object }>> }>()
    const ids = Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ operationId }) => operationId ?? []))
    expect(new Set(ids).size).toBe(ids.length)
    const pods = paths['/api/v1/namespaces/{namespace}/pods']
    expect(pods?.['delete']).toMatchObject({ operationId: 'deleteCoreV1CollectionNamespacedPod', description: 'delete collection of Pod' })
    expect(Object.keys(pods?.['post']?.responses ?? {})).toEqual(['200', '201', '202', '401'])
    expect(paths['/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses']?.['post']).toMatchObject({ description: 'create an Ingress' })
    expect(paths['/api/v1/namespaces/{namespace}/pods/{name}/eviction']?.['post']).toMatchObject({
      operationId: 'createCoreV1NamespacedPodEviction', description: 'create eviction of a Pod', 'x-kubernetes-group-version-kind': { group: 'policy', version: 'v1', kind: 'Eviction' },
    })
  })

  it('describes connections, logs, watches of old and the documents themselves', async () => {
    const { call } = await served()
    const { paths, security } = (await call('/openapi/v2')).json<{ paths: Record<string, Record<string, unknown>>; security: unknown }>()
    const anything = { 200: { description: 'OK', schema: { type: 'string' } }, 401: { description: 'Unauthorized' } }
    expect(Object.keys(paths['/api/v1/nodes/{name}/proxy/{path}'] ?? {}).sort()).toEqual(['delete', 'get', 'head', 'options', 'parameters', 'patch', 'post', 'put'])
    expect(paths['/api/v1/nodes/{name}/proxy/{path}']?.['head']).toMatchObject({ operationId: 'connectCoreV1HeadNodeProxyWithPath', description: 'connect HEAD requests to proxy of Node', consumes: ['*/*'], produces: ['*/*'], responses: anything })
    expect(paths['/api/v1/namespaces/{namespace}/pods/{name}/exec']?.['post']).toMatchObject({
      'operationId': 'connectCoreV1PostNamespacedPodExec', 'x-kubernetes-action': 'connect', 'x-kubernetes-group-version-kind': { group: '', version: 'v1', kind: 'PodExecOptions' },
    })
    expect(paths['/api/v1/namespaces/{namespace}/pods/{name}/log']?.['get']).toMatchObject({ operationId: 'readCoreV1NamespacedPodLog', produces: ['text/plain', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'], responses: anything })
    expect(paths['/apis/rbac.authorization.k8s.io/v1/watch/namespaces/{namespace}/roles/{name}']?.['get']).toMatchObject({
      'operationId': 'watchRbacAuthorizationV1NamespacedRole', 'tags': ['rbacAuthorization_v1'], 'x-kubernetes-action': 'watch', 'responses': { 200: { schema: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent' } } },
    })
    expect(paths['/api/v1/watch/pods']?.['get']).toMatchObject({ 'operationId': 'watchCoreV1PodListForAllNamespaces', 'x-kubernetes-action': 'watchlist' })
    expect(paths['/apis/apps/']?.['get']).toMatchObject({ operationId: 'getAppsAPIGroup', tags: ['apps'] })
    expect(security).toEqual([{ BearerToken: [] }])
  })

  it('says parameters in the words of Kubernetes, in version 2 once for all that take them', async () => {
    const { call } = await served()
    type Named = { name?: string; $ref?: string; description?: string }
    type Item = Record<string, { parameters: Named[] }> & { parameters: Named[] }
    const { paths, parameters } = (await call('/openapi/v2')).json<{ paths: Record<string, Item>; parameters: Record<string, Named> }>()
    const names = (given: readonly Named[]) => given.map(({ name, $ref }) => name ?? $ref?.replace(/^#\/parameters\/(\w+)-.*/, '@$1'))
    const pods = paths['/api/v1/namespaces/{namespace}/pods']!
    expect(names(pods.parameters)).toEqual(['@namespace', '@pretty'])
    // old clients look for these two where they may be said
    expect(names(pods['post']!.parameters)).toEqual(['body', 'dryRun', '@fieldManager', 'fieldValidation'])
    // the names that a server of the same parameters gives them
    expect(Object.keys(parameters)).toEqual(expect.arrayContaining(['allowWatchBookmarks-HC2hJt-J', 'body-2Y1dVQaQ', 'continue-QfD61s0i', 'namespace-vgWSWtn3', 'pretty-tJGM1-ng', 'watch-XNNPZGbK']))
    const refs = [...JSON.stringify(paths).matchAll(/"#\/parameters\/([^"]+)"/g)].map((match) => match[1]!)
    expect(refs.filter((ref) => !Object.hasOwn(parameters, ref))).toEqual([])
    const newer = (await call('/openapi/v3/api/v1')).json<{ paths: Record<string, Item> }>().paths
    expect(newer['/api/v1/pods']!.parameters.find(({ name }) => name === 'fieldSelector')).toEqual({
      name: 'fieldSelector', in: 'query', description: 'A selector to restrict the list of returned objects by their fields. Defaults to everything.', schema: { type: 'string', uniqueItems: true },
    })
  })

  it('names each v3 document by its content', async () => {
    const { call } = await served()
    const { paths } = (await call('/openapi/v3')).json<{ paths: Record<string, { serverRelativeURL: string }> }>()
    const url = paths['apis/apps/v1']!.serverRelativeURL
    expect(url).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{64}/)
    const document = await call(url)
    const { schemas } = document.json<{ components: { schemas: Record<string, Schema> } }>().components
    expect(schemas['io.k8s.api.apps.v1.Deployment']).toHaveProperty(['x-kubernetes-group-version-kind', 0, 'group'], 'apps')
    const refs = [...document.text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]!)
    expect(refs.filter((ref) => !Object.hasOwn(schemas, ref))).toEqual([])
    expect((await call('/openapi/v3/apis/nothing/v1')).code).toBe(404)
  })

  it('has the v2 document as the protobuf older clients ask for, under a media type they can read', async () => {
    const { call } = await served()
    const answer = await call('/openapi/v2', { headers: { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' } })
    expect(answer.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf')
    // field 1 is swagger, field 9 the definitions: each a named schema whose third level begins with its name
    expect(answer.bytes.subarray(0, 5)).toEqual(Buffer.from([0x0a, 0x03, ...Buffer.from('2.0')]))
    expect(fieldsOf(answer.bytes).map(([number]) => number).sort((a, b) => a - b)).toEqual([1, 2, 8, 9, 10, 12, 13])
    const named = fieldsOf(fieldsOf(answer.bytes).find(([number]) => number === 9)![1]).map(([, pair]) => fieldsOf(pair)[0]![1].toString())
    expect(named).toEqual(Object.keys((await call('/openapi/v2')).json<{ definitions: object }>().definitions))
  })
})

/** The length-delimited fields of a protobuf message. */
function fieldsOf(bytes: Buffer): Array<[number, Buffer]> {
  const fields: Array<[number, Buffer]> = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const length = varint()
    fields.push([tag >> 3, bytes.subarray(at, (at += length))])
  }
  return fields
}
