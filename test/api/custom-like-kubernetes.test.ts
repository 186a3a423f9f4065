import { describe, expect, it } from 'vitest'
import { serveDefinitions } from '../../src-main/api/custom/serve.ts'
import { silent } from '../../src-main/base/log.ts'
import { customResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import { eventually } from '../fixtures/eventually.ts'
import { context } from './registry-fixture.ts'
import { type Answer, served, type Served } from './served-fixture.ts'

const group = 'example.com'
const root = `/apis/${group}/v1/namespaces/default/things`
const at = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com'

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })
const thing = (name: string, spec?: object) => ({ apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name }, ...(spec ? { spec } : {}) })

interface Entry { readonly manager: string; readonly subresource?: string; readonly fieldsV1: object }
interface Kept { readonly metadata: { readonly managedFields?: readonly Entry[] }; readonly spec: object }
interface Failure { readonly code: number; readonly message: string; readonly details?: { readonly causes?: ReadonlyArray<{ readonly field: string; readonly message: string }> } }

interface World extends Served {
  ask(method: string, path: string, body?: object, type?: string): Promise<Answer>
}

const types = { apply: 'application/apply-patch+yaml', merge: 'application/merge-patch+json' }

/** A served definition whose specs have these properties. */
async function world(spec: object, more: object = {}, names: object = {}): Promise<World> {
  const fixture = await served()
  await serveDefinitions(fixture.verbs, fixture.kinds, silent)
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: object({ spec: object(spec) }) }, ...more }
  await fixture.verbs.create(customResourceDefinition, undefined, {
    metadata: { name: 'things.example.com' }, spec: { group, scope: 'Namespaced', names: { plural: 'things', kind: 'Thing', ...names }, versions: [version] },
  }, context())
  const status = { acceptedNames: { plural: 'things', kind: 'Thing', listKind: 'ThingList', ...names }, conditions: [{ type: 'Established', status: 'True', reason: 'x', message: 'x', lastTransitionTime: '2026-01-01T00:00:00Z' }] }
  await fixture.verbs.patch(customResourceDefinition, { name: 'things.example.com' }, { type: 'merge', body: { status } }, context(), 'status')
  await eventually('the kind to be served', () => fixture.kinds.find(group, 'v1', 'things') !== undefined)
  const ask = (method: string, path: string, body?: object, type?: string): Promise<Answer> =>
    fixture.call(path, { method, ...(body ? { body } : {}), headers: type ? { 'content-type': type } : {} })
  return { ...fixture, ask }
}

const apply = ({ ask }: World, name: string, spec: object | undefined, query = 'fieldManager=me'): Promise<Answer> => ask('PATCH', `${root}/${name}?${query}`, thing(name, spec), types.apply)
const causesOf = (answer: Answer): string[] | undefined => answer.json<Failure>().details?.causes?.map(({ field, message }) => `${field}: ${message}`)

describe('what is applied to a custom resource', () => {
  it('is told of its nulls beside its other mistakes', async () => {
    const w = await world({ a: { type: 'string' }, either: { 'x-kubernetes-int-or-string': true }, n: { type: 'integer', maximum: 3 }, free: { type: 'string', nullable: true } })
    const refused = await apply(w, 'a', { a: null, either: null, n: 5, free: null })
    expect(refused.code).toBe(422)
    expect(causesOf(refused)?.sort()).toEqual([
      'spec.a: Invalid value: "null": spec.a in body must be of type string: "null"',
      'spec.either: Invalid value: "null": spec.either in body must be of type integer,string: "null"',
      'spec.n: Invalid value: 5: spec.n in body should be less than or equal to 3',
    ])
    expect((await apply(w, 'a', { free: null, n: 3 })).code).toBe(201)
  })

  it('is told of them where defaults and whole objects are inside, whose metadata may be null', async () => {
    const w = await world({ whole: { ...object({ spec: object({ a: { type: 'string', default: 'x' } }) }), 'x-kubernetes-embedded-resource': true } })
    expect(causesOf(await apply(w, 'a', { whole: null }))).toEqual(['spec.whole: Invalid value: "null": spec.whole in body must be of type object: "null"'])
    const made = await apply(w, 'a', { whole: { apiVersion: 'v1', kind: 'Pod', metadata: null } })
    expect([made.code, made.json<Kept>().spec]).toEqual([201, { whole: { apiVersion: 'v1', kind: 'Pod', metadata: {} } }])
  })

  it('may have what nobody described anywhere below what keeps it', async () => {
    const w = await world({ open: { ...object({ in: object({ a: { type: 'string' } }), list: { type: 'array', items: object({ a: { type: 'string' } }) } }), 'x-kubernetes-preserve-unknown-fields': true }, shut: object({ a: { type: 'string' } }) })
    expect((await apply(w, 'a', { open: { in: { b: 1 }, list: [{ b: 1 }] } })).code).toBe(201)
    expect((await apply(w, 'b', { shut: { b: 1 } })).json<Failure>().message).toMatch(/: \.spec\.shut\.b: field not declared in schema$/)
  })
})

describe('the scale of a custom resource', () => {
  const scaled = () => world({ replicas: { type: 'integer' }, a: { type: 'string' } }, { subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } } })
  const owners = async ({ ask }: World): Promise<string[]> => ((await ask('GET', `${root}/a`)).json<Kept>().metadata.managedFields ?? []).filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes('f:replicas')).map(({ manager, subresource = '' }) => `${manager}/${subresource}`)
  const scale = ({ ask }: World, replicas: number) => ask('PATCH', `${root}/a/scale?fieldManager=scaler`, { spec: { replicas } }, types.merge)

  it('gives the replicas to who scales, as long as there are any', async () => {
    const w = await scaled()
    await w.ask('POST', `${root}?fieldManager=maker`, thing('a', { replicas: 1 }))
    expect(await owners(w)).toEqual(['maker/'])
    await scale(w, 2)
    expect(await owners(w)).toEqual(['scaler/scale'])
    await scale(w, 0)
    expect(await owners(w)).toEqual([])
    expect((await w.ask('GET', `${root}/a`)).json<Kept>().spec).toEqual({ replicas: 0 })
  })

  it('leaves replicas that are nobody’s to nobody', async () => {
    const w = await scaled()
    await w.ask('POST', root, thing('a', { a: 'x' }))
    await scale(w, 2)
    expect(await owners(w)).toEqual([])
  })

  it('is read by the types of a client', async () => {
    const w = await scaled()
    await w.ask('POST', root, thing('a', { replicas: 1 }))
    expect((await w.ask('PATCH', `${root}/a/scale`, { kind: 'Other' }, types.merge)).json<Failure>().message).toMatch(/: no kind "Other" is registered for version "autoscaling\/v1" in scheme "k8s\.io\/client-go\/scale\/util\.go:146"$/)
  })
})

describe('a request about custom resources', () => {
  it('by a method that nobody serves is refused for the resource', async () => {
    const { ask } = await world({})
    expect((await ask('OPTIONS', `${root}/a`)).json()).toMatchObject({ code: 405, message: ' is not supported on resources of kind "things.example.com"' })
  })

  it('for a list’s metadata of one object is told that it is no list', async () => {
    const { ask, call } = await world({})
    await ask('POST', root, thing('a'))
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    expect((await call(`${root}/a`, { headers: { accept } })).json()).toMatchObject({ code: 500, message: 'content is not a list' })
    await ask('DELETE', `${root}/a`)
    expect((await call(root, { headers: { accept } })).json()).toMatchObject({ kind: 'PartialObjectMetadataList', items: null })
  })

  it('to create what is on its way out is told so', async () => {
    const { ask } = await world({})
    await ask('POST', root, { ...thing('a'), metadata: { name: 'a', finalizers: ['example.com/stay'] } })
    expect((await ask('POST', root, thing('a'))).json()).toMatchObject({ code: 409, message: 'things.example.com "a" already exists' })
    await ask('DELETE', `${root}/a`)
    expect((await ask('POST', root, thing('a'))).json()).toMatchObject({ code: 409, reason: 'AlreadyExists', message: 'object is being deleted: things.example.com "a" already exists' })
  })

  it('to delete is read from its body alone, where it has one', async () => {
    const { ask } = await world({})
    for (const name of ['a', 'b']) await ask('POST', root, thing(name))
    expect((await ask('DELETE', `${root}/a?dryRun=All`)).code).toBe(200)
    expect((await ask('DELETE', `${root}/a?dryRun=All&fieldValidation=maybe`, { dryRun: ['All'] })).code).toBe(200)
    expect((await ask('GET', `${root}/a`)).code).toBe(200)
    expect((await ask('DELETE', `${root}/a?dryRun=All`, { kind: 'DeleteOptions', apiVersion: 'v1' })).code).toBe(200)
    expect((await ask('GET', `${root}/a`)).code).toBe(404)
  })
})

describe('a definition', () => {
  it('that is deleted again has no time left, and keeps what it waits for', async () => {
    const { ask } = await world({})
    const deleted = (await ask('DELETE', at)).json<{ metadata: object }>()
    expect(deleted.metadata).not.toHaveProperty('deletionGracePeriodSeconds')
    expect((await ask('DELETE', at)).json()).toMatchObject({ metadata: { deletionGracePeriodSeconds: 0, generation: 1, finalizers: ['customresourcecleanup.apiextensions.k8s.io'] } })
  })

  it('is told what its versions lack before what they are together', async () => {
    const { ask } = await world({})
    const answer = await ask('PATCH', at, { spec: { versions: [{ name: 'v1', served: true, storage: false }, { name: 'V_', served: true, storage: false, additionalPrinterColumns: [{ name: 'x', type: 'string', jsonPath: 'x' }], schema: { openAPIV3Schema: object({}) } }] } }, types.merge)
    expect(causesOf(answer)?.map((cause) => cause.slice(0, cause.indexOf(':')))).toEqual([
      'spec.versions[0].schema.openAPIV3Schema', 'spec.versions[1].name', 'spec.versions[1].additionalPrinterColumns[0].JSONPath', 'spec.versions',
    ])
  })

  it('names the kind of its lists in OpenAPI', async () => {
    const { ask } = await world({}, {}, { listKind: 'ThingCollection' })
    const { components } = (await ask('GET', `/openapi/v3/apis/${group}/v1`)).json<{ components: { schemas: Record<string, { description?: string }> } }>()
    expect(components.schemas['com.example.v1.ThingCollection']?.description).toBe('ThingCollection is a list of Thing')
    expect(Object.keys(components.schemas)).not.toContain('com.example.v1.ThingList')
  })
})
