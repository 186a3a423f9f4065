import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { serveDefinitions } from '../../src-main/api/custom/serve.ts'
import { systemClock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { Informers } from '../../src-main/client/informer.ts'
import { localClient } from '../../src-main/client/local.ts'
import { runController } from '../../src-main/controllers/controller.ts'
import { controllers } from '../../src-main/controllers/index.ts'
import { type Answer, type Asked, served, type Served } from './served-fixture.ts'

const group = 'example.com'
const root = `/apis/${group}/v1/namespaces/default/widgets`

interface Version { name: string; served: boolean; storage: boolean; [more: string]: unknown }
const version = (name: string, more: object = {}): Version => ({
  name, served: true, storage: true, subresources: { status: {} },
  schema: { openAPIV3Schema: { type: 'object', properties: {
    spec: { type: 'object', properties: { size: { type: 'integer', maximum: 10, default: 1 }, color: { type: 'string' } } },
    status: { type: 'object', properties: { ready: { type: 'boolean' } } },
  } } },
  ...more,
})
const definition = (versions: Version[] = [version('v1')], names: object = {}, name = 'widgets') => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${name}.${group}` },
  spec: { group, scope: 'Namespaced', versions, names: { plural: name, kind: 'Widget', shortNames: ['wd'], ...names } },
})
const widget = (name: string, spec: object = {}, apiVersion = `${group}/v1`) => ({ apiVersion, kind: 'Widget', metadata: { name }, spec })

interface World extends Served {
  ask(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answer>
  define(body?: object): Promise<void>
}

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** A served registry with definitions and every controller. */
async function world(): Promise<World> {
  const fixture = await served()
  await serveDefinitions(fixture.verbs, fixture.kinds, silent)
  const abort = new AbortController()
  const { signal } = abort
  const client = localClient(fixture.verbs, { name: 'controllers', groups: ['system:masters'] })
  const informers = new Informers(client, systemClock, silent, signal)
  fixture.kinds.subscribe(({ removed }) => removed.forEach((kind) => informers.drop(kind)))
  const recorder = () => ({ event: () => undefined })
  const running = controllers.filter(({ name }) => /customresource|namespace|garbage/.test(name))
    .map((controller) => runController(controller, { client, informers, recorder, kinds: fixture.kinds, clock: systemClock, log: silent, signal }))
  onTestFinished(async () => {
    abort.abort()
    await Promise.all(running)
  })
  const ask = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    fixture.call(path, { method, headers, ...(body ? { body } : {}) } satisfies Asked)
  return {
    ...fixture, ask,
    async define(body = definition()) {
      const answer = await ask('POST', crds, body)
      expect(answer.code, answer.text).toBe(201)
      await comesTrue(async () => expect((await ask('GET', `${crds}/${answer.json<{ metadata: { name: string } }>().metadata.name}`)).text).toContain('"type":"Established","status":"True"'))
    },
  }
}


const comesTrue = (look: () => Promise<void>): Promise<void> => vi.waitFor(look, { timeout: 5000, interval: 5 })
const merge = { 'content-type': 'application/merge-patch+json' }

describe('a custom resource definition', () => {
  it('is served, discovered and described as soon as it is established', async () => {
    const { ask, define } = await world()
    expect((await ask('GET', root)).code).toBe(404)
    const before = (await ask('GET', '/openapi/v3')).text
    await define()
    expect((await ask('GET', root)).json()).toMatchObject({ kind: 'WidgetList', apiVersion: 'example.com/v1', items: [] })
    expect((await ask('GET', '/apis/example.com/v1')).json<{ resources: object[] }>().resources).toEqual([
      expect.objectContaining({ name: 'widgets', singularName: 'widget', shortNames: ['wd'], kind: 'Widget' }), expect.objectContaining({ name: 'widgets/status' })])
    expect((await ask('GET', '/openapi/v3')).text).not.toBe(before)
    const { components } = (await ask('GET', '/openapi/v3/apis/example.com/v1')).json<{ components: { schemas: Record<string, { properties: object }> } }>()
    expect(components.schemas['com.example.v1.Widget']?.properties).toMatchObject({ spec: { properties: { size: { default: 1 } } }, apiVersion: { type: 'string' } })
    const v2 = (await ask('GET', '/openapi/v2')).json<{ paths: Record<string, { patch?: { consumes: string[] } }> }>()
    expect(v2.paths[`/apis/example.com/v1/namespaces/{namespace}/widgets/{name}`]?.patch?.consumes).not.toContain('application/strategic-merge-patch+json')
  })

  it('has defaults, drops the unknown with a warning or refuses it, and counts generations', async () => {
    const { ask, define } = await world()
    await define()
    const made = await ask('POST', root, { ...widget('a', { color: 'red', unknown: 1 }), status: { ready: true } })
    expect(made.code, made.text).toBe(201)
    expect(made.headers.warning).toContain('unknown field \\"spec.unknown\\"')
    expect(made.json()).toMatchObject({ metadata: { generation: 1 }, spec: { size: 1, color: 'red' } })
    expect(made.json()).not.toHaveProperty('status')
    expect((await ask('POST', `${root}?fieldValidation=Strict`, widget('b', { unknown: 1 }))).json()).toMatchObject({ code: 400, message: expect.stringContaining('unknown field "spec.unknown"') as string })
    const wrong = await ask('PATCH', `${root}/a`, { spec: { size: 11 } }, merge)
    expect(wrong.json()).toMatchObject({ code: 422, reason: 'Invalid', message: 'Widget.example.com "a" is invalid: spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10' })
    expect((await ask('PATCH', `${root}/a/status`, { status: { ready: true }, spec: { size: 5 } }, merge)).json()).toMatchObject({ metadata: { generation: 1 }, spec: { size: 1 }, status: { ready: true } })
    expect((await ask('PATCH', `${root}/a`, { spec: { size: 5 } }, merge)).json()).toMatchObject({ metadata: { generation: 2 }, status: { ready: true } })
    expect((await ask('PATCH', `${root}/a`, {}, { 'content-type': 'application/strategic-merge-patch+json' })).code).toBe(415)
  })

  it('is written with its names in order, whoever wrote them and however', async () => {
    const { ask, define, verbs, kinds } = await world()
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    await define(definition([version('v1', { schema: { openAPIV3Schema: { type: 'object', properties: { spec: { ...open, properties: { m: { type: 'string', default: 'x' } } }, status: open } } } })]))
    const inOrder = ({ code, text }: Answer): void => {
      expect(code).toBeLessThan(300)
      JSON.parse(text, (_name, value: unknown) => {
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) expect(Object.keys(value), text).toEqual(Object.keys(value).sort())
        return value
      })
    }
    const body = { spec: { z: { b: 1, a: [{ d: 1, c: 2 }] }, b: 2 }, kind: 'Widget', metadata: { labels: { y: '1', x: '2' }, name: 'a' }, apiVersion: `${group}/v1` }
    inOrder(await ask('POST', `${root}?dryRun=All`, body))
    inOrder(await ask('POST', root, body))
    inOrder(await ask('PATCH', `${root}/a`, { spec: { c: { y: 1, x: 2 } }, metadata: { annotations: { n: '1', m: '2' } } }, merge))
    inOrder(await ask('PATCH', `${root}/a`, [{ op: 'add', path: '/spec/a', value: { v: 1, u: { t: 1, s: 1 } } }], { 'content-type': 'application/json-patch+json' }))
    inOrder(await ask('PATCH', `${root}/b?fieldManager=me`, { ...body, metadata: { name: 'b' } }, { 'content-type': 'application/apply-patch+yaml' }))
    inOrder(await ask('PATCH', `${root}/a/status`, { status: { z: 1, a: 2 } }, merge))
    const { resourceVersion } = (await ask('GET', `${root}/a`)).json<{ metadata: { resourceVersion: string } }>().metadata
    inOrder(await ask('PUT', `${root}/a`, { ...body, metadata: { name: 'a', resourceVersion, finalizers: ['example.com/stay'] } }))
    inOrder(await ask('DELETE', `${root}/a`))
    for (const path of [`${root}/a`, `${root}/b`, root, `${root}?limit=1`]) inOrder(await ask('GET', path))
    const told: string[] = []
    const watch = await verbs.watch(kinds.find(group, 'v1', 'widgets')!, { sendInitialEvents: true }, (each) => each.type === 'BOOKMARK' || told.push(each.item.bytes.toString()))
    watch.close()
    expect(told).toHaveLength(2)
    for (const text of told) inOrder({ code: 200, text } as Answer)
  })

  it('keeps the order of a large one too', async () => {
    const { ask, define } = await world()
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    await define(definition([version('v1', { schema: { openAPIV3Schema: { type: 'object', properties: { spec: open } } } })]))
    const many = Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`k${i}`, { z: i, a: [{ d: 1, c: 2 }] }]))
    const made = await ask('POST', root, { spec: { many, a: 1 }, kind: 'Widget', metadata: { name: 'a' }, apiVersion: `${group}/v1` })
    expect(made.code).toBe(201)
    expect(Object.keys(made.json<{ spec: { many: object } }>().spec.many)).toEqual(Object.keys(many).sort())
    expect(made.text).toContain('{"a":[{"c":2,"d":1}],"z":5999}')
    const patched = await ask('PATCH', `${root}/a`, { spec: { many: { a: 1 }, Z: { y: 1, x: 1 } } }, merge)
    expect(patched.text).toContain('"spec":{"Z":{"x":1,"y":1},"a":1,"many":{"a":1,"k0":')
    expect((await ask('GET', `${root}/a`)).text).toBe(patched.text)
  })

  it('without a status of its own door has one like any other field', async () => {
    const { ask, define } = await world()
    await define(definition([version('v1', { subresources: {} })]))
    expect((await ask('POST', root, { ...widget('a'), status: { ready: true } })).json()).toMatchObject({ status: { ready: true } })
    expect((await ask('PATCH', `${root}/a`, { status: { ready: false } }, merge)).json()).toMatchObject({ metadata: { generation: 2 }, status: { ready: false } })
    expect((await ask('GET', `${root}/a/status`)).code).toBe(404)
  })

  it('forgets who owns what when a version in which somebody wrote does not know what an object has', async () => {
    const { ask, define } = await world()
    const other = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { weight: { type: 'integer' } } } } } }
    await define(definition([version('v1'), version('v2', { storage: false, schema: other })]))
    const v2 = root.replace('v1', 'v2')
    const owners = async (path: string) => (await ask('GET', path)).json<{ metadata: { managedFields?: Array<{ manager: string }> } }>().metadata.managedFields?.map(({ manager }) => manager)
    await ask('POST', `${root}?fieldManager=one`, widget('a', { size: 2 }))
    await ask('PATCH', `${v2}/a?fieldManager=two`, { metadata: { labels: { x: 'y' } } }, merge)
    expect(await owners(`${root}/a`)).toEqual(['one', 'two'])
    await ask('PATCH', `${v2}/a?fieldManager=two`, { spec: { weight: 3 } }, merge)
    expect(await owners(`${v2}/a`)).toBeUndefined()
    // who applies is told
    const apply = { 'content-type': 'application/apply-patch+yaml' }
    expect((await ask('PATCH', `${root}/b?fieldManager=one`, widget('b', { size: 2 }), apply)).code).toBe(201)
    const applied = await ask('PATCH', `${v2}/b?fieldManager=two`, widget('b', { weight: 3 }, `${group}/v2`), apply)
    expect(applied.json()).toMatchObject({ code: 500, message: 'failed to convert new object: .spec.weight: field not declared in schema' })
  })

  it('takes nulls and empty lists that are applied for what they are', async () => {
    const { ask, define } = await world()
    const part = { type: 'object', properties: { parts: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } }, name: { type: 'string' } } }
    const properties = { spec: { type: 'object', properties: { size: { type: 'integer', default: 1 }, color: { type: 'string' }, note: { type: 'string', nullable: true }, part } } }
    await define(definition([version('v1', { schema: { openAPIV3Schema: { type: 'object', properties } } })]))
    const apply = (spec: object) => ask('PATCH', `${root}/a?fieldManager=m&force=true`, widget('a', spec), { 'content-type': 'application/apply-patch+yaml' })
    expect((await apply({ color: null, part: { name: null } })).json()).toMatchObject({
      code: 422, details: { causes: [{ field: 'spec.color', message: 'Invalid value: "null": spec.color in body must be of type string: "null"' }, { field: 'spec.part.name' }] },
    })
    const made = (await apply({ size: null, note: null, part: { parts: [] } })).json<{ spec: object; metadata: { managedFields: Array<{ fieldsV1: object }> } }>()
    expect(made.spec).toEqual({ size: 1, note: null, part: { parts: [] } })
    // an empty list that is merged says nothing, and so does what has nothing else in it
    expect(made.metadata.managedFields.map(({ fieldsV1 }) => fieldsV1)).toEqual([{ 'f:spec': { 'f:size': {}, 'f:note': {} } }])
    await ask('PATCH', `${root}/a`, { spec: { part: { parts: ['x'] } } }, merge)
    expect((await apply({ part: null })).json()).toMatchObject({ spec: { part: { parts: ['x'] } } })
  })

  it('is left a null where all is taken away that was applied, which its schema allows or not', async () => {
    const { ask, define } = await world()
    const name = { type: 'string' }
    const properties = { spec: { type: 'object', properties: {
      part: { type: 'object', nullable: true, properties: { name } }, map: { type: 'object', additionalProperties: name },
      items: { 'type': 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], 'items': { type: 'object', required: ['name'], properties: { name } } },
    } } }
    await define(definition([version('v1', { schema: { openAPIV3Schema: { type: 'object', properties } } })]))
    const apply = (spec: object, manager = 'm') => ask('PATCH', `${root}/a?fieldManager=${manager}`, widget('a', spec), { 'content-type': 'application/apply-patch+yaml' })
    await apply({ part: { name: 'x' }, map: { a: 'b' } })
    expect((await apply({ part: {} }, 'other')).code).toBe(200)
    // to take away the last of it is no conflict with who owns the whole
    expect((await apply({ part: {}, map: { a: 'b' } })).json()).toMatchObject({ spec: { part: null, map: { a: 'b' } } })
    expect((await apply({ map: {} })).json()).toMatchObject({ code: 422, details: { causes: [{ reason: 'FieldValueTypeInvalid', field: 'spec.map', message: 'Invalid value: "null": spec.map in body must be of type object: "null"' }] } })
    // a key that is null is a key
    expect((await apply({ items: [{ name: null }] }, 'third')).json()).toMatchObject({ code: 422, details: { causes: [{ field: 'spec.items[0].name', message: 'Invalid value: "null": spec.items[0].name in body must be of type string: "null"' }] } })
    expect((await apply({ items: [{ name: null }, { name: null }] }, 'third')).json<{ message: string }>().message).toContain('.spec.items: duplicate entries for key [name=null]')
  })

  it('refuses an applied null of a number or text, and says nothing of fields in an object that stands there', async () => {
    const { ask, define } = await world()
    const either = { 'x-kubernetes-int-or-string': true }
    const properties = { spec: { type: 'object', properties: { port: either, none: { ...either, nullable: true }, some: { ...either, default: 3 }, ports: { type: 'object', additionalProperties: either } } } }
    await define(definition([version('v1', { schema: { openAPIV3Schema: { type: 'object', properties } } })]))
    const apply = (spec: object) => ask('PATCH', `${root}/a?fieldManager=m&fieldValidation=Strict`, widget('a', spec), { 'content-type': 'application/apply-patch+yaml' })
    const wrong = (at: string, type: string) => ({ field: at, message: `Invalid value: "${type}": ${at} in body must be of type integer,string: "${type}"` })
    expect((await apply({ port: null, ports: { a: null } })).json()).toMatchObject({ code: 422, details: { causes: [wrong('spec.port', 'null'), wrong('spec.ports.a', 'null')] } })
    expect((await apply({ port: { a: 1 } })).json()).toMatchObject({ code: 422, details: { causes: [wrong('spec.port', 'object')] } })
    expect((await apply({ port: 'http', none: null, some: null })).json()).toMatchObject({ spec: { port: 'http', none: null, some: 3 } })
  })

  it('lets anything be applied to an object of which nothing is said, and keeps none of it', async () => {
    const { ask, define } = await world()
    const properties = { spec: { type: 'object', properties: { bare: { type: 'object' }, empty: { type: 'object', properties: {} }, closed: { type: 'object', additionalProperties: false } } } }
    await define(definition([version('v1', { schema: { openAPIV3Schema: { type: 'object', properties } } })]))
    const apply = (spec: object) => ask('PATCH', `${root}/a?fieldManager=m`, widget('a', spec), { 'content-type': 'application/apply-patch+yaml' })
    const made = (await apply({ bare: { a: 1 }, empty: { b: { c: 2 } } })).json<{ spec: object; metadata: { managedFields: Array<{ fieldsV1: object }> } }>()
    expect(made.spec).toEqual({ bare: {}, empty: {} })
    expect(made.metadata.managedFields.map(({ fieldsV1 }) => fieldsV1)).toEqual([{ 'f:spec': { 'f:bare': { 'f:a': {} }, 'f:empty': { 'f:b': { '.': {}, 'f:c': {} } } } }])
    expect((await apply({ closed: { a: 1 } })).json<{ message: string }>().message).toContain('.spec.closed.a: field not declared in schema')
  })

  it('is written with its newest defaults by an update that changes nothing, once', async () => {
    const { ask, define } = await world()
    const versions = (size: object) => [version('v1', { schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size } } } } } })]
    await define(definition(versions({ type: 'integer' })))
    const revision = (answer: Answer) => answer.json<{ metadata: { resourceVersion: string } }>().metadata.resourceVersion
    const made = await ask('POST', root, widget('a', {}))
    const changed = await ask('PATCH', `${crds}/widgets.${group}`, { spec: { versions: versions({ type: 'integer', default: 3 }) } }, merge)
    expect(changed.code).toBe(200)
    await comesTrue(async () => expect((await ask('GET', `${root}/a`)).json()).toMatchObject({ spec: { size: 3 } }))
    const first = await ask('PATCH', `${root}/a`, {}, merge)
    expect(first.json()).toMatchObject({ metadata: { generation: 1 }, spec: { size: 3 } })
    expect(revision(first)).not.toBe(revision(made))
    expect(revision(await ask('PATCH', `${root}/a`, {}, merge))).toBe(revision(first))
  })

  it('owns a key of a map whatever it has, even an empty list of items with keys', async () => {
    const { ask, define } = await world()
    const words = { 'type': 'array', 'x-kubernetes-list-type': 'set', 'items': { type: 'string' } }
    const properties = { spec: { type: 'object', properties: { sets: { type: 'object', additionalProperties: words }, parts: { type: 'object', additionalProperties: { type: 'object', properties: { words } } } } } }
    await define(definition([version('v1', { schema: { openAPIV3Schema: { type: 'object', properties } } })]))
    const apply = (spec: object) => ask('PATCH', `${root}/a?fieldManager=m`, widget('a', spec), { 'content-type': 'application/apply-patch+yaml' })
    const made = (await apply({ sets: { a: [], b: [] }, parts: { a: { words: [] } } })).json<{ metadata: { managedFields: Array<{ fieldsV1: object }> } }>()
    expect(made.metadata.managedFields.map(({ fieldsV1 }) => fieldsV1)).toEqual([{ 'f:spec': { 'f:sets': { 'f:a': {}, 'f:b': {} }, 'f:parts': { 'f:a': {} } } }])
    expect((await apply({ sets: { b: [] }, parts: { a: { words: [] } } })).json<{ spec: object }>().spec).toEqual({ sets: { b: [] }, parts: { a: { words: [] } } })
  })

  it('shows its columns and selects by its fields', async () => {
    const { ask, define } = await world()
    await define(definition([version('v1', { selectableFields: [{ jsonPath: '.spec.color' }], additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }, { name: 'Color', type: 'string', jsonPath: '.spec.color' }] })]))
    await ask('POST', root, widget('a', { color: 'red' }))
    await ask('POST', root, widget('b'))
    const table = await ask('GET', root, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
    expect(table.json()).toMatchObject({ columnDefinitions: [{ name: 'Name' }, { name: 'Size', type: 'integer' }, { name: 'Color' }], rows: [{ cells: ['a', 1, 'red'] }, { cells: ['b', 1, null] }] })
    expect((await ask('GET', `${root}?fieldSelector=spec.color=red`)).json<{ items: object[] }>().items).toHaveLength(1)
    expect((await ask('GET', `${root}?fieldSelector=spec.size=1`)).code).toBe(400)
  })

  it('says of a date that it is one, and shows the age', async () => {
    const { ask, define } = await world()
    await define(definition([version('v1', { additionalPrinterColumns: [{ name: 'Old', type: 'date', jsonPath: '.metadata.creationTimestamp' }] }), version('v2', { storage: false })]))
    await ask('POST', root, widget('a'))
    const accept = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
    const columns = [{ name: 'Name' }, { name: 'Old', type: 'date', description: 'Custom resource definition column (in JSONPath format): .metadata.creationTimestamp' }]
    expect((await ask('GET', root, undefined, accept)).json()).toMatchObject({ columnDefinitions: columns, rows: [{ cells: ['a', expect.stringMatching(/^\d+s$/)] }] })
    const other = await ask('GET', root.replace('v1', 'v2'), undefined, accept)
    expect(other.json()).toMatchObject({ columnDefinitions: [{ name: 'Name' }, { name: 'Age', type: 'date', description: expect.stringContaining('CreationTimestamp is a timestamp') as unknown }] })
  })

  it('has the list kind that it is given, its subresources in their order, and a deprecated version that names a better one', async () => {
    const { ask, define } = await world()
    const scale = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' }
    await define(definition([version('v1beta1', { storage: false, deprecated: true }), version('v1', { subresources: { status: {}, scale } }), version('v2alpha1', { storage: false })], { listKind: 'WidgetItems' }))
    expect((await ask('GET', root)).json()).toMatchObject({ kind: 'WidgetItems', items: [] })
    expect((await ask('GET', `/apis/${group}/v1`)).json<{ resources: Array<{ name: string }> }>().resources.map(({ name }) => name)).toEqual(['widgets', 'widgets/status', 'widgets/scale'])
    expect((await ask('GET', root.replace('v1', 'v1beta1'))).headers.warning).toBe('299 - "example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget"')
    expect((await ask('GET', root)).headers.warning).toBeUndefined()
  })

  it('refuses another kind, none, another scope and other patches, in Kubernetes\' ways', async () => {
    const { ask, define } = await world()
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }
    const schema = { openAPIV3Schema: { type: 'object', properties: { apiVersion: { type: 'string', pattern: '/v1$' }, spec: { type: 'object', properties: { replicas: { type: 'integer' } } } } } }
    await define(definition([version('v1', { schema, subresources: { status: {}, scale } }), version('v2', { schema, storage: false })]))
    const other = await ask('POST', root, { ...widget('a'), kind: 'Gadget' })
    expect([other.code, other.json().message]).toEqual([422, 'Gadget.example.com "a" is invalid: kind: Invalid value: "Gadget": must be Widget'])
    expect((await ask('POST', root, {})).json()).toMatchObject({ code: 400, reason: 'BadRequest' })
    expect((await ask('POST', root, widget('a', { replicas: 2 ** 31 }))).json()).toMatchObject({ code: 422, message: 'Widget.example.com "a" is invalid: .spec.replicas: Invalid value: 2147483648: should be less than or equal to 2147483647' })
    expect((await ask('POST', root.replace('v1', 'v2'), widget('a', {}, `${group}/v2`))).json()).toMatchObject({ code: 422, details: { causes: [{ field: 'apiVersion' }] } })
    for (const method of ['POST', 'DELETE']) expect((await ask(method, `/apis/${group}/v1/widgets`, method === 'POST' ? widget('a') : undefined)).code).toBe(404)
    await ask('POST', root, widget('a'))
    for (const path of [`${root}/a`, `${root}/a/status`, `${root}/a/scale`]) {
      expect((await ask('PATCH', path, { spec: { replicas: 1 } }, { 'content-type': 'application/strategic-merge-patch+json' })).code).toBe(415)
    }
    expect((await ask('PATCH', `${root}/a/scale`, { spec: { replicas: 1 } }, merge)).code).toBe(200)
  })

  it('has the defaults of the version it was written in, and of the one it is kept in', async () => {
    const { ask, define } = await world()
    const schema = (name: string) => ({ openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', default: {}, properties: Object.fromEntries(['v1', 'v2', 'v3'].map((each) => [each, { type: 'boolean', ...(each === name ? { default: true } : {}) }])) } } } })
    await define(definition(['v1', 'v2', 'v3'].map((name) => version(name, { storage: name === 'v1', schema: schema(name) }))))
    const made = await ask('POST', root.replace('v1', 'v2'), widget('a', {}, `${group}/v2`))
    expect(made.json()).toMatchObject({ apiVersion: `${group}/v2`, spec: { v1: true, v2: true } })
    for (const name of ['v1', 'v2', 'v3']) {
      expect((await ask('GET', `${root.replace('v1', name)}/a`)).json<{ spec: object }>().spec, name).toEqual({ v1: true, v2: true })
    }
  })

  it('serves every version of the same objects, and shows old ones with the defaults of today', async () => {
    const { ask, define } = await world()
    const beta = version('v1beta1', { storage: false })
    await define(definition([beta, version('v1')]))
    expect((await ask('GET', '/apis/example.com')).json()).toMatchObject({ preferredVersion: { version: 'v1' } })
    await ask('POST', root, widget('a'))
    const old = `/apis/${group}/v1beta1/namespaces/default/widgets`
    expect((await ask('GET', `${old}/a`)).json()).toMatchObject({ apiVersion: 'example.com/v1beta1' })
    expect((await ask('GET', old)).json()).toMatchObject({ items: [{ apiVersion: 'example.com/v1beta1' }] })
    expect((await ask('PATCH', `${old}/a`, { spec: { size: 2 } }, merge)).json()).toMatchObject({ apiVersion: 'example.com/v1beta1', spec: { size: 2 }, metadata: { generation: 2 } })
    expect((await ask('GET', `${root}/a`)).json()).toMatchObject({ apiVersion: 'example.com/v1', spec: { size: 2 } })
    const more = version('v1')
    Object.assign((more['schema'] as { openAPIV3Schema: { properties: { spec: { properties: object } } } }).openAPIV3Schema.properties.spec.properties, { shape: { type: 'string', default: 'round' } })
    const answer = await ask('PATCH', `${crds}/widgets.example.com`, { spec: { versions: [beta, more] } }, merge)
    expect(answer.code, answer.text).toBe(200)
    await comesTrue(async () => expect((await ask('GET', `${root}/a`)).json()).toMatchObject({ spec: { size: 2, shape: 'round' } }))
  })

  it('holds its objects to rules, also about changes and through the status', async () => {
    const { ask, define } = await world()
    const ruled = version('v1')
    Object.assign((ruled['schema'] as { openAPIV3Schema: object }).openAPIV3Schema, { 'x-kubernetes-validations': [
      { rule: '!has(self.spec) || self.spec.size != 7', message: 'seven is taken' }, { rule: '!has(oldSelf.spec.color) || self.spec.color == oldSelf.spec.color', message: 'color is immutable' }] })
    await define(definition([ruled]))
    expect((await ask('POST', root, widget('a', { size: 7 }))).json()).toMatchObject({ code: 422, message: 'Widget.example.com "a" is invalid: <nil>: Invalid value: seven is taken' })
    expect((await ask('POST', root, widget('a', { color: 'red' }))).code).toBe(201)
    expect((await ask('PATCH', `${root}/a`, { spec: { color: 'blue' } }, merge)).json()).toMatchObject({ code: 422, message: expect.stringContaining('color is immutable') as string })
    expect((await ask('PATCH', `${root}/a/status`, { status: { ready: true } }, merge)).code).toBe(200)
    expect((await ask('POST', crds, definition([version('v1', { schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-validations': [{ rule: 'self.' }] } } })], {}, 'others'))).json()).toMatchObject({ code: 422, message: expect.stringContaining('compilation failed') as string })
  })

  it('takes its objects along when it goes, also those that somebody holds', async () => {
    const { ask, define } = await world()
    await define()
    await ask('POST', root, widget('a'))
    await ask('POST', root, { ...widget('b'), metadata: { name: 'b', finalizers: ['example.com/hold'] } })
    const gone = await ask('DELETE', `${crds}/widgets.example.com`)
    expect(gone.json()).toMatchObject({ metadata: { finalizers: ['customresourcecleanup.apiextensions.k8s.io'] } })
    await comesTrue(async () => expect((await ask('GET', root)).json<{ items: object[] }>().items).toHaveLength(1))
    expect((await ask('POST', root, widget('c'))).code).toBe(403)
    expect((await ask('PATCH', `${root}/b`, { metadata: { finalizers: null } }, merge)).code).toBe(200)
    await comesTrue(async () => expect((await ask('GET', `${crds}/widgets.example.com`)).code).toBe(404))
    await comesTrue(async () => expect((await ask('GET', root)).code).toBe(404))
  })

  it('empties namespaces of its objects, and its objects own others', async () => {
    const { ask, define } = await world()
    await define()
    const owner = (await ask('POST', root, widget('owner'))).json<{ metadata: { uid: string } }>()
    const ownerReferences = [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'owner', uid: owner.metadata.uid }]
    await ask('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'owned', ownerReferences } })
    await ask('POST', root, { ...widget('part'), metadata: { name: 'part', ownerReferences } })
    await ask('DELETE', `${root}/owner`)
    await comesTrue(async () => expect((await ask('GET', '/api/v1/namespaces/default/configmaps/owned')).code).toBe(404))
    await comesTrue(async () => expect((await ask('GET', `${root}/part`)).code).toBe(404))
    await ask('POST', '/api/v1/namespaces', { metadata: { name: 'n1' } })
    await ask('POST', root.replace('default', 'n1'), widget('inside'))
    await ask('DELETE', '/api/v1/namespaces/n1')
    await comesTrue(async () => expect((await ask('GET', '/api/v1/namespaces/n1')).code).toBe(404))
    expect((await ask('GET', '/apis/example.com/v1/widgets')).json()).toMatchObject({ items: [] })
  })

  it('ends the watches of its objects when it describes them otherwise, and when it goes', async () => {
    const { ask, define } = await world()
    await define()
    await ask('POST', root, widget('a'))
    const watchers = async () => /^apiserver_longrunning_requests\{.*resource="widgets".*\} (\d+)$/m.exec((await ask('GET', '/metrics')).text)?.[1] ?? '0'
    // the answer resolves when the server has ended it
    const watch = async () => {
      await comesTrue(async () => expect(await watchers()).toBe('0'))
      const ended = ask('GET', `${root}?watch=true`)
      await comesTrue(async () => expect(await watchers()).toBe('1'))
      return { ended }
    }
    const first = await watch()
    await ask('PATCH', `${crds}/widgets.example.com`, { metadata: { labels: { a: 'b' } } }, merge)
    await ask('PATCH', `${crds}/widgets.example.com`, { spec: { names: { categories: ['all'] } } }, merge)
    expect((await first.ended).text).not.toContain('"type":"ERROR"')
    // the names are accepted in a second step, which ends watches too
    await comesTrue(async () => expect((await ask('GET', `${crds}/widgets.example.com`)).json()).toMatchObject({ status: { acceptedNames: { categories: ['all'] } } }))
    const second = await watch()
    await ask('DELETE', `${crds}/widgets.example.com`)
    expect((await second.ended).text).toContain('"type":"DELETED"')
  })

  it('is answered as its own server answers, where others do otherwise', async () => {
    const { ask, define } = await world()
    await define()
    expect((await ask('POST', `${root}/whatever`, widget('a'))).json()).toMatchObject({ metadata: { name: 'a' } })
    expect((await ask('PUT', root, widget('a'))).json()).toMatchObject({ code: 400, message: 'name must be provided' })
    expect((await ask('HEAD', `${root}/a`)).code).toBe(200)
    expect((await ask('GET', `${root}/a?watch=true`)).json()).toMatchObject({ kind: 'Widget' })
    expect((await ask('GET', root)).json()).toMatchObject({ metadata: { continue: '' } })
    const nobody = await ask('GET', `/apis/${group}/v1/gadgets`)
    expect([nobody.code, nobody.text]).toEqual([404, '404 page not found\n'])
    expect((await ask('GET', '/apis/apps/v1/gadgets')).json()).toMatchObject({ kind: 'Status', code: 404 })
    expect((await ask('POST', root, { apiVersion: `${group}/v1` })).json()).toMatchObject({ code: 400, message: expect.stringMatching(/^the object provided is unrecognized \(must be of type Widget\): Object 'Kind' is missing in /) as string })
  })

  it('says of a status, a scale and a patch what is wrong in the words of each', async () => {
    const { ask, define } = await world()
    await define(definition([version('v1', { subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.ready' } } })]))
    await ask('POST', root, widget('a', { size: 2 }))
    const causes = async (path: string, body: object) => (await ask('PATCH', `${root}/a${path}`, body, merge)).json<{ details: { kind: string; causes: Array<{ field: string; message: string }> } }>().details
    expect(await causes('/status', { status: { ready: 'x' } })).toMatchObject({ kind: 'Widget', causes: [
      { field: 'status.ready', message: 'Invalid value: "string": ready in body must be of type boolean: "string"' }, { field: '.status.ready', message: 'Invalid value: 0: .status.ready accessor error: x is of the type string, expected int64' }] })
    expect(await causes('/scale', { spec: { replicas: -1 } })).toMatchObject({ kind: 'Widget', causes: [{ field: '.spec.size', message: 'Invalid value: -1: should be a non-negative integer' }] })
    expect(await causes('', { spec: 'x' })).toMatchObject({ causes: expect.arrayContaining([expect.objectContaining({ message: 'Invalid value: 0: .spec.size accessor error: x is of the type string, expected map[string]interface{}' })]) as unknown })
    expect(await causes('', { apiVersion: 'v1' })).toMatchObject({ kind: 'Widget', causes: [{ field: 'apiVersion', message: `Invalid value: "v1": must be ${group}/v1` }] })
    expect((await ask('PATCH', `${root}/a/status`, { metadata: { generateName: 'w-', labels: { a: 'b' } } }, merge)).json<{ metadata: object }>().metadata).not.toMatchObject({ generateName: 'w-' })
  })

  it('is taken with a warning of a format that nobody knows, and so are finalizers that others might use', async () => {
    const { ask, define } = await world()
    const odd = definition([version('v1', { schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'string', format: 'odd' } } } } } } })])
    const made = await ask('POST', `${crds}?dryRun=All`, odd)
    expect([made.code, made.headers['warning']]).toEqual([201, '299 - "unrecognized format \\"odd\\""'])
    expect(made.json()).toMatchObject({ status: { conditions: null, storedVersions: ['v1'] } })
    await define()
    const held = await ask('POST', root, { ...widget('a'), metadata: { name: 'a', finalizers: ['hold', 'example.com/hold'] } })
    expect(held.headers['warning']).toBe('299 - "metadata.finalizers: \\"hold\\": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"')
  })

  it('keeps what is wrong below items from being read at all, and drops what nothing has', async () => {
    const { ask } = await world()
    const withItems = (items: unknown, of: object = { type: 'array', items }) => ask('POST', `${crds}?dryRun=All`, definition([version('v1', { schema: { openAPIV3Schema: { type: 'object', properties: { spec: of } } } })]))
    expect((await withItems({ type: 5 })).json()).toMatchObject({ code: 400, message: expect.stringMatching(/json: cannot unmarshal number into Go struct field JSONSchemaProps\.spec\.versions\.schema\.openAPIV3Schema\.properties\.items\.type of type string$/) as string })
    expect((await withItems(undefined, { type: 'object', additionalProperties: 'x' })).json()).toMatchObject({ code: 400, message: expect.stringMatching(/: boolean or JSON schema expected$/) as string })
    const kept = await withItems({ type: 'string', odd: 1, enum: [], nullable: false })
    expect(kept.headers['warning']).toBeUndefined()
    expect(kept.json<{ spec: { versions: Array<{ schema: { openAPIV3Schema: { properties: object } } }> } }>().spec.versions[0]!.schema.openAPIV3Schema.properties).toEqual({ spec: { type: 'array', items: { type: 'string' } } })
  })

  it('has no dependencies in its schemas, not even none, where other words that it may not say are dropped when they say nothing', async () => {
    const { ask } = await world()
    const said = async (words: object): Promise<unknown> => {
      const answer = await ask('POST', `${crds}?dryRun=All`, definition([version('v1', { schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'string', not: words } } } } })]))
      const { details, spec } = answer.json<{ details?: { causes: Array<{ field: string; message: string }> }; spec?: { versions: Array<{ schema: { openAPIV3Schema: { properties: unknown } } }> } }>()
      return details?.causes ?? spec?.versions[0]?.schema.openAPIV3Schema.properties
    }
    const forbidden = (word: string) => [expect.objectContaining({ field: `spec.validation.openAPIV3Schema.properties[a].not.${word}`, message: `Forbidden: ${word} is not supported` }) as unknown]
    for (const word of ['dependencies', 'additionalItems']) expect(await said({ [word]: {} })).toEqual(forbidden(word))
    expect(await said({ $ref: '' })).toEqual(forbidden('$ref'))
    expect(await said({ definitions: {}, patternProperties: {}, id: '', $schema: '', dependencies: null })).toEqual({ a: { type: 'string', not: {} } })
  })

  it('of a protected group says who approved of it', async () => {
    const { ask } = await world()
    const approved = (note: string | undefined) => ({
      ...definition(), metadata: { name: 'widgets.example.k8s.io', ...(note === undefined ? {} : { annotations: { 'api-approved.kubernetes.io': note } }) },
      spec: { ...definition().spec, group: 'example.k8s.io' },
    })
    expect((await ask('POST', crds, approved(undefined))).code).toBe(422)
    expect((await ask('POST', crds, approved('somebody'))).code).toBe(422)
    expect((await ask('POST', crds, approved('https://github.com/kubernetes/enhancements/pull/1'))).code).toBe(201)
    await comesTrue(async () => expect((await ask('GET', `${crds}/widgets.example.k8s.io`)).json()).toMatchObject({ status: { conditions: expect.arrayContaining([
      expect.objectContaining({ type: 'KubernetesAPIApprovalPolicyConformant', status: 'True', reason: 'ApprovedAnnotation', message: 'approved in https://github.com/kubernetes/enhancements/pull/1' })]) as unknown } }))
  })

  it('is not accepted with names that another has', async () => {
    const { ask, define } = await world()
    await define()
    const second = definition([version('v1')], { kind: 'Gadget', shortNames: ['wd'] }, 'gadgets')
    expect((await ask('POST', crds, second)).code).toBe(201)
    await comesTrue(async () => expect((await ask('GET', `${crds}/gadgets.example.com`)).json()).toMatchObject({ status: { conditions: expect.arrayContaining([
      expect.objectContaining({ type: 'NamesAccepted', status: 'False', reason: 'ShortNamesConflict', message: '"wd" is already in use' }),
      expect.objectContaining({ type: 'Established', status: 'False', reason: 'NotAccepted' })]) as unknown } }))
    expect((await ask('GET', root.replace('widgets', 'gadgets'))).code).toBe(404)
    await ask('DELETE', `${crds}/widgets.example.com`)
    await comesTrue(async () => expect((await ask('GET', root.replace('widgets', 'gadgets'))).code).toBe(200))
  })

  it('is refused with what is wrong, in Kubernetes\' words', async () => {
    const { ask } = await world()
    const refused = async (body: object) => (await ask('POST', crds, body)).json<{ details?: { causes: Array<{ field: string; message: string }> } }>().details?.causes.map(({ field, message }) => `${field}: ${message}`)
    expect(await refused({ ...definition(), metadata: { name: 'other' } })).toEqual(['metadata.name: Invalid value: "other": must be spec.names.plural+"."+spec.group'])
    expect(await refused(definition([version('v1'), version('v2')]))).toEqual([expect.stringMatching(/^spec\.versions: Invalid value: \[\{"Name":"v1","Served":true,"Storage":true,.*\}\]: must have exactly one version marked as storage version$/), 'status.storedVersions: Invalid value: ["v1"]: must have the storage version v2'])
    expect(await refused(definition([version('v1', { schema: {} })]))).toEqual(['spec.versions[0].schema.openAPIV3Schema: Required value'])
  })
})
