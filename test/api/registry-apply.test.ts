import { describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { serviceAccount } from '../../src-main/kinds/core/service-account.ts'
import type { ManagedFieldsEntry } from '../../src-main/kinds/generated/types.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import type { Encoded, RequestContext, Verbs } from '../../src-main/api/verbs.ts'
import { context, podNamed, refusal, registry } from './registry-fixture.ts'
import { served } from './served-fixture.ts'

type Loose = KubeObject & { data?: Record<string, string>; spec?: Record<string, unknown>; status?: Record<string, unknown> }

const web = { namespace: 'default', name: 'web' }
const managed = ({ object }: Encoded): ManagedFieldsEntry[] => object.metadata.managedFields ?? []
const entryOf = (item: Encoded, manager: string) => managed(item).find((entry) => entry.manager === manager)
const loose = ({ object }: Encoded) => object as Loose
const version = ({ object }: Encoded) => object.metadata.resourceVersion

/** Applies to the object `web` of the kind as `manager` would. */
const applier = (verbs: Verbs, kind: AnyKind) => (
  manager: string,
  wish: object,
  { force, subresource, ...more }: Partial<RequestContext> & { force?: boolean; subresource?: string } = {},
) => {
  const { metadata, ...rest } = wish as Partial<KubeObject>
  const body = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: 'web', ...metadata }, ...rest }
  return verbs.patch(kind, web, { type: 'apply', body, force }, context({ fieldManager: manager, ...more }), subresource)
}

const merge = (verbs: Verbs, kind: AnyKind, body: object, manager: string, subresource?: string) =>
  verbs.patch(kind, web, { type: 'merge', body }, context({ fieldManager: manager }), subresource)

const deploymentSpec = (replicas?: number, image = 'busybox:1') => ({
  ...(replicas === undefined ? {} : { replicas }),
  selector: { matchLabels: { app: 'web' } },
  template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image }] } },
})

describe('server-side apply', () => {
  it('is refused where who owns the fields makes an object too large, which another write is kept without', async () => {
    const { verbs } = await registry()
    const long = Object.fromEntries(Array.from({ length: 9999 }, (_, i) => [`this-key-is-very-long-so-that-the-set-of-fields-is-large-when-it-is-written-${i}`, 'A']))
    const made = await verbs.create(configMap, 'default', { metadata: { name: 'web' }, data: long }, context())
    expect(made.object.metadata.managedFields).toBeUndefined()
    const small = await verbs.create(configMap, 'default', { metadata: { name: 'small' }, data: { a: 'b' } }, context())
    expect(managed(small)).toHaveLength(1)
    const grown = await verbs.patch(configMap, { namespace: 'default', name: 'small' }, { type: 'merge', body: { data: long } }, context())
    expect(grown.object.metadata.managedFields).toBeUndefined()
    const error = await refusal(applier(verbs, configMap)('one', { data: long }))
    expect(error.message).toMatch(/request is too large|send message larger than max/)
    expect((await verbs.get(configMap, web)).object.metadata.resourceVersion).toBe(version(made))
  })

  it('takes the name of an object that is there from the URL, and creates none without a name', async () => {
    const { verbs } = await registry()
    const nameless = () => verbs.patch(configMap, web, { type: 'apply', body: { apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } } }, context({ fieldManager: 'ann' }))
    expect(await refusal(nameless())).toMatchObject({ code: 400, message: 'the name of the object (web based on URL) was undeterminable: name must be provided' })
    await applier(verbs, configMap)('bob', { data: { b: '2' } })
    expect(loose(await nameless())).toMatchObject({ metadata: { name: 'web' }, data: { a: '1', b: '2' } })
  })

  it('creates what is not there, owned by its manager without the defaults', async () => {
    const { verbs } = await registry()
    const made = await applier(verbs, deployment)('ann', { spec: deploymentSpec(2) })
    expect(made.created).toBe(true)
    expect(loose(made).spec).toMatchObject({ replicas: 2, revisionHistoryLimit: 10 })
    expect(managed(made)).toEqual([
      {
        manager: 'ann',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:replicas': {},
            'f:selector': {},
            'f:template': {
              'f:metadata': { 'f:labels': { 'f:app': {} } },
              'f:spec': { 'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
            },
          },
        },
      },
    ])
    expect(await verbs.get(deployment, web)).toMatchObject({ object: made.object })
  })

  it('changes nothing when the same is applied again, however much later', async () => {
    const { verbs, clock } = await registry()
    const apply = applier(verbs, deployment)
    const made = await apply('ann', { spec: deploymentSpec(2) })
    clock.advance(60_000)
    const again = await apply('ann', { spec: deploymentSpec(2) })
    expect(again.created).toBeFalsy()
    expect(again.object).toEqual(made.object)
    expect(version(again)).toBe(version(made))
  })

  it('refuses to take a value from its owner, names the owner, and takes it by force', async () => {
    const { verbs } = await registry()
    const apply = applier(verbs, configMap)
    await apply('ann', { data: { color: 'red', size: 'l' } })
    await merge(verbs, configMap, { data: { color: 'blue' } }, 'kubectl-edit')
    const refused = await refusal(apply('ann', { data: { color: 'red', size: 'l' } }))
    expect(refused.status).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.color',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl-edit" using v1', field: '.data.color' }] },
    })
    expect(loose(await verbs.get(configMap, web)).data).toEqual({ color: 'blue', size: 'l' })
    const forced = await apply('ann', { data: { color: 'red', size: 'l' } }, { force: true })
    expect(loose(forced).data).toEqual({ color: 'red', size: 'l' })
    expect(managed(forced).map(({ manager }) => manager)).toEqual(['ann'])
  })

  it('shares equal values, removes what nobody wishes any more, and keeps what others wish', async () => {
    const { verbs } = await registry()
    const apply = applier(verbs, configMap)
    await apply('ann', { data: { both: '1', hers: '2' } })
    const shared = await apply('bob', { data: { both: '1' } })
    expect(entryOf(shared, 'ann')?.fieldsV1).toEqual({ 'f:data': { 'f:both': {}, 'f:hers': {} } })
    expect(entryOf(shared, 'bob')?.fieldsV1).toEqual({ 'f:data': { 'f:both': {} } })
    expect(loose(await apply('ann', {})).data).toEqual({ both: '1' })
    expect(loose(await apply('bob', {})).data).toBeUndefined()
  })

  it('merges list items by their keys, and gives defaulted keys their due', async () => {
    const { verbs } = await registry()
    const apply = applier(verbs, service)
    await apply('ann', { spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] } })
    const both = await apply('bob', { spec: { ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] } })
    expect(loose(both).spec?.['ports']).toMatchObject([{ name: 'http', port: 80, protocol: 'TCP' }, { name: 'dns', port: 53, protocol: 'UDP' }])
    expect(entryOf(both, 'bob')?.fieldsV1).toMatchObject({ 'f:spec': { 'f:ports': { 'k:{"port":53,"protocol":"UDP"}': { 'f:name': {} } } } })
    const left = await apply('ann', { spec: { selector: { app: 'web' } } })
    expect(loose(left).spec?.['ports']).toMatchObject([{ name: 'dns' }])
  })

  it('has a door of its own for the status, which the main door leaves alone', async () => {
    const { verbs } = await registry()
    const apply = applier(verbs, deployment)
    await apply('ann', { spec: deploymentSpec(2), status: { replicas: 7 } })
    const status = await apply('controller', { status: { replicas: 2, conditions: [{ type: 'Available', status: 'True' }] } }, { subresource: 'status' })
    expect(loose(status).status).toMatchObject({ replicas: 2, conditions: [{ type: 'Available' }] })
    expect(entryOf(status, 'controller')).toMatchObject({
      operation: 'Apply',
      subresource: 'status',
      fieldsV1: { 'f:status': { 'f:replicas': {}, 'f:conditions': { 'k:{"type":"Available"}': { 'f:status': {} } } } },
    })
    expect(entryOf(status, 'ann')?.fieldsV1).not.toHaveProperty('f:status')
    expect(loose(await apply('ann', { spec: deploymentSpec(3) })).status).toMatchObject({ replicas: 2 })
    const missing = verbs.patch(deployment, { ...web, name: 'none' }, { type: 'apply', body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'none' } } }, context({ fieldManager: 'c' }), 'status')
    expect((await refusal(missing)).reason).toBe('NotFound')
  })

  it('tries without writing when asked for a dry run', async () => {
    const { verbs, store } = await registry()
    const apply = applier(verbs, configMap)
    const before = store.revision
    expect((await apply('ann', { data: { a: '1' } }, { dryRun: true })).created).toBe(true)
    expect(store.revision).toBe(before)
    const made = await apply('ann', { data: { a: '1' } })
    const tried = await apply('ann', { data: { a: '2' } }, { dryRun: true })
    expect(loose(tried).data).toEqual({ a: '2' })
    expect((await verbs.get(configMap, web)).object).toEqual(made.object)
    await merge(verbs, configMap, { data: { a: '3' } }, 'other')
    expect((await refusal(apply('ann', { data: { a: '4' } }, { dryRun: true }))).reason).toBe('Conflict')
  })

  it('knows who scaled, and tells whoever applies another number', async () => {
    const { verbs } = await registry()
    const apply = applier(verbs, deployment)
    await apply('ann', { spec: deploymentSpec(2) })
    await merge(verbs, deployment, { spec: { replicas: 5 } }, 'hpa', 'scale')
    const scaled = await verbs.get(deployment, web)
    expect(entryOf(scaled, 'hpa')).toMatchObject({ operation: 'Update', subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } })
    expect(entryOf(scaled, 'hpa')).not.toHaveProperty('time')
    expect((await refusal(apply('ann', { spec: deploymentSpec(2) }))).message).toBe(
      'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas',
    )
    const handedOver = await apply('ann', { spec: deploymentSpec() })
    expect(loose(handedOver).spec).toMatchObject({ replicas: 5 })
    expect(entryOf(handedOver, 'hpa')).toBeDefined()
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 1 } }
    const refused = verbs.patch(deployment, web, { type: 'apply', body: scale }, context({ fieldManager: 'ann' }), 'scale')
    expect((await refusal(refused)).message).toBe(
      'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using autoscaling/v1: .spec.replicas',
    )
  })

  it('obeys a resourceVersion, and creates nothing for a uid', async () => {
    const { verbs } = await registry()
    const apply = applier(verbs, configMap)
    const absent = await refusal(apply('ann', { metadata: { uid: 'u-1' } }))
    expect(absent.message).toBe(
      'Operation cannot be fulfilled on configmaps "web": uid mismatch: the provided object specified uid u-1, and no existing object was found',
    )
    const made = await apply('ann', { data: { a: '1' } })
    await merge(verbs, configMap, { data: { b: '2' } }, 'other')
    const stale = await refusal(apply('ann', { metadata: { resourceVersion: version(made) }, data: { a: '2' } }))
    expect(stale.reason).toBe('Conflict')
    expect(stale.message).toContain('the object has been modified')
  })

  it('creates once when two apply at the same time, and asks first whether the user may create', async () => {
    const { verbs } = await registry()
    const apply = applier(verbs, configMap)
    const forbidden = new Error('may not create')
    const authorizeCreate = () => {
      throw forbidden
    }
    await expect(apply('ann', { data: { a: '1' } }, { authorizeCreate })).rejects.toBe(forbidden)
    const both = await Promise.all([apply('ann', { data: { a: '1' } }), apply('bob', { data: { b: '2' } })])
    expect(both.filter(({ created }) => created)).toHaveLength(1)
    const stored = await verbs.get(configMap, web)
    expect(loose(stored).data).toEqual({ a: '1', b: '2' })
    await apply('ann', { data: { a: '3' } }, { authorizeCreate })
  })

  it.each<[string, object, number, string]>([
    ['another type', { apiVersion: 'apps/v1', kind: 'Deployment' }, 400, 'invalid object type: apps/v1, Kind=Deployment'],
    ['no type', { metadata: {} }, 400, 'invalid object type: /, Kind='],
    ['a list', [], 400, 'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['owners of its own', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { managedFields: [] } }, 400, 'metadata.managedFields must be nil'],
    ['another name', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other' } }, 400, 'the name of the object (other) does not match the name on the URL (web)'],
    ['another namespace', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'other' } }, 400, 'the namespace of the provided object does not match the namespace sent on the request'],
    ['an unknown field', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, spec: {} }, 500, 'failed to create typed patch object (/web; /v1, Kind=ConfigMap): .spec: field not declared in schema'],
  ])('refuses %s', async (_what, body, code, message) => {
    const { verbs, store } = await registry()
    const before = store.revision
    const refused = await refusal(verbs.patch(configMap, web, { type: 'apply', body }, context({ fieldManager: 'ann' })))
    expect(refused).toMatchObject({ code, message })
    expect(store.revision).toBe(before)
  })

  it('must have a manager, and no other patch may be forced', async () => {
    const { verbs } = await registry()
    const anonymous = verbs.patch(configMap, web, { type: 'apply', body: {} }, context({ userAgent: 'kubectl/v1' }))
    expect(await refusal(anonymous)).toMatchObject({
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    })
    const forced = verbs.patch(configMap, web, { type: 'merge', body: {}, force: false }, context({ fieldManager: 'ann' }))
    expect(await refusal(forced)).toMatchObject({
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    })
  })
})

describe('managedFields of other writes', () => {
  it('note what was created, with its defaults, but nothing that the server adds', async () => {
    const { verbs } = await registry()
    await verbs.create(serviceAccount, 'default', { metadata: { name: 'default' } }, context())
    const made = await verbs.create(pod, 'default', podNamed('web'), context({ userAgent: 'kubectl/v1.36.0 (linux/amd64)' }))
    expect(loose(made).spec?.['tolerations']).toBeDefined()
    const [entry, ...others] = managed(made)
    expect(others).toEqual([])
    expect(entry).toMatchObject({ manager: 'kubectl', operation: 'Update', apiVersion: 'v1', time: '2026-01-01T00:00:00Z' })
    const fields = entry?.fieldsV1 as { 'f:spec': object; 'f:metadata'?: object; 'f:status'?: object }
    expect(fields['f:spec']).toMatchObject({
      'f:restartPolicy': {},
      'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:image': {}, 'f:imagePullPolicy': {} } },
    })
    expect(fields['f:spec']).not.toHaveProperty('f:tolerations')
    expect([fields['f:metadata'], fields['f:status']]).toEqual([undefined, undefined])
  })

  it('hand a changed field to who changed it, by door', async () => {
    const { verbs, clock } = await registry()
    await verbs.create(deployment, 'default', { metadata: { name: 'web' }, spec: deploymentSpec(1) }, context({ fieldManager: 'ann' }))
    clock.advance(1000)
    await merge(verbs, deployment, { status: { replicas: 1 } }, 'controller', 'status')
    const current = structuredClone((await verbs.get(deployment, web)).object) as Loose
    current.spec!['replicas'] = 4
    const changed = await verbs.update(deployment, web, current, context({ fieldManager: 'bob' }))
    expect(entryOf(changed, 'bob')).toMatchObject({ time: '2026-01-01T00:00:01Z', fieldsV1: { 'f:spec': { 'f:replicas': {} } } })
    expect(entryOf(changed, 'controller')).toMatchObject({ subresource: 'status', fieldsV1: { 'f:status': { 'f:replicas': {} } } })
    expect((entryOf(changed, 'ann')?.fieldsV1 as { 'f:spec': object })['f:spec']).not.toHaveProperty('f:replicas')
  })

  it('do not change with a write that says the same, whoever writes and when', async () => {
    const { verbs, clock } = await registry()
    const made = await verbs.create(configMap, 'default', { metadata: { name: 'web' }, data: { a: '1' } }, context({ fieldManager: 'ann' }))
    clock.advance(60_000)
    const same = structuredClone(made.object)
    expect(version(await verbs.update(configMap, web, same, context({ fieldManager: 'bob' })))).toBe(version(made))
    expect(version(await merge(verbs, configMap, { data: { a: '1' } }, 'bob'))).toBe(version(made))
    const [stored] = managed(made)
    const retimed = { ...structuredClone(made.object), metadata: { ...made.object.metadata, managedFields: [{ ...stored, time: '2020-01-01T00:00:00Z' }] } }
    expect(version(await verbs.update(configMap, web, retimed, context({ fieldManager: 'bob' })))).toBe(version(made))
  })

  it('can be reset by a client, and are tracked again once somebody applies', async () => {
    const { verbs } = await registry()
    await verbs.create(configMap, 'default', { metadata: { name: 'web' }, data: { a: '1' } }, context({ fieldManager: 'ann' }))
    const reset = await merge(verbs, configMap, { metadata: { managedFields: [{}] } }, 'ann')
    expect(reset.object.metadata).not.toHaveProperty('managedFields')
    const patched = await merge(verbs, configMap, { data: { b: '2' } }, 'ann')
    expect(patched.object.metadata).not.toHaveProperty('managedFields')
    const applied = await applier(verbs, configMap)('bob', { data: { c: '3' } })
    expect(managed(applied).map(({ manager }) => manager)).toEqual(['bob', 'before-first-apply'])
  })

  it.each([
    ['system:kube-scheduler', 'kube-scheduler'],
    ['system:node:worker-1', 'kubelet'],
    ['system:serviceaccount:kube-system:deployment-controller', 'kube-controller-manager'],
    ['system:apiserver', 'kube-apiserver'],
  ])('call %s inside this process %s', async (name, manager) => {
    const { verbs } = await registry()
    const made = await verbs.create(configMap, 'default', { metadata: { name: 'web' }, data: { a: '1' } }, context({ user: { name, groups: [] } }))
    expect(managed(made).map((entry) => entry.manager)).toEqual([manager])
  })
})

describe('apply over the wire', () => {
  const path = '/api/v1/namespaces/default/configmaps/web'
  const yaml = (value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: { a: "${value}" }\n`
  const sends = (value: string, token?: string) => ({
    method: 'PATCH',
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: yaml(value),
    ...(token ? { token } : {}),
  })

  it('answers 201 for what it creates, 200 after, and 409 with what is in the way', async () => {
    const { call } = await served()
    expect((await call(path, sends('1'))).json()).toMatchObject({ code: 422, reason: 'Invalid' })
    expect((await call(`${path}?fieldManager=${'x'.repeat(129)}`, sends('1'))).code).toBe(422)
    expect((await call(`${path}?fieldManager=a%00b`, sends('1'))).text).toContain('invalid character U+0000 (at position 1)')
    expect((await call(`${path}?fieldManager=ann`, sends('1'))).code).toBe(201)
    const again = await call(`${path}?fieldManager=ann`, sends('2'))
    expect([again.code, again.json()]).toMatchObject([200, { data: { a: '2' }, metadata: { managedFields: [{ manager: 'ann', operation: 'Apply' }] } }])
    expect((await call(`${path}?fieldManager=bob`, sends('3'))).json()).toMatchObject({ code: 409, details: { causes: [{ field: '.data.a' }] } })
    expect((await call(`${path}?fieldManager=bob&force=true`, sends('3'))).code).toBe(200)
  })

  it('lets nobody create who may only patch', async () => {
    const { call } = await served({ authorize: (user, asked) => ({ allowed: user.name === 'admin' || asked.verb === 'patch', reason: '' }) })
    const guest = sends('1', 'the-guest-token')
    expect((await call(`${path}?fieldManager=guest`, guest)).json()).toMatchObject({
      code: 403,
      message: 'configmaps "web" is forbidden: User "guest" cannot create resource "configmaps" in API group "" in the namespace "default"',
    })
    expect((await call(`${path}?fieldManager=admin`, sends('1'))).code).toBe(201)
    expect((await call(`${path}?fieldManager=guest`, guest)).code).toBe(200)
  })
})
