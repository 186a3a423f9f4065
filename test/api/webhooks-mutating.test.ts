import { describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { mutatingWebhookConfiguration } from '../../src-main/kinds/admissionregistration/mutating-webhook-configuration.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { horizontalPodAutoscalerV1 } from '../../src-main/kinds/autoscaling/horizontal-pod-autoscaler-v1.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { customKinds } from '../../src-main/kinds/custom.ts'
import type { CustomResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import { configMapNamed, context, podNamed, refusal } from './registry-fixture.ts'
import { allow, deny, type Handler, hooked, type Hooked, patch, respond, rule } from './webhooks-fixture.ts'

const made = ({ verbs }: Hooked, name = 'a', more: object = {}) => verbs.create(configMap, 'default', configMapNamed(name, more), context())
const ref = { namespace: 'default', name: 'a' }
const dataOf = (object: object) => (object as { data?: Record<string, string> }).data
/** Adds `value` at `/data/<to>` when `/data/<when>` is there, as the webhook of Kubernetes' own tests. */
const stage = (when: string, to: string): Handler => (review, req, res) =>
  (dataOf(review.request.object as object)?.[when] ? patch({ op: 'add', path: `/data/${to}`, value: 'yes' }) : allow)(review, req, res)

describe('mutating webhooks', () => {
  it('are asked in the order of their configurations\' names, each about what those before it made', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/b', stage('first', 'second'))
    cluster.handlers.set('/a', stage('key', 'first'))
    await cluster.mutating('b')
    await cluster.mutating('a')
    expect(dataOf((await made(cluster)).object)).toEqual({ key: 'value', first: 'yes', second: 'yes' })
  })

  it('are shown a new object without what only the server says of it, and cannot say it either', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/a', patch({ op: 'add', path: '/metadata/uid', value: 'mine' }, { op: 'add', path: '/metadata/creationTimestamp', value: '2000-01-01T00:00:00Z' }, { op: 'add', path: '/metadata/labels', value: { a: 'b' } }))
    await cluster.mutating('a')
    const { object } = await made(cluster)
    expect(cluster.sent('a')[0]!.object).not.toHaveProperty('metadata.uid')
    expect(object.metadata).toMatchObject({ labels: { a: 'b' }, creationTimestamp: '2026-01-01T00:00:00Z' })
    expect(object.metadata.uid).toMatch(/^[-0-9a-f]{36}$/)
  })

  it('leave a name to be generated, and may not put the object elsewhere', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/a', patch({ op: 'add', path: '/metadata/labels', value: { a: 'b' } }))
    await cluster.mutating('a')
    const { object } = await cluster.verbs.create(configMap, 'default', { metadata: { generateName: 'made-' } }, context())
    expect(cluster.sent('a')[0]).not.toHaveProperty('name')
    expect(object.metadata.name).toMatch(/^made-/)
    cluster.handlers.set('/a', patch({ op: 'replace', path: '/metadata/namespace', value: 'kube-system' }))
    expect((await refusal(made(cluster))).message).toBe('the namespace of the provided object does not match the namespace sent on the request')
  })

  it('have their objects completed and validated like everybody\'s', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/a', patch({ op: 'add', path: '/spec/initContainers', value: [{ name: 'init', image: 'webhook-added-image', resources: {} }] }))
    await cluster.mutating('a', { rules: [rule(['pods'], ['CREATE'])] })
    const { object } = await cluster.verbs.create(pod, 'default', podNamed('a'), context())
    expect((object as Pod).spec?.initContainers).toMatchObject([{ name: 'init', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' }])
    cluster.handlers.set('/a', patch({ op: 'replace', path: '/spec/containers/0/name', value: 'Not A Name' }))
    const refused = await refusal(cluster.verbs.create(pod, 'default', podNamed('b'), context()))
    expect([refused.code, refused.message.includes('spec.containers[0].name')]).toEqual([422, true])
  })

  it('do not own what they write', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/a', stage('key', 'added'))
    await cluster.mutating('a')
    const { object } = await cluster.verbs.create(configMap, 'default', configMapNamed('a'), context({ fieldManager: 'me' }))
    expect(object.metadata.managedFields).toMatchObject([{ manager: 'me', fieldsV1: { 'f:data': { 'f:key': {} } } }])
    expect(JSON.stringify(object.metadata.managedFields)).not.toContain('added')
  })

  it('change updates, patches and what is applied, but not what that door does not write', async () => {
    const cluster = await hooked()
    await made(cluster)
    cluster.handlers.set('/a', patch({ op: 'add', path: '/data/added', value: 'yes' }))
    await cluster.mutating('a')
    expect(dataOf((await cluster.verbs.update(configMap, ref, { metadata: { name: 'a' }, data: { one: '1' } }, context())).object)).toEqual({ one: '1', added: 'yes' })
    expect(dataOf((await cluster.verbs.patch(configMap, ref, { type: 'merge', body: { data: { added: null, two: '2' } } }, context())).object)).toEqual({ one: '1', two: '2', added: 'yes' })
    const apply = { type: 'apply' as const, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' }, data: { three: '3' } } }
    expect(dataOf((await cluster.verbs.patch(configMap, { ...ref, name: 'new' }, apply, context({ fieldManager: 'm' }))).object)).toEqual({ three: '3', added: 'yes' })

    await cluster.verbs.create(pod, 'default', podNamed('a'), context())
    cluster.handlers.set('/status', patch({ op: 'add', path: '/status/message', value: 'hello' }, { op: 'replace', path: '/spec/containers/0/image', value: 'other' }))
    await cluster.mutating('status', { rules: [rule(['pods/status'])] })
    const { object } = await cluster.verbs.patch(pod, ref, { type: 'merge', body: { status: { phase: 'Running' } } }, context(), 'status')
    expect(object).toMatchObject({ status: { phase: 'Running', message: 'hello' }, spec: { containers: [{ image: 'busybox' }] } })
  })

  it('change a Scale', async () => {
    const cluster = await hooked()
    const spec = { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } }
    await cluster.verbs.create(deployment, 'default', { metadata: { name: 'web' }, spec }, context())
    cluster.handlers.set('/a', patch({ op: 'replace', path: '/spec/replicas', value: 2 }))
    await cluster.mutating('a', { rules: [rule(['deployments/scale'])] })
    const scaled = await cluster.verbs.patch(deployment, { ...ref, name: 'web' }, { type: 'merge', body: { spec: { replicas: 9 } } }, context(), 'scale')
    expect(scaled.object).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } })
    expect((await cluster.verbs.get(deployment, { ...ref, name: 'web' })).object).toMatchObject({ spec: { replicas: 2 } })
  })

  it('change an object in the version of their rules', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/a', patch({ op: 'replace', path: '/spec/metrics/0/resource/target/averageUtilization', value: 42 }))
    await cluster.mutating('a', { rules: [rule(['horizontalpodautoscalers'], ['*'], ['autoscaling'], ['v2'])] })
    const spec = { maxReplicas: 3, targetCPUUtilizationPercentage: 60, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } }
    const { object } = await cluster.verbs.create(horizontalPodAutoscalerV1, 'default', { metadata: { name: 'web' }, spec }, context())
    expect(object).toMatchObject({ apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 42 } })
  })

  it('have as long as the request still has, and nobody is asked any more when that is over', async () => {
    const cluster = await hooked()
    const asked: string[] = []
    const told: Handler = (review, req, res) => {
      asked.push(req.url ?? '')
      return allow(review, req, res)
    }
    cluster.handlers.set('/a', told).set('/b', told)
    await cluster.mutating('a', { timeoutSeconds: 20 })
    await cluster.mutating('b', { timeoutSeconds: 5 })
    const create = (name: string, ms: number) => cluster.verbs.create(configMap, 'default', configMapNamed(name), { ...context(), until: performance.now() + ms })
    await create('a', 10_000)
    expect(asked).toEqual(['/a?timeout=10s', '/b?timeout=5s'])
    cluster.handlers.set('/a', () => undefined)
    await cluster.verbs.patch(mutatingWebhookConfiguration, { name: 'a' }, { type: 'json', body: [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }] }, context())
    const error = await refusal(create('b', 50))
    expect([error.code, error.message]).toEqual([504, 'Timeout: request did not complete within requested timeout - context deadline exceeded'])
    expect(asked).toHaveLength(2)
  })

  it('name each owner once, and the client is told', async () => {
    const cluster = await hooked()
    const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'Pod', name: 'p', uid })
    const said = (when: string, ...uids: string[]) => `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids.join(', ')}`
    const own = context()
    const { object } = await cluster.verbs.create(configMap, 'default', { metadata: { name: 'a', ownerReferences: ['1', '2', '1', '2'].map(owner) } }, own)
    expect([object.metadata.ownerReferences, own.warnings]).toEqual([['1', '2'].map(owner), [said('', '1', '2')]])
    cluster.handlers.set('/m', patch({ op: 'add', path: '/metadata/ownerReferences/-', value: owner('2') }))
    await cluster.mutating('m')
    const patched = context()
    const after = await cluster.verbs.patch(configMap, ref, { type: 'json', body: [] }, patched)
    expect([after.object.metadata.ownerReferences, patched.warnings]).toEqual([['1', '2'].map(owner), [said(' after mutating admission happens', '2')]])
  })

  it('have what a custom resource\'s schema does not know pruned', async () => {
    const cluster = await hooked()
    const schema = { openAPIV3Schema: { type: 'object', properties: { data: { type: 'object', properties: { start: { type: 'string' }, one: { type: 'string' } } } } } }
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'things.example.com' },
      spec: { group: 'example.com', scope: 'Namespaced', names: { kind: 'Thing', plural: 'things' }, versions: [{ name: 'v1', served: true, storage: true, schema }] },
    } as unknown as CustomResourceDefinition
    const [thing] = customKinds(crd)
    cluster.handlers.set('/a', stage('start', 'one'))
    cluster.handlers.set('/b', stage('one', 'two'))
    for (const name of ['a', 'b']) await cluster.mutating(name, { rules: [rule(['things'])] })
    const { object } = await cluster.verbs.create(thing!, 'default', { metadata: { name: 't' }, data: { start: 'yes' } }, context())
    expect(dataOf(object)).toEqual({ start: 'yes', one: 'yes' })
  })

  it.each<[policy: string, calls: string[]]>([['IfNeeded', ['a', 'b', 'a']], ['Never', ['a', 'b']]])('are asked again with reinvocationPolicy %s when another one changed the object', async (reinvocationPolicy, calls) => {
    const cluster = await hooked()
    cluster.handlers.set('/a', stage('second', 'seen'))
    cluster.handlers.set('/b', stage('key', 'second'))
    await cluster.mutating('a', { reinvocationPolicy })
    await cluster.mutating('b')
    const { object } = await made(cluster)
    expect(cluster.reviews.map(({ path }) => path.slice(1))).toEqual(calls)
    expect(dataOf(object)?.seen).toBe(calls.length === 3 ? 'yes' : undefined)
  })

  it('are asked again when the server itself changed what they left', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/a', patch({ op: 'add', path: '/spec/tolerations', value: [] }))
    await cluster.mutating('a', { rules: [rule(['pods'], ['CREATE'])], reinvocationPolicy: 'IfNeeded' })
    const { object } = await cluster.verbs.create(pod, 'default', podNamed('a'), context())
    expect(cluster.sent('a').map(({ object: seen }) => (seen as Pod).spec?.tolerations?.length)).toEqual([2, 2])
    expect((object as Pod).spec?.tolerations).toHaveLength(2)
  })

  it('come before validating ones, and refuse too', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/a', stage('key', 'added'))
    cluster.handlers.set('/check', allow)
    await cluster.mutating('a')
    await cluster.validating('check')
    await made(cluster)
    expect(cluster.sent('check')).toMatchObject([{ object: { data: { key: 'value', added: 'yes' } } }])
    cluster.handlers.set('/a', deny({ message: 'no', code: 403 }))
    expect((await refusal(made(cluster, 'b'))).message).toBe('admission webhook "a.example.com" denied the request: no')
    expect(cluster.sent('check')).toHaveLength(1)
  })

  it('see the addresses of a Service only where they validate', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/check', allow)
    await cluster.validating('check', { rules: [rule(['services'])] })
    const { object } = await cluster.verbs.create(service, 'default', { metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } }, context())
    const { clusterIP } = (object as unknown as { spec: { clusterIP: string } }).spec
    expect(cluster.sent('check')).toMatchObject([{ object: { spec: { clusterIP } } }])
  })

  it.each<[what: string, handler: Handler, sentence: string]>([
    ['a patch that does not apply', patch({ op: 'remove', path: '/data/nothing' }), 'Internal error occurred: '],
    ['a patch that is none', (review) => respond(review, { patchType: 'JSONPatch', patch: Buffer.from('{}').toString('base64') }), 'Internal error occurred: json: cannot unmarshal'],
    ['a patch without its type', (review) => respond(review, { patch: 'W10=' }), 'webhook returned response.patch but not response.patchType'],
    ['a type without a patch', (review) => respond(review, { patchType: 'JSONPatch' }), 'webhook returned response.patchType but not response.patch'],
    ['another type of patch', (review) => respond(review, { patchType: 'Merge', patch: 'e30=' }), 'unsupported patch type "Merge"'],
    ['another kind of object', patch({ op: 'replace', path: '/kind', value: 'Secret' }), 'Internal error occurred: '],
    ['a field of the wrong type', patch({ op: 'replace', path: '/data', value: 'text' }), 'Internal error occurred: '],
    ['a prototype', patch({ op: 'add', path: '/__proto__/polluted', value: 'yes' }), 'Internal error occurred: '],
  ])('fail with %s', async (_what, handler, sentence) => {
    const cluster = await hooked()
    cluster.handlers.set('/a', handler)
    await cluster.mutating('a')
    const refused = await refusal(made(cluster))
    expect([refused.code, refused.message.includes(sentence)], refused.message).toEqual([500, true])
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })

  it('cannot change what is deleted, and say no to it like others', async () => {
    const cluster = await hooked()
    await made(cluster)
    cluster.handlers.set('/a', patch({ op: 'add', path: '/data/a', value: 'b' }))
    await cluster.mutating('a', { rules: [rule(['configmaps'], ['DELETE'])] })
    expect((await refusal(cluster.verbs.delete(configMap, ref, {}, context()))).message).toBe(
      'Internal error occurred: admission webhook "a.example.com" attempted to modify the object, which is not supported for this operation',
    )
    await cluster.verbs.delete(mutatingWebhookConfiguration, { name: 'a' }, {}, context())
    await cluster.verbs.delete(configMap, ref, {}, context())
  })

  it('leave out what they added to an object that nobody stores in a dry run', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/a', stage('key', 'added'))
    await cluster.mutating('a')
    const { object } = await cluster.verbs.create(configMap, 'default', configMapNamed('a'), context({ dryRun: true }))
    expect(dataOf(object)).toEqual({ key: 'value', added: 'yes' })
    expect((await refusal(cluster.verbs.get(configMap, ref))).code).toBe(404)
  })

  it('let pass what they cannot judge, where their failure is ignored', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/b', stage('key', 'added'))
    await cluster.mutating('a', { failurePolicy: 'Ignore', clientConfig: { service: { namespace: 'default', name: 'gone' } } })
    await cluster.mutating('b')
    expect(dataOf((await made(cluster)).object)).toEqual({ key: 'value', added: 'yes' })
  })
})
