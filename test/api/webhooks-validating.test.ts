import { describe, expect, it } from 'vitest'
import { exposition } from '../../src-main/api/exposition.ts'
import { server } from '../../src-main/api/server-user.ts'
import { validatingWebhookConfiguration } from '../../src-main/kinds/admissionregistration/validating-webhook-configuration.ts'
import { horizontalPodAutoscalerV1 } from '../../src-main/kinds/autoscaling/horizontal-pod-autoscaler-v1.ts'
import { horizontalPodAutoscaler } from '../../src-main/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { configMapNamed, context, podNamed, refusal } from './registry-fixture.ts'
import { allow, deny, hooked, type Hooked, respond, rule } from './webhooks-fixture.ts'

const made = ({ verbs }: Hooked, name = 'a', more: object = {}) => verbs.create(configMap, 'default', configMapNamed(name, more), context())
const ref = { namespace: 'default', name: 'a' }

describe('validating webhooks', () => {
  it('are told everything about a request', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/check', allow)
    await cluster.validating('check')
    const user = { name: 'jane', uid: '7', groups: ['dev'], extra: { team: ['a'] } }
    await cluster.verbs.create(configMap, 'default', configMapNamed('a'), context({ user, fieldManager: 'tests', dryRun: true }))
    const [request] = cluster.sent('check')
    expect(request).toMatchObject({
      kind: { group: '', version: 'v1', kind: 'ConfigMap' }, resource: { group: '', version: 'v1', resource: 'configmaps' },
      requestKind: { group: '', version: 'v1', kind: 'ConfigMap' }, requestResource: { group: '', version: 'v1', resource: 'configmaps' },
      name: 'a', namespace: 'default', operation: 'CREATE', dryRun: true, oldObject: null,
      userInfo: { username: 'jane', uid: '7', groups: ['dev'], extra: { team: ['a'] } },
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default', uid: expect.any(String) as string }, data: { key: 'value' } },
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'tests', dryRun: ['All'] },
    })
    expect(request).not.toHaveProperty('subResource')
  })

  it.each<[what: string, status: object | undefined, code: number, reason: string, message: string]>([
    ['a message', { message: 'no such data' }, 400, '', 'admission webhook "check.example.com" denied the request: no such data'],
    ['a code and a reason', { code: 403, reason: 'Forbidden', message: 'not you' }, 403, 'Forbidden', 'admission webhook "check.example.com" denied the request: not you'],
    ['a reason alone', { reason: 'Tired' }, 400, 'Tired', 'admission webhook "check.example.com" denied the request: Tired'],
    ['nothing', undefined, 400, '', 'admission webhook "check.example.com" denied the request without explanation'],
    ['a code of success', { code: 200, message: 'well' }, 400, '', 'admission webhook "check.example.com" denied the request: well'],
  ])('refuse with %s', async (_what, status, code, reason, message) => {
    const cluster = await hooked()
    cluster.handlers.set('/check', deny(status))
    await cluster.validating('check')
    const refused = await refusal(made(cluster))
    expect([refused.code, refused.reason, refused.message]).toEqual([code, reason, message])
    expect((await refusal(cluster.verbs.get(configMap, ref))).code).toBe(404)
  })

  it('see updates and patches with the object as it was, and deletions without the new one', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/check', allow)
    await cluster.validating('check')
    await made(cluster)
    await cluster.verbs.update(configMap, ref, { metadata: { name: 'a' }, data: { key: 'next' } }, context())
    await cluster.verbs.patch(configMap, ref, { type: 'merge', body: { data: { key: 'last' } } }, context())
    await cluster.verbs.patch(configMap, ref, { type: 'apply', body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { more: 'x' } } }, context({ fieldManager: 'm' }))
    await cluster.verbs.delete(configMap, ref, { propagationPolicy: 'Background' }, context())
    const [, updated, patched, applied, gone] = cluster.sent('check')
    expect(updated).toMatchObject({ operation: 'UPDATE', object: { data: { key: 'next' } }, oldObject: { data: { key: 'value' } }, options: { kind: 'UpdateOptions' } })
    expect(patched).toMatchObject({ operation: 'UPDATE', object: { data: { key: 'last' } }, oldObject: { data: { key: 'next' } } })
    expect(applied).toMatchObject({ operation: 'UPDATE', object: { data: { key: 'last', more: 'x' } } })
    expect(gone).toMatchObject({ operation: 'DELETE', object: null, oldObject: { data: { key: 'last', more: 'x' } }, options: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', propagationPolicy: 'Background' } })
  })

  it('can keep an object from being deleted, alone and among others', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/keep', (review) => respond(review, { allowed: (review.request.oldObject as { metadata: { name: string } }).metadata.name !== 'a' }))
    await cluster.validating('keep', { rules: [rule(['configmaps'], ['DELETE'])] })
    await made(cluster)
    await made(cluster, 'b')
    expect((await refusal(cluster.verbs.delete(configMap, ref, {}, context()))).message).toContain('denied the request')
    await refusal(cluster.verbs.deleteCollection(configMap, { namespace: 'default' }, {}, context({ verb: 'deletecollection' })))
    expect((await cluster.verbs.get(configMap, ref)).object.metadata.name).toBe('a')
    expect(cluster.sent('keep').at(-1)).not.toHaveProperty('name')
    await cluster.verbs.delete(configMap, { ...ref, name: 'b' }, {}, context())
  })

  it('are asked again when somebody else changed the object meanwhile', async () => {
    const cluster = await hooked()
    await made(cluster)
    let others = 1
    cluster.handlers.set('/check', (review, _req, res) => {
      const isMine = (review.request.userInfo as { username: string }).username === 'tester'
      if (!isMine || others-- <= 0) return respond(review, {})
      const other = context({ user: { name: 'other', groups: [] } })
      void cluster.verbs.patch(configMap, ref, { type: 'merge', body: { data: { other: 'x' } } }, other).then(() => res.end(JSON.stringify(respond(review, {}))))
      return undefined
    })
    await cluster.validating('check')
    const { object } = await cluster.verbs.patch(configMap, ref, { type: 'merge', body: { data: { mine: 'y' } } }, context())
    expect(object).toMatchObject({ data: { key: 'value', other: 'x', mine: 'y' } })
    expect(cluster.sent('check').map(({ object: seen }) => Object.keys((seen as { data: object }).data))).toEqual([['key', 'mine'], ['key', 'other'], ['key', 'other', 'mine']])
  })

  it('see the name that was generated', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/check', allow)
    await cluster.validating('check')
    const { object } = await cluster.verbs.create(configMap, 'default', { metadata: { generateName: 'made-' } }, context())
    expect(cluster.sent('check')[0]).toMatchObject({ name: object.metadata.name, object: { metadata: { name: object.metadata.name } } })
  })

  it('are asked only for what the kind itself lets pass', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/check', allow)
    await cluster.validating('check')
    expect((await refusal(made(cluster, 'Bad_Name'))).code).toBe(422)
    expect(cluster.sent('check')).toEqual([])
  })

  it.each<[what: string, webhook: object, asked: boolean]>([
    ['a subresource pattern', { rules: [rule(['configmaps/*'])] }, true],
    ['another subresource', { rules: [rule(['configmaps/status'])] }, false],
    ['all resources', { rules: [rule(['*'])] }, true],
    ['another operation', { rules: [rule(['configmaps'], ['UPDATE'])] }, false],
    ['another group', { rules: [rule(['configmaps'], ['*'], ['apps'])] }, false],
    ['another version', { rules: [rule(['configmaps'], ['*'], [''], ['v2'])] }, false],
    ['the scope of namespaces', { rules: [{ ...rule(['*']), scope: 'Namespaced' }] }, true],
    ['the scope of the cluster', { rules: [{ ...rule(['*']), scope: 'Cluster' }] }, false],
    ['labels of the namespace', { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } }, true],
    ['labels of another namespace', { namespaceSelector: { matchLabels: { team: 'a' } } }, false],
    ['labels of the object', { objectSelector: { matchLabels: { tier: 'web' } } }, true],
    ['labels that it does not have', { objectSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } }, false],
    ['a condition that holds', { matchConditions: [{ name: 'a', expression: 'object.data.key == "value" && request.operation == "CREATE"' }] }, true],
    ['a condition about the user', { matchConditions: [{ name: 'a', expression: 'request.userInfo.username != "tester"' }] }, false],
    ['one condition of two that does not hold', { matchConditions: [{ name: 'a', expression: 'object.nothing == 1' }, { name: 'b', expression: 'false' }] }, false],
    ['a condition that fails, where failures are ignored', { failurePolicy: 'Ignore', matchConditions: [{ name: 'a', expression: 'object.nothing == 1' }] }, false],
  ])('choose by %s', async (_what, webhook, asked) => {
    const cluster = await hooked()
    cluster.handlers.set('/check', allow)
    await cluster.validating('check', webhook)
    await made(cluster, 'a', { labels: { tier: 'web' } })
    expect(cluster.sent('check')).toHaveLength(asked ? 1 : 0)
  })

  it('ask the authorizer in a condition, and refuse what a failing condition leaves open', async () => {
    const cluster = await hooked({ authorize: (user, attributes) => ({ allowed: user.name === 'admin' && 'resource' in attributes && attributes.verb === 'breakglass', reason: '' }) })
    cluster.handlers.set('/check', deny())
    await cluster.validating('check', { matchConditions: [{ name: 'glass', expression: '!authorizer.group("admissionregistration.k8s.io").resource("validatingwebhookconfigurations").name("check").check("breakglass").allowed()' }] })
    await cluster.verbs.create(configMap, 'default', configMapNamed('free'), context({ user: { name: 'admin', groups: [] } }))
    expect((await refusal(made(cluster))).message).toContain('denied')
    const failing = await hooked()
    await failing.validating('check', { matchConditions: [{ name: 'a', expression: 'object.nothing == 1' }] })
    const refused = await refusal(made(failing))
    expect([refused.code, refused.message]).toEqual([403, `configmaps "a" is forbidden: expression 'object.nothing == 1' resulted in error: no such key: nothing`])
  })

  it('are counted with what their conditions came to', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/check', allow)
    await cluster.validating('check', { failurePolicy: 'Ignore', matchConditions: [{ name: 'a', expression: 'object.metadata.name == "asked" || object.nothing == 1' }, { name: 'b', expression: 'object.metadata.name != "free"' }] })
    await cluster.mutating('change', { matchConditions: [{ name: 'a', expression: 'false' }] })
    for (const name of ['asked', 'free', 'wrong']) await made(cluster, name)
    expect(cluster.sent('check').map(({ name }) => name)).toEqual(['asked'])
    const text = exposition(cluster.conditions.families())
    const labels = '{name="check.example.com",kind="webhook",type="validating",operation="CREATE"}'
    expect(text).toContain(`apiserver_admission_match_condition_evaluation_seconds_count${labels} 3\n`)
    expect(text).toContain(`apiserver_admission_match_condition_evaluation_errors_total${labels} 2\n`)
    expect(text).toContain(`apiserver_admission_match_condition_exclusions_total${labels} 2\n`)
    expect(text).toContain('apiserver_admission_match_condition_exclusions_total{name="change.example.com",kind="webhook",type="admit",operation="CREATE"} 3\n')
  })

  it('choose namespaces by their own labels', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/check', deny())
    await cluster.validating('check', { rules: [rule(['namespaces'])], namespaceSelector: { matchLabels: { guarded: 'yes' } } })
    const create = (name: string, labels: object) => cluster.verbs.create(namespace, undefined, { metadata: { name, labels } }, context())
    await create('free', {})
    await refusal(create('held', { guarded: 'yes' }))
    expect(cluster.sent('check')[0]).toMatchObject({ name: 'held', namespace: 'held' })
  })

  it('take what is in no namespace whatever their namespaceSelector says', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/check', deny())
    await cluster.validating('check', { rules: [rule(['nodes'])], namespaceSelector: { matchLabels: { guarded: 'yes' } } })
    await refusal(cluster.verbs.create(node, undefined, { metadata: { name: 'n1' } }, context()))
  })

  it('see another version of the object where their rules are about that, unless they match exactly', async () => {
    const cluster = await hooked()
    for (const name of ['equivalent', 'exact']) cluster.handlers.set(`/${name}`, allow)
    const rules = [rule(['horizontalpodautoscalers'], ['*'], ['autoscaling'], ['v2'])]
    await cluster.validating('equivalent', { rules })
    await cluster.validating('exact', { rules, matchPolicy: 'Exact' })
    const spec = { minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 60, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } }
    await cluster.verbs.create(horizontalPodAutoscalerV1, 'default', { metadata: { name: 'web' }, spec }, context())
    expect(cluster.sent('exact')).toEqual([])
    expect(cluster.sent('equivalent')).toMatchObject([{
      kind: { group: 'autoscaling', version: horizontalPodAutoscaler.version, kind: 'HorizontalPodAutoscaler' },
      resource: { version: 'v2' }, requestKind: { version: 'v1' }, requestResource: { version: 'v1' },
      object: { apiVersion: 'autoscaling/v2', spec: { metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 60 } } }] } },
    }])
  })

  it('speak v1beta1 with those that speak nothing else, and leave out what it did not ask for', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/old', () => ({ response: { allowed: true } }))
    await cluster.validating('old', { admissionReviewVersions: ['v0', 'v1beta1', 'v1'] })
    await made(cluster)
    expect(cluster.reviews[0]!.review.apiVersion).toBe('admission.k8s.io/v1beta1')
  })

  it.each<[what: string, answer: (review: Parameters<typeof allow>[0]) => object, sentence: string]>([
    ['no response', () => ({}), 'received invalid webhook response: webhook response was absent'],
    ['another uid', (review) => respond(review, { uid: 'x' }), 'received invalid webhook response: expected response.uid='],
    ['another version', (review) => ({ ...respond(review, {}), apiVersion: 'admission.k8s.io/v1beta1' }), 'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got admission.k8s.io/v1beta1, Kind=AdmissionReview'],
    ['a patch', (review) => respond(review, { patch: 'W10=', patchType: 'JSONPatch' }), 'validating webhook may not return response.patch'],
    ['nonsense for a flag', (review) => respond(review, { allowed: 'yes' }), 'cannot unmarshal'],
  ])('fail on an answer with %s, and their failure is a refusal unless it is ignored', async (_what, answer, sentence) => {
    const cluster = await hooked()
    cluster.handlers.set('/bad', answer)
    await cluster.validating('bad')
    const refused = await refusal(made(cluster))
    expect([refused.code, refused.reason]).toEqual([500, 'InternalError'])
    expect(refused.message).toContain('Internal error occurred: failed calling webhook "bad.example.com": ')
    expect(refused.message).toContain(sentence)
    await cluster.verbs.patch(validatingWebhookConfiguration, { name: 'bad' }, { type: 'json', body: [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }] }, context())
    await made(cluster)
  })

  it('are given as long as they were promised, and no longer', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/hang', () => undefined)
    await cluster.validating('hang', { timeoutSeconds: 1 })
    expect((await refusal(made(cluster))).message).toBe(
      'Internal error occurred: failed calling webhook "hang.example.com": failed to call webhook: Post "https://hooks.default.svc:443/hang?timeout=1s": context deadline exceeded',
    )
    await cluster.verbs.patch(validatingWebhookConfiguration, { name: 'hang' }, { type: 'json', body: [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }] }, context())
    await made(cluster)
  })

  it('are asked all at once, and the first in order is told', async () => {
    const cluster = await hooked()
    const waiting: Array<() => void> = []
    for (const name of ['b', 'a']) {
      cluster.handlers.set(`/${name}`, (review, _req, res) => {
        waiting.push(() => res.end(JSON.stringify(deny({ message: name })(review, _req, res))))
        // nobody is answered before everybody has been asked
        if (waiting.length === 2) for (const answer of waiting) answer()
        return undefined
      })
      await cluster.validating(name)
    }
    expect((await refusal(made(cluster))).message).toBe('admission webhook "a.example.com" denied the request: a')
  })

  it('with side effects keep a dry run from happening', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/check', allow)
    await cluster.validating('check', { sideEffects: 'NoneOnDryRun' })
    await cluster.verbs.create(configMap, 'default', configMapNamed('a'), context({ dryRun: true }))
    expect(cluster.sent('check')).toHaveLength(1)
  })

  it('are never asked about webhook configurations', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/all', deny())
    await cluster.validating('all', { rules: [rule(['*/*'])] })
    await cluster.mutating('other', { rules: [rule(['secrets'])] })
    await cluster.verbs.patch(validatingWebhookConfiguration, { name: 'all' }, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } }, context())
    await refusal(made(cluster))
    await cluster.verbs.delete(validatingWebhookConfiguration, { name: 'all' }, {}, context())
    await made(cluster)
  })

  it('are not asked about what the server itself writes, and needs in order to start', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/all', deny())
    await cluster.validating('all', { rules: [rule(['*/*'])] })
    await cluster.mutating('all', { rules: [rule(['*/*'])] })
    await cluster.verbs.create(configMap, 'default', configMapNamed('a'), context({ user: server }))
    // whoever merely calls themselves so is asked about
    await refusal(cluster.verbs.create(configMap, 'default', configMapNamed('b'), context({ user: { ...server } })))
  })

  it('are no longer asked once they are deleted, many together too', async () => {
    const cluster = await hooked()
    for (const name of ['one', 'two']) {
      cluster.handlers.set(`/${name}`, deny())
      await cluster.validating(name)
    }
    await refusal(made(cluster))
    await cluster.verbs.deleteCollection(validatingWebhookConfiguration, {}, {}, context())
    await made(cluster)
  })

  it('see each subresource as what it is', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/all', allow)
    await cluster.validating('all', { rules: [rule(['*/*'])] })
    const spec = { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } }
    await cluster.verbs.create(deployment, 'default', { metadata: { name: 'web' }, spec }, context())
    await cluster.verbs.patch(deployment, { ...ref, name: 'web' }, { type: 'merge', body: { spec: { replicas: 3 } } }, context(), 'scale')
    expect(cluster.sent('all').at(-1)).toMatchObject({
      operation: 'UPDATE', subResource: 'scale', requestSubResource: 'scale', resource: { group: 'apps', resource: 'deployments' },
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, object: { kind: 'Scale', spec: { replicas: 3 } }, oldObject: { kind: 'Scale', spec: { replicas: 1 } },
    })
    await cluster.verbs.create(node, undefined, { metadata: { name: 'n1' } }, context())
    await cluster.verbs.create(pod, 'default', podNamed('a'), context())
    await cluster.verbs.createSubresource(pod, ref, 'binding', { metadata: { name: ref.name }, target: { kind: 'Node', name: 'n1' } }, context())
    expect(cluster.sent('all').at(-1)).toMatchObject({ operation: 'CREATE', subResource: 'binding', kind: { kind: 'Binding' }, resource: { resource: 'pods' }, object: { target: { name: 'n1' } }, oldObject: null })
    await cluster.verbs.patch(pod, ref, { type: 'merge', body: { status: { phase: 'Running' } } }, context(), 'status')
    expect(cluster.sent('all').at(-1)).toMatchObject({ operation: 'UPDATE', subResource: 'status', kind: { kind: 'Pod' }, object: { status: { phase: 'Running' } } })
    const before = cluster.sent('all').length
    await cluster.verbs.createSubresource(pod, ref, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } }, context())
    expect(cluster.sent('all')).toHaveLength(before + 1)
    expect(cluster.sent('all').at(-1)).toMatchObject({ operation: 'CREATE', subResource: 'eviction', kind: { group: 'policy', version: 'v1', kind: 'Eviction' }, resource: { resource: 'pods' } })
  })

  it('are asked before a quota is charged', async () => {
    const cluster = await hooked()
    cluster.handlers.set('/check', deny({ message: 'no' }))
    await cluster.validating('check', { rules: [rule(['pods'], ['CREATE'])] })
    const { resourceQuota } = await import('../../src-main/kinds/core/resource-quota.ts')
    await cluster.verbs.create(resourceQuota, 'default', { metadata: { name: 'none' }, spec: { hard: { pods: '0' } } }, context())
    expect((await refusal(cluster.verbs.create(pod, 'default', podNamed('a'), context()))).message).toContain('denied the request: no')
  })
})
