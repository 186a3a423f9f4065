import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished, describe, expect, it } from 'vitest'
import { ConversionMetrics } from '../../src-main/api/custom/conversion-metrics.ts'
import { conversionWebhook } from '../../src-main/api/custom/conversion-webhook.ts'
import { serveDefinitions } from '../../src-main/api/custom/serve.ts'
import { exposition } from '../../src-main/api/exposition.ts'
import { createWebhookCaller, type WebhookCaller } from '../../src-main/api/webhooks/call.ts'
import { createCa, createServerLeaf } from '../../src-main/base/cert.ts'
import type { JsonObject } from '../../src-main/base/json.ts'
import { silent } from '../../src-main/base/log.ts'
import { customResourceDefinition, type CustomResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { context, listener, refusal } from './registry-fixture.ts'
import { eventually } from '../fixtures/eventually.ts'
import { served, type Served } from './served-fixture.ts'

type Json = Record<string, unknown>
interface Thing { apiVersion: string; kind: string; metadata: { name: string; labels?: Record<string, string>; [more: string]: unknown }; spec?: Json; host?: string; port?: string }
interface Review { apiVersion: string; kind: string; request: { uid: string; desiredAPIVersion: string; objects: Thing[] } }

const group = 'stable.example.com'

/** Version 1 has `hostPort`, version 2 has `host` and `port`. */
function converted({ spec = {}, ...object }: Thing, apiVersion: string): Thing {
  if (apiVersion === object.apiVersion) return { ...object, spec }
  const { hostPort, host, port, ...rest } = spec
  const next = apiVersion.endsWith('/v2') ? { host: String(hostPort).split(':')[0], port: String(hostPort).split(':')[1] } : { hostPort: `${String(host)}:${String(port)}` }
  return { ...object, apiVersion, spec: { ...rest, ...next } }
}

interface Webhook {
  readonly reviews: Review[]
  readonly clientConfig: object
  answer(review: Review): object
}

const honest = ({ apiVersion, kind, request }: Review): object => ({
  apiVersion, kind,
  response: { uid: request.uid, result: { status: 'Success' }, convertedObjects: request.objects.map((object) => converted(object, request.desiredAPIVersion)) },
})

/** A webhook behind TLS on loopback, whose answers a test may change. */
async function webhook(): Promise<Webhook> {
  const ca = await createCa('webhook', Date.now())
  const leaf = await createServerLeaf(ca, Date.now())
  const hook: Webhook & { clientConfig: object } = { reviews: [], clientConfig: {}, answer: honest }
  const server = createServer({ cert: leaf.cert, key: leaf.key }, (req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as Review
      hook.reviews.push(review)
      res.setHeader('content-type', 'application/json').end(JSON.stringify(hook.answer(review)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  hook.clientConfig = { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/crdconvert`, caBundle: Buffer.from(ca.cert).toString('base64') }
  return hook
}

const schema = (...names: string[]) => ({
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: Object.fromEntries([...names, 'replicas'].map((name) => [name, { type: name === 'replicas' ? 'integer' : 'string' }])) } } },
})
const subresources = { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } }

interface World extends Served {
  readonly hook: Webhook
  kind(version: string): AnyKind
  make(version: string, name: string, spec: object): Promise<Thing>
}

async function world(reviewVersions: string[] = ['v1', 'v1beta1']): Promise<World> {
  const fixture = await served()
  const hook = await webhook()
  const caller = createWebhookCaller({})
  onTestFinished(() => caller.close())
  await serveDefinitions(fixture.verbs, fixture.kinds, silent, caller)
  await fixture.verbs.create(customResourceDefinition, undefined, {
    metadata: { name: `things.${group}` },
    spec: {
      group, scope: 'Namespaced', names: { plural: 'things', kind: 'Thing' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: schema('hostPort'), subresources },
        { name: 'v2', served: true, storage: false, schema: schema('host', 'port'), subresources, selectableFields: [{ jsonPath: '.spec.host' }], additionalPrinterColumns: [{ name: 'Host', type: 'string', jsonPath: '.spec.host' }] },
      ],
      conversion: { strategy: 'Webhook', webhook: { clientConfig: hook.clientConfig, conversionReviewVersions: reviewVersions } },
    },
  }, context())
  await establish(fixture, 'things')
  const kind = (version: string): AnyKind => fixture.kinds.find(group, version, 'things')!
  return {
    ...fixture, hook, kind,
    make: async (version, name, spec) => (await fixture.verbs.create(kind(version), 'default', { metadata: { name }, spec }, context())).object as unknown as Thing,
  }
}

async function establish({ verbs, kinds }: Served, plural: string): Promise<void> {
  const status = { acceptedNames: { plural, kind: 'Thing', listKind: 'ThingList' }, conditions: [{ type: 'Established', status: 'True', reason: 'x', message: 'x', lastTransitionTime: '2026-01-01T00:00:00Z' }] }
  await verbs.patch(customResourceDefinition, { name: `${plural}.${group}` }, { type: 'merge', body: { status } }, context(), 'status')
  await eventually('the kind to be served', () => kinds.find(group, 'v1', plural) !== undefined)
}

async function storeIn({ verbs }: World, storage: string): Promise<object> {
  const at = { name: `things.${group}` }
  const crd = (await verbs.get(customResourceDefinition, at)).object as unknown as { spec: { versions: Array<{ name: string }> } }
  const versions = crd.spec.versions.map((version) => ({ ...version, storage: version.name === storage }))
  return (await verbs.patch(customResourceDefinition, at, { type: 'merge', body: { spec: { versions } } }, context())).object
}

const ref = { namespace: 'default', name: 'a' }
const specOf = async ({ verbs, kind }: World, version: string): Promise<unknown> => ((await verbs.get(kind(version), ref)).object as unknown as Thing).spec

describe('a custom resource whose webhook converts it', () => {
  it('is written and read in either version, and kept in one', async () => {
    const w = await world()
    expect((await w.make('v2', 'a', { host: 'h', port: '1' }))).toMatchObject({ apiVersion: `${group}/v2`, spec: { host: 'h', port: '1' } })
    expect(await specOf(w, 'v1')).toEqual({ hostPort: 'h:1' })
    expect(await specOf(w, 'v2')).toEqual({ host: 'h', port: '1' })
    expect((w.store.get(`/${group}/things/default/a`)?.object as unknown as Thing).apiVersion).toBe(`${group}/v1`)
    expect(w.hook.reviews[0]).toMatchObject({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', request: { desiredAPIVersion: `${group}/v1` } })
  })

  it('is updated, patched, applied and scaled through the version that is not stored', async () => {
    const w = await world()
    const made = await w.make('v1', 'a', { hostPort: 'h:1' })
    await w.verbs.patch(w.kind('v2'), ref, { type: 'merge', body: { spec: { port: '2' } } }, context())
    expect(await specOf(w, 'v1')).toEqual({ hostPort: 'h:2' })
    const { resourceVersion } = (await w.verbs.get(w.kind('v2'), ref)).object.metadata
    await w.verbs.update(w.kind('v2'), ref, { ...made, apiVersion: `${group}/v2`, metadata: { name: 'a', resourceVersion }, spec: { host: 'g', port: '3' } }, context())
    expect(await specOf(w, 'v1')).toEqual({ hostPort: 'g:3' })
    const applied = { apiVersion: `${group}/v2`, kind: 'Thing', metadata: { name: 'a' }, spec: { host: 'f' } }
    await w.verbs.patch(w.kind('v2'), ref, { type: 'apply', body: applied, force: true }, context({ fieldManager: 'me' }))
    expect(await specOf(w, 'v1')).toEqual({ hostPort: 'f:3' })
    await w.verbs.patch(w.kind('v2'), ref, { type: 'merge', body: { spec: { replicas: 4 } } }, context(), 'scale')
    await w.verbs.patch(w.kind('v2'), ref, { type: 'merge', body: { status: { replicas: 2 } } }, context(), 'status')
    expect(await specOf(w, 'v1')).toEqual({ hostPort: 'f:3', replicas: 4 })
    expect(((await w.verbs.get(w.kind('v2'), ref)).object.metadata.generation)).toBe(5)
    await w.verbs.delete(w.kind('v2'), ref, {}, context())
    expect((await refusal(w.verbs.get(w.kind('v1'), ref))).code).toBe(404)
  })

  it('keeps each manager’s version, and takes a field from who wrote it through the other one', async () => {
    const w = await world()
    await w.verbs.create(w.kind('v1'), 'default', { metadata: { name: 'a' }, spec: { hostPort: 'h:1' } }, context({ fieldManager: 'one' }))
    const applied = { apiVersion: `${group}/v2`, kind: 'Thing', metadata: { name: 'a' }, spec: { host: 'g' } }
    const error = await refusal(w.verbs.patch(w.kind('v2'), ref, { type: 'apply', body: structuredClone(applied) }, context({ fieldManager: 'two' })))
    expect(error.message).toContain(`conflict with "one" using ${group}/v1: .spec.hostPort`)
    await w.verbs.patch(w.kind('v2'), ref, { type: 'apply', body: applied, force: true }, context({ fieldManager: 'two' }))
    const owners = (await w.verbs.get(w.kind('v1'), ref)).object.metadata.managedFields ?? []
    expect(owners.find(({ manager }) => manager === 'two')).toMatchObject({ apiVersion: `${group}/v2`, operation: 'Apply', fieldsV1: { 'f:spec': { 'f:host': {} } } })
    expect(JSON.stringify(owners.find(({ manager }) => manager === 'one')?.fieldsV1 ?? {})).not.toContain('f:hostPort')
  })

  it('is listed with one question, selected by the version’s own fields and shown in its columns', async () => {
    const w = await world()
    w.hook.answer = response(() => ({ result: { status: 'Failed', message: 'not today' } }))
    await w.make('v1', 'a', { hostPort: 'h:1' })
    await w.make('v1', 'b', { hostPort: 'g:1' })
    await eventually('the webhook to have been asked in vain', () => w.hook.reviews.length === 2)
    expect((await refusal(w.verbs.list(w.kind('v2'), {}))).message).toContain('not today')
    w.hook.answer = honest
    w.hook.reviews.length = 0
    const { items } = await w.verbs.list(w.kind('v2'), { fieldSelector: [{ key: 'spec.host', operator: '=', values: ['g'] }] })
    expect(items.map(({ object }) => object.metadata.name)).toEqual(['b'])
    expect(w.hook.reviews.map(({ request }) => request.objects.length)).toEqual([2])
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const table = await w.call(`/apis/${group}/v2/namespaces/default/things`, { headers: { accept } })
    expect(table.json<{ rows: Array<{ cells: unknown[] }> }>().rows.map(({ cells }) => cells)).toEqual([['a', 'h'], ['b', 'g']])
  })

  it('is converted as soon as it is written, so that lists and watches go on while the webhook fails', async () => {
    const w = await world()
    await w.make('v1', 'a', { hostPort: 'h:1' })
    await eventually('the webhook to be asked', () => w.hook.reviews.length === 1)
    await w.verbs.list(w.kind('v2'), {})
    expect(w.hook.reviews.map(({ request }) => request.desiredAPIVersion)).toEqual([`${group}/v2`])
    w.hook.answer = response(() => ({ result: { status: 'Failed', message: 'not today' } }))
    expect((await w.verbs.list(w.kind('v2'), {})).items.map(({ object }) => (object as unknown as Thing).spec)).toEqual([{ host: 'h', port: '1' }])
    const heard = listener()
    const watch = await w.verbs.watch(w.kind('v2'), { sendInitialEvents: true }, heard.tell)
    expect(heard.seen).toEqual(['ADDED a', 'BOOKMARK'])
    watch.close()
  })

  it('is not deleted through a version that it cannot be shown in', async () => {
    const w = await world()
    await w.make('v1', 'a', { hostPort: 'h:1' })
    expect(await specOf(w, 'v2')).toEqual({ host: 'h', port: '1' })
    w.hook.answer = response(() => ({ result: { status: 'Failed', message: 'not today' } }))
    for (const dryRun of [true, false]) expect((await refusal(w.verbs.delete(w.kind('v2'), ref, {}, context({ dryRun })))).message).toBe(`conversion webhook for ${group}/v1, Kind=Thing failed: not today`)
    expect((await refusal(w.verbs.deleteCollection(w.kind('v2'), { namespace: 'default' }, {}, context()))).message).toContain('not today')
    expect(await specOf(w, 'v1')).toEqual({ hostPort: 'h:1' })
    w.hook.answer = honest
    await w.verbs.delete(w.kind('v2'), ref, {}, context())
    expect((await refusal(w.verbs.get(w.kind('v1'), ref))).code).toBe(404)
  })

  it('is listed whatever version it was stored in', async () => {
    const w = await world()
    await w.make('v1', 'a', { hostPort: 'h:1' })
    expect(await storeIn(w, 'v2')).toMatchObject({ status: { storedVersions: ['v1', 'v2'] } })
    await w.make('v2', 'b', { host: 'g', port: '2' })
    expect((w.store.get(`/${group}/things/default/b`)?.object as unknown as Thing).apiVersion).toBe(`${group}/v2`)
    for (const [version, specs] of [['v1', [{ hostPort: 'h:1' }, { hostPort: 'g:2' }]], ['v2', [{ host: 'h', port: '1' }, { host: 'g', port: '2' }]]] as const) {
      const { items } = await w.verbs.list(w.kind(version), {})
      expect(items.map(({ object }) => (object as unknown as Thing).spec)).toEqual(specs)
    }
  })

  it.each(['v1', 'v2'])('is kept in the newest storage version once it is written, even by an update through %s that changes nothing', async (version) => {
    const w = await world()
    await w.make('v1', 'a', { hostPort: 'h:1' })
    await storeIn(w, 'v2')
    const stored = () => w.store.get(`/${group}/things/default/a`)!
    const update = (dryRun = false) => w.verbs.patch(w.kind(version), ref, { type: 'merge', body: {} }, context({ dryRun }))
    await update(true)
    expect((stored().object as unknown as Thing).apiVersion).toBe(`${group}/v1`)
    expect((await update()).object.metadata).toMatchObject({ generation: 1 })
    expect(stored().object).toMatchObject({ apiVersion: `${group}/v2`, spec: { host: 'h', port: '1' } })
    const { revision } = stored()
    await update()
    expect(stored().revision).toBe(revision)
  })

  it('is watched in order, in the version that was asked for', async () => {
    const w = await world()
    await w.make('v1', 'a', { hostPort: 'h:1' })
    const heard = listener()
    const watch = await w.verbs.watch(w.kind('v2'), { sendInitialEvents: true }, heard.tell)
    await w.make('v2', 'b', { host: 'g', port: '2' })
    await w.verbs.patch(w.kind('v1'), ref, { type: 'merge', body: { spec: { hostPort: 'h:9' } } }, context())
    await w.verbs.delete(w.kind('v1'), ref, {}, context())
    await eventually('all events', () => heard.seen.length === 5)
    expect(heard.seen).toEqual(['ADDED a', 'BOOKMARK', 'ADDED b', 'MODIFIED a', 'DELETED a'])
    expect(heard.told.flatMap((told) => (told.type === 'BOOKMARK' ? [] : [(told.item.object as unknown as Thing).spec]))).toEqual([
      { host: 'h', port: '1' }, { host: 'g', port: '2' }, { host: 'h', port: '9' }, { host: 'h', port: '9' },
    ])
    watch.close()
  })

  it('that fails is told before anything else about a creation', async () => {
    const { verbs, kind, make, hook } = await world()
    await make('v1', 'a', { hostPort: 'local:80' })
    hook.answer = ({ apiVersion, kind: review, request: { uid } }) => ({ apiVersion, kind: review, response: { uid, result: { status: 'Failure', message: 'not today' } } })
    const error = await refusal(verbs.create(kind('v2'), 'default', { metadata: { name: 'a' }, spec: {} }, context()))
    expect([error.code, error.message]).toEqual([500, expect.stringContaining('not today')])
  })

  it('is not changed while it cannot be written as it is, whatever is wrong with the change', async () => {
    const w = await world()
    await w.make('v2', 'a', { host: 'h', port: '1' })
    expect(await specOf(w, 'v2')).toEqual({ host: 'h', port: '1' })
    w.hook.answer = response(() => ({ result: { status: 'Failed', message: 'not today' } }))
    const put = { apiVersion: `${group}/v2`, kind: 'Thing', metadata: { name: 'a' }, spec: { host: 'h', port: '1' } }
    const merge = { type: 'merge' as const, body: { spec: { host: 'h' } } }
    const [replaced, patched] = [await refusal(w.verbs.update(w.kind('v2'), ref, put, context())), await refusal(w.verbs.patch(w.kind('v2'), ref, merge, context()))]
    for (const error of [replaced, patched]) expect([error.code, error.message]).toEqual([500, `conversion webhook for ${group}/v2, Kind=Thing failed: not today`])
    expect((await refusal(w.verbs.update(w.kind('v1'), ref, { ...put, apiVersion: `${group}/v1` }, context()))).code).toBe(422)
    w.hook.answer = honest
    expect((await refusal(w.verbs.update(w.kind('v2'), ref, put, context()))).message).toContain('metadata.resourceVersion: Invalid value: 0: must be specified for an update')
  })

  it('gets no defaults by an apply that changes nothing but owners', async () => {
    const w = await world()
    const versions = [{ name: 'v1', served: true, storage: true, schema: schema('hostPort'), subresources }, { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { host: { type: 'string' }, port: { type: 'string' }, more: { type: 'string', default: 'm' } } } } } }, subresources }]
    await w.verbs.patch(customResourceDefinition, { name: `things.${group}` }, { type: 'merge', body: { spec: { versions } } }, context())
    await w.make('v1', 'a', { hostPort: 'h:1' })
    const apply = async (spec: object) => (await w.verbs.patch(w.kind('v2'), ref, { type: 'apply', body: { apiVersion: `${group}/v2`, kind: 'Thing', metadata: { name: 'a' }, spec }, force: true }, context({ fieldManager: 'me' }))).object as unknown as Thing
    expect((await apply({ host: 'h' })).metadata).toMatchObject({ generation: 1, managedFields: [{ manager: 'me' }, {}] })
    expect((await apply({ host: 'g' })).metadata).toMatchObject({ generation: 2 })
  })

  it('is converted anew by who reads its newest state, and told as before by lists and watches', async () => {
    const w = await world()
    await w.make('v1', 'a', { hostPort: 'h:1' })
    expect(await specOf(w, 'v2')).toEqual({ host: 'h', port: '1' })
    const listed = async (): Promise<unknown> => ((await w.verbs.list(w.kind('v2'), {})).items[0]?.object as unknown as Thing).spec
    expect(await listed()).toEqual({ host: 'h', port: '1' })
    w.hook.answer = changed(() => ({ spec: { host: 'new', unknown: 'x' } }))
    expect(await specOf(w, 'v2')).toEqual({ host: 'new' })
    w.hook.answer = response(() => ({ result: { status: 'Failed', message: 'not today' } }))
    const error = await refusal(w.verbs.get(w.kind('v2'), ref))
    expect([error.code, error.message]).toEqual([500, expect.stringContaining('not today')])
    expect((await refusal(w.verbs.get(w.kind('v2'), ref, undefined, 'scale'))).code).toBe(500)
    w.hook.reviews.length = 0
    expect(await specOf(w, 'v1')).toEqual({ hostPort: 'h:1' })
    expect(((await w.verbs.get(w.kind('v2'), ref, '0')).object as unknown as Thing).spec).toEqual({ host: 'h', port: '1' })
    expect(await listed()).toEqual({ host: 'h', port: '1' })
    expect(w.hook.reviews).toEqual([])
  })

  it('may get other labels from its webhook, and no other metadata', async () => {
    const w = await world()
    w.hook.answer = (review) => {
      const answer = honest(review) as { response: { convertedObjects: Thing[] } }
      for (const { metadata } of answer.response.convertedObjects) Object.assign(metadata, { labels: { to: review.request.desiredAPIVersion.slice(-2) }, resourceVersion: '1', generation: 77 })
      return answer
    }
    const made = await w.make('v1', 'a', { hostPort: 'h:1' })
    const shown = (await w.verbs.get(w.kind('v2'), ref)).object
    expect(shown.metadata).toEqual({ ...made.metadata, labels: { to: 'v2' } })
  })

  it('is asked for in the older review when that comes first', async () => {
    const w = await world(['v1beta1', 'v1'])
    // which neither checked the uid nor the type of the answer
    w.hook.answer = (review) => ({ ...(honest(review) as object), apiVersion: 'x/y', kind: 'Z' })
    await w.make('v2', 'a', { host: 'h', port: '1' })
    expect(w.hook.reviews[0]?.apiVersion).toBe('apiextensions.k8s.io/v1beta1')
    expect(await specOf(w, 'v1')).toEqual({ hostPort: 'h:1' })
  })
})

const response = (more: (review: Review) => object) => (review: Review): object => {
  const answer = honest(review) as { response: object }
  return { ...answer, response: { ...answer.response, ...more(review) } }
}
const changed = (change: (object: Thing) => object) => response(({ request }) => ({ convertedObjects: request.objects.map((object) => ({ ...converted(object, request.desiredAPIVersion), ...change(object) })) }))
const subject = `conversion webhook for ${group}/v1, Kind=Thing`

const wrong: Array<[title: string, answer: (review: Review) => object, message: string]> = [
  ['is none', () => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' }), `${subject} failed: no response provided`],
  ['is of another type', (review) => ({ ...(honest(review) as object), kind: 'Other' }), `${subject} failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got apiextensions.k8s.io/v1, Kind=Other`],
  ['says that it failed', response(() => ({ result: { status: 'Failed', message: 'no such field' } })), `${subject} failed: no such field`],
  ['says nothing of success', response(() => ({ result: {} })), `${subject} failed: response.result.status was '', not 'Success'`],
  ['has fewer objects', response(() => ({ convertedObjects: [] })), `${subject} returned 0 objects, expected 1`],
  ['is in another version', changed(() => ({ apiVersion: `${group}/v3` })), `${subject} returned invalid object at index 0: invalid groupVersion (expected ${group}/v2, received ${group}/v3)`],
  ['is of another kind', changed(() => ({ kind: 'Other' })), `${subject} returned invalid object at index 0: invalid kind (expected Thing, received Other)`],
  ['has another name', changed(({ metadata }) => ({ metadata: { ...metadata, name: `${metadata.name}x` } })), `${subject} returned invalid object: must have the same name: a != ax`],
  ['has another namespace', changed(({ metadata }) => ({ metadata: { ...metadata, namespace: 'b' } })), `${subject} returned invalid object: must have the same namespace: default != b`],
  ['has a label that is no text', changed(({ metadata }) => ({ metadata: { ...metadata, labels: { a: 1 } } })), `${subject} returned invalid metadata: metadata.labels[a] must be a string, but is float64 in converted object`],
]

describe('an answer of a conversion webhook', () => {
  it.each(wrong)('that %s is refused', async (_title, answer, message) => {
    const w = await world()
    await w.make('v1', 'a', { hostPort: 'h:1' })
    w.hook.answer = answer
    const error = await refusal(w.verbs.get(w.kind('v2'), ref))
    expect(error.code).toBe(500)
    expect(error.status).toEqual({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 })
    expect((await refusal(w.verbs.create(w.kind('v2'), 'default', { metadata: { name: 'b' }, spec: {} }, context()))).code).toBe(500)
    expect(await specOf(w, 'v1')).toEqual({ hostPort: 'h:1' })
    expect((await w.verbs.list(w.kind('v1'), {})).items).toHaveLength(1)
  })

  it('that does not come in time is told as the client tells it', async () => {
    const crd = { metadata: {}, spec: { conversion: { webhook: { clientConfig: { url: 'https://example.com' }, conversionReviewVersions: ['v1'] } } } } as unknown as CustomResourceDefinition
    const call = () => Promise.reject(new Error('Post "https://example.com/?timeout=30s": context deadline exceeded'))
    const convert = conversionWebhook(crd, { call, close: () => undefined })
    await expect(convert([{ apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'a' } }], `${group}/v2`))
      .rejects.toThrow(`${subject} failed: Post "https://example.com/?timeout=30s": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`)
  })

  it('is counted, as what came of it', async () => {
    const crd = { metadata: { name: 'things.example.com' }, spec: { conversion: { webhook: { clientConfig: {}, conversionReviewVersions: ['v1'] } } } } as unknown as CustomResourceDefinition
    const metrics = new ConversionMetrics()
    const thing = { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'a' } }
    const converted = async (answer: (uid: string) => object | undefined) => {
      const call: WebhookCaller['call'] = (_config, review) => {
        const answered = answer((review as { request: { uid: string } }).request.uid)
        return answered ? Promise.resolve({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response: answered } as unknown as JsonObject) : Promise.reject(new Error('nobody is there'))
      }
      await Promise.allSettled([conversionWebhook(crd, { call, close: () => undefined }, metrics)([thing], `${group}/v2`)])
    }
    const result = { status: 'Success' }
    const outcomes: Array<[string, (uid: string) => object | undefined]> = [
      ['conversion_webhook_call_failure', () => undefined],
      ['conversion_webhook_malformed_response_failure', () => ({ uid: 'another', result })],
      ['conversion_webhook_partial_response_failure', (uid) => ({ uid, result, convertedObjects: [] })],
      ['conversion_webhook_invalid_converted_object_failure', (uid) => ({ uid, result, convertedObjects: [thing] })],
      ['', (uid) => ({ uid, result, convertedObjects: [{ ...thing, apiVersion: `${group}/v2` }] })],
    ]
    for (const [, answer] of outcomes) await converted(answer)
    const text = exposition(metrics.families())
    for (const [failure] of outcomes) expect(text).toContain(`apiserver_conversion_webhook_request_total{result="${failure ? 'failure' : 'success'}",failure_type="${failure}"} 1\n`)
    for (const [succeeded, times] of [['true', 1], ['false', 4]] as const) {
      expect(text).toContain(`apiserver_crd_conversion_webhook_duration_seconds_count{crd_name="things.example.com",from_version="v1",to_version="v2",succeeded="${succeeded}"} ${times}\n`)
    }
  })

  it('that is for another question is refused', async () => {
    const w = await world()
    await w.make('v1', 'a', { hostPort: 'h:1' })
    w.hook.answer = response(() => ({ uid: 'other' }))
    expect((await refusal(w.verbs.list(w.kind('v2'), {}))).message).toMatch(/failed: expected response\.uid="[-0-9a-f]{36}", got "other"$/)
  })
})

it('refuses a definition whose webhook cannot be asked', async () => {
  const { verbs } = await served()
  const conversion = { strategy: 'Webhook', webhook: { clientConfig: { url: 'http://u@h/p?q#f', caBundle: Buffer.from('x').toString('base64') }, conversionReviewVersions: ['v7'] } }
  const error = await refusal(verbs.create(customResourceDefinition, undefined, {
    metadata: { name: `things.${group}` },
    spec: { group, scope: 'Namespaced', names: { plural: 'things', kind: 'Thing' }, versions: [{ name: 'v1', served: true, storage: true, schema: schema('a') }], conversion },
  }, context()))
  expect(error.status.details?.causes?.map(({ field, message }) => `${field}: ${message}`)).toEqual([
    `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
    'spec.conversion.webhookClientConfig.url: Invalid value: "u": user information is not permitted in the URL',
    'spec.conversion.webhookClientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
    'spec.conversion.webhookClientConfig.url: Invalid value: "q": query parameters are not permitted in the URL',
    'spec.conversion.conversionReviewVersions: Invalid value: ["v7"]: must include at least one of v1, v1beta1',
  ])
})
